# %% [markdown]
# # From a question to a layer
#
# Four residual streams, mixed at every layer by a doubly stochastic matrix. Which map makes that matrix? Look at what
# each reaches, take a layer home, train it, and look into what it has learned. Runs as a script, or cell by cell in any
# editor that knows `# %%`.

# %%
import torch

import inspector
from geometry.reach import solve
from networks import Contract, Expand, HyperConnection
from projectors import Kronecker, Orthostochastic, PermutationMixture

generator = torch.Generator().manual_seed(0)

# %% [markdown]
# ## Who can rotate streams?
#
# A matrix that moves every stream to the next one has the eigenvalue i. Products of 2 x 2 matrices have none off the
# real axis; go-mHC has them, with a witness.

# %%
candidates = {
    "KromHC": Kronecker((PermutationMixture(2), PermutationMixture(2))),
    "go-mHC": Orthostochastic(4, 2),
}
for name, projector in candidates.items():
    found = solve(projector, [0.95j])
    print(f"{name} with {projector.parameter_count} numbers reaches 0.95i: {bool(found.solved[0])}")

# %% [markdown]
# ## A network of four streams
#
# `Expand` copies the input into the streams and `Contract` takes their mean. Each `HyperConnection` reads one stream
# more than the others, runs its branch, writes to all of them and mixes them. At the start that is the plain residual
# network.


# %%
def network(projector, width=16, depth=3):
    layers = [
        HyperConnection(
            width,
            projector,
            torch.nn.Sequential(torch.nn.LayerNorm(width), torch.nn.Linear(width, width), torch.nn.GELU()),
            reads=number,
            generator=generator,
        )
        for number in range(depth)
    ]
    return torch.nn.Sequential(Expand(4), *layers, Contract())


# %% [markdown]
# ## Train it

# %%
model = network(candidates["go-mHC"])
x = torch.randn(256, 16, generator=generator)
wanted = x.roll(1, -1).tanh()
optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
losses = []
for _ in range(200):
    loss = (model(x) - wanted).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")

# %% [markdown]
# ## Look into it
#
# The file says itself which projector its numbers belong to: `inspector.open("model.safetensors")`, the page *Your
# matrices*, or, as here, the matrices of the tokens that pass.

# %%
with inspector.record(model) as seen, torch.no_grad():
    model(x[:8])
for site in seen.collection():
    matrix = site.matrix.mean(0)
    print(site.name, "keeps", f"{matrix.diagonal().mean():.2f}", "of a stream; sums off by", f"{site.row_error:.0e}")
