# %% [markdown]
# # Doubly stochastic matrices in layers that you have
#
# A parameter of any module by torch's own parametrizations, and the mixing of the package hyper-connections
# (`pip install hyper-connections`).

# %%
import torch
from hyper_connections.manifold_constrained_hyper_connections import ManifoldConstrainedHyperConnections

from networks import constraint, doubly_stochastic
from projectors import Orthostochastic

# %% [markdown]
# ## One line for a weight
#
# What is trained and saved is theta. Assigning a matrix starts there, or at the nearest one in reach, with a warning.

# %%
layer = doubly_stochastic(torch.nn.Linear(3, 3, bias=False), "weight", Orthostochastic(3, 2))
layer.weight = torch.tensor([[0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]])
print(layer.weight.detach(), layer.weight.sum(0).detach())

# %% [markdown]
# ## One argument for hyper-connections
#
# That package predicts n^2 logits for a matrix, which go-mHC at s = 1 can do with. What needs more is refused, with the
# layer named that predicts as many as are wanted.

# %%
theirs = ManifoldConstrainedHyperConnections(
    4, dim=16, branch=torch.nn.Linear(16, 16), residual_mix_constraint_fn=constraint(Orthostochastic(4, 1))
)
streams = torch.randn(4 * 2, 10, 16, generator=torch.Generator().manual_seed(0))  # there, streams are in the batch
print(theirs(streams).shape)

try:
    constraint(Orthostochastic(4, 2))
except ValueError as refused:
    print(refused)
