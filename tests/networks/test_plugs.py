"""A projector in layers that people have: torch's parametrizations, and the package hyper-connections itself."""

import copy
import io

import pytest
import torch
from hyper_connections import mHCv2
from hyper_connections.manifold_constrained_hyper_connections import ManifoldConstrainedHyperConnections
from torch.nn.utils import parametrize

from networks import MixingMatrix, constraint, doubly_stochastic
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn
from tests.networks.networks import each_projector, made, normal, seeded
from tests.projectors.table import sum_error

FITTING = [projector for projector in made(4, s=1) if projector.parameter_count <= 16]


def linear(n):
    return torch.nn.Linear(n, n, bias=False)


# --- parametrizations -----------------------------------------------------------------------------------------------


@each_projector
def test_a_weight_becomes_doubly_stochastic_and_stays_so(projector):
    layer = doubly_stochastic(linear(projector.n), "weight", projector, generator=seeded())
    start = layer.weight.detach().clone()
    assert start.diagonal().mean() > 0.9
    optimizer = torch.optim.Adam(layer.parameters(), 0.1)
    for _ in range(5):
        optimizer.zero_grad()
        (layer.weight * normal(projector.n, projector.n)).sum().backward()
        optimizer.step()
    assert not torch.equal(layer.weight, start) or not projector.parameter_count
    assert sum_error(layer.weight.detach()) < (1e-5 if projector.exact else 0.05)


@pytest.mark.parametrize("projector", [Orthostochastic(3, 2), PermutationMixture(3), Sinkhorn(3)], ids=str)
def test_a_given_matrix_is_where_it_starts(projector):
    matrix = torch.tensor([[0.5, 0.3, 0.2], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]])
    layer = doubly_stochastic(linear(3), "weight", projector)
    layer.weight = matrix
    assert torch.allclose(layer.weight, matrix, atol=1e-5)


def test_a_matrix_out_of_reach_is_said_to_be():
    layer = doubly_stochastic(linear(3), "weight", Orthostochastic(3, 1))
    with pytest.warns(UserWarning, match=r"comes? as near as 0\.47"):
        layer.weight = torch.full((3, 3), 1 / 3)
    with pytest.warns(UserWarning, match="as near as"):
        layer.weight = 2 * torch.eye(3)
    assert torch.allclose(layer.weight, torch.eye(3), atol=1e-4)  # the nearest that is doubly stochastic


def test_it_saves_loads_and_copies():
    layer = doubly_stochastic(linear(3), "weight", Orthostochastic(3, 2))
    with torch.no_grad():
        layer.parametrizations.weight.original.add_(normal(15))
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = doubly_stochastic(linear(3), "weight", Orthostochastic(3, 2))
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other.weight, layer.weight)
    assert torch.equal(copy.deepcopy(layer).weight, layer.weight)
    parametrize.remove_parametrizations(other, "weight")
    assert torch.equal(other.weight, layer.weight)


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        (torch.nn.Linear(3, 4), "weight", r"shape \(4, 3\)"),
        (torch.nn.Linear(3, 3, bias=False), "bias", "not None"),
        (torch.nn.Linear(3, 3), "wait", "'wait'"),
        (torch.nn.Linear(3, 3), 7, "7"),
    ],
)
def test_other_parameters_are_refused(module, name, said):
    with pytest.raises(ValueError, match=said):
        doubly_stochastic(module, name, Orthostochastic(3, 2))


@pytest.mark.parametrize("value", [torch.ones(2, 2), torch.full((3, 3), torch.nan), torch.ones(3)])
def test_other_matrices_are_refused(value):
    layer = doubly_stochastic(linear(3), "weight", Orthostochastic(3, 2))
    before = layer.weight.detach().clone()
    with pytest.raises(ValueError, match=r"want|shape"):
        layer.weight = value
    assert torch.equal(layer.weight, before)


@each_projector
def test_a_matrix_of_its_own(projector):
    mixing = MixingMatrix(projector, 2, 3, generator=seeded())
    assert mixing().shape == (2, 3, projector.n, projector.n)
    starts = {tuple(theta) for theta in mixing.theta.detach().flatten(0, 1).tolist()}
    assert len(starts) == (6 if projector.n > 2 and projector.parameter_count else len(starts))


# --- hyper-connections ----------------------------------------------------------------------------------------------


def theirs(version, projector, dim=16):
    kind = ManifoldConstrainedHyperConnections if version == 1 else mHCv2.ManifoldConstrainedHyperConnections
    branch = torch.nn.Linear(dim, dim)
    with torch.no_grad():
        branch.weight.copy_(0.1 * normal(dim, dim))
    fit = constraint(projector)
    return kind(4, dim=dim, branch=branch, layer_index=0, residual_mix_constraint_fn=fit)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("projector", FITTING, ids=str)
def test_it_trains_a_hundred_steps_within_their_layers(version, projector):
    layer = theirs(version, projector)
    X = normal(2 * 4, 5, 16) if version == 1 else normal(2, 5, 4, 16)
    wanted = X.roll(1, 0 if version == 1 else 2)
    optimizer = torch.optim.Adam(layer.parameters(), 1e-2)
    losses = []
    for _ in range(100):
        loss = (layer(X) - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
    gradient = layer.static_alpha.grad[:, -4:]
    assert gradient.isfinite().all()
    assert bool(gradient.abs().max() > 0) == bool(projector.parameter_count)


@pytest.mark.parametrize("projector", FITTING, ids=str)
def test_it_starts_near_the_identity_there_too(projector):
    fit = constraint(projector)
    start = fit(torch.eye(4).expand(2, 3, 1, 4, 4))  # not contiguous, as theirs
    assert start.shape == (2, 3, 1, 4, 4)
    assert start.dtype == torch.float32
    assert start.diagonal(dim1=-2, dim2=-1).mean() > 0.9
    assert fit(torch.eye(4, dtype=torch.float64)[None].mT).dtype == torch.float64


@pytest.mark.parametrize("projector", [Orthostochastic(4, 2), PermutationMixture(4)], ids=str)
def test_what_does_not_fit_is_refused_by_the_name_of_what_does(projector):
    with pytest.raises(ValueError, match=r"16 logits .* networks\.HyperConnection"):
        constraint(projector)


def test_other_logits_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 9\)"):
        constraint(Kronecker((PermutationMixture(2),) * 2))(torch.ones(4, 9))
