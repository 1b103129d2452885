"""What torch does with layers: dtypes, compilers, checkpoints, copies, states, processes."""

import copy
import io
from itertools import product

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from networks import Contract, Expand, HyperConnection, MixingMatrix, block, doubly_stochastic
from networks.hyper_connection import EPSILON
from projectors import EuclideanProjection, Orthostochastic, PermutationMixture, Sinkhorn
from projectors.outside import SpectralSphere, Unconstrained
from tests.networks.networks import WIDTH, each_map, made, nonlinear, normal, seeded, shaken

SMALL = [*made(3), SpectralSphere(3), Unconstrained(3)]


def connection(projector, **options):
    return shaken(HyperConnection(WIDTH, projector, nonlinear(), generator=seeded(), **options), 0.2)


@pytest.mark.parametrize("projector", SMALL, ids=str)
def test_derivatives_are_right(projector):
    layer = shaken(HyperConnection(2, projector, generator=seeded()), 0.2).double()
    names = [name for name, _ in layer.named_parameters()]

    def computed(streams, *values):
        return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), (streams,))

    X = normal(2, 3, 2, dtype=torch.float64).requires_grad_()
    values = [parameter.detach().requires_grad_() for parameter in layer.parameters()]
    assert torch.autograd.gradcheck(computed, (X, *values), fast_mode=True)


@each_map
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_mixes_in_single(projector, dtype):
    layer, X = connection(projector), normal(5, projector.n, WIDTH)
    exact = layer(X)
    with torch.autocast("cpu", dtype=dtype):
        found, maps = layer(X), layer.maps(X)
    assert found.dtype == torch.float32
    assert all(map_.dtype == torch.float32 for map_ in maps)
    assert torch.allclose(found, exact, atol=0.1)  # the branch alone is rounded
    assert torch.allclose(maps.res, layer.maps(X).res, atol=1e-6)
    half = copy.deepcopy(layer).to(dtype)
    assert half(X.to(dtype)).dtype == dtype
    assert half.maps(X.to(dtype)).res.dtype == torch.float32


@pytest.mark.parametrize("projector", made(3), ids=str)
@pytest.mark.parametrize("dynamic", [True, False])
def test_a_compiled_layer_is_the_layer(projector, dynamic):
    layer, X = connection(projector, dynamic=dynamic), normal(5, 3, WIDTH)
    torch.compiler.reset()
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    found = compiled(X)
    assert torch.allclose(found, layer(X), atol=1e-5)
    found.sum().backward()
    assert torch.allclose(layer.bias.grad, torch.autograd.grad(layer(X).sum(), layer.bias)[0], atol=1e-4)


@pytest.mark.parametrize("projector", made(3), ids=str)
def test_checkpointed_activations_change_nothing(projector):
    layer, X = connection(projector), normal(5, 3, WIDTH).requires_grad_()
    plain = torch.autograd.grad(layer(X).square().sum(), [X, *layer.parameters()])
    saved = torch.autograd.grad(checkpoint(layer, X, use_reentrant=False).square().sum(), [X, *layer.parameters()])
    assert all(torch.equal(*pair) for pair in zip(plain, saved, strict=True))


def test_maps_are_each_tokens_own():
    """What one token is given does not move what another gets: values and gradients keep their place in the batch."""
    layer, X = connection(Orthostochastic(3, 2)), normal(4, 3, WIDTH).requires_grad_()
    (gradient,) = torch.autograd.grad(layer(X)[1].square().sum(), X)
    assert [bool(row.abs().max() > 0) for row in gradient] == [False, True, False, False]
    poisoned = X.detach().clone()
    poisoned[2] = torch.nan
    found = layer(poisoned)
    assert torch.allclose(found[[0, 1, 3]], layer(X)[[0, 1, 3]], atol=1e-6)
    assert found[2].isnan().all()
    assert layer(torch.empty(0, 3, WIDTH)).shape == (0, 3, WIDTH)


def test_a_layer_without_numbers_has_shapes():
    layer = connection(Orthostochastic(3, 2)).to("meta")
    assert layer(torch.empty(2, 5, 3, WIDTH, device="meta")).shape == (2, 5, 3, WIDTH)


@pytest.mark.parametrize("projector", SMALL, ids=str)
def test_a_layer_made_without_numbers_takes_those_of_a_state(projector):
    """As large models are made: on the meta device, then filled from a file."""
    layer, X = connection(projector), normal(5, 3, WIDTH)
    with torch.device("meta"):
        empty = HyperConnection(WIDTH, projector, torch.nn.Sequential(torch.nn.Linear(WIDTH, WIDTH), torch.nn.Tanh()))
        assert MixingMatrix(projector, 2)().shape == (2, 3, 3)
    assert all(tensor.is_meta for tensor in empty.state_dict().values())
    empty.load_state_dict(layer.state_dict(), assign=True)
    assert torch.equal(empty(X), layer(X))


def test_arguments_reach_the_branch():
    class Shifted(torch.nn.Module):
        def forward(self, x, shift, *, times=1):
            return x * 0 + shift * times

    layer = HyperConnection(WIDTH, PermutationMixture(3), Shifted(), generator=seeded())
    X = normal(5, 3, WIDTH)
    difference = layer(X, 2.0, times=3) - layer(X, 0.0)
    assert torch.allclose(difference, torch.full_like(X, 6.0), atol=1e-5)


# --- states ---------------------------------------------------------------------------------------------------------


def test_the_names_in_a_state_stay():
    layer = HyperConnection(WIDTH, Orthostochastic(3, 2), torch.nn.Linear(WIDTH, WIDTH))
    assert {name: tuple(tensor.shape) for name, tensor in layer.state_dict().items() if "branch" not in name} == {
        "bias": (3 + 3 + 15,),
        "weight": (3 + 3 + 15, 3 * WIDTH),
        "gain": (3 * WIDTH,),
        "scale": (3,),
        "recipe.text": (len("Orthostochastic(n=3, s=2)"),),
    }
    assert set(HyperConnection(WIDTH, Sinkhorn(3), dynamic=False).state_dict()) == {"bias", "recipe.text"}


@each_map
def test_a_state_saves_loads_and_copies(projector):
    layer, X = connection(projector), normal(5, projector.n, WIDTH)
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = HyperConnection(WIDTH, projector, nonlinear(seed=5), generator=seeded(7))
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(X), layer(X))
    assert torch.equal(copy.deepcopy(layer)(X), layer(X))


def test_the_state_of_another_projector_is_refused_though_it_fits():
    def plugged(projector):
        return doubly_stochastic(torch.nn.Linear(4, 4, bias=False), "weight", projector)

    makers = (lambda projector: HyperConnection(WIDTH, projector, nonlinear()), MixingMatrix, plugged)
    for make, other in product(makers, (Sinkhorn(4, 5), EuclideanProjection(4))):
        layer = copy.deepcopy(make(other))
        before = {name: parameter.clone() for name, parameter in layer.named_parameters() if "branch" not in name}
        with pytest.raises(RuntimeError, match=r"Sinkhorn\(n=4, iterations=20"):
            layer.load_state_dict(make(Sinkhorn(4)).state_dict())
        now = dict(layer.named_parameters())
        assert all(torch.equal(now[name], parameter) for name, parameter in before.items())


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("own", [1e-3, EPSILON])
def test_the_state_of_another_epsilon_is_refused(own, strict):
    other, layer = (connection(Sinkhorn(3), epsilon=epsilon) for epsilon in (0.1, own))
    before = {name: tensor.clone() for name, tensor in layer.named_parameters(recurse=False)}
    with pytest.raises(RuntimeError, match=r"the state is that of 0\.1, not of"):
        layer.load_state_dict(shaken(other, 0.3).state_dict(), strict=strict)
    assert all(torch.equal(tensor, before[name]) for name, tensor in layer.named_parameters(recurse=False))


def test_casts_leave_a_small_epsilon_in_the_state():
    layer = connection(Sinkhorn(3), epsilon=1e-9).half()
    assert layer.state_dict()["epsilon_of_norm"].item() == 1e-9
    connection(Sinkhorn(3), epsilon=1e-9).load_state_dict(layer.state_dict())
    of_before = {**layer.state_dict(), "epsilon_of_norm": torch.tensor(1e-9, dtype=torch.float16)}
    layer.load_state_dict(of_before)


def test_all_parameters_are_of_the_dtype_that_is_the_usual_one():
    torch.set_default_dtype(torch.float64)
    try:
        modules = HyperConnection(WIDTH, Sinkhorn(3)), MixingMatrix(Sinkhorn(3))
    finally:
        torch.set_default_dtype(torch.float32)
    assert {parameter.dtype for module in modules for parameter in module.parameters()} == {torch.float64}


def test_what_a_layer_prints_says_what_it_is():
    assert "width=12, projector=Orthostochastic(n=3, s=2), dynamic=True" in repr(connection(Orthostochastic(3, 2)))
    assert "batch=(5,)" in repr(MixingMatrix(Sinkhorn(3), 5))
    assert repr(Expand(3)) == "Expand(n=3)"


def test_a_generator_decides_where_a_layer_starts():
    def first(generator):
        return HyperConnection(WIDTH, Orthostochastic(3, 2), generator=generator).bias

    assert torch.equal(first(seeded(0)), first(seeded(0)))
    assert not torch.equal(first(seeded(0)), first(seeded(1)))
    assert not torch.equal(first(None), first(None))  # torch's own, as of its own layers


# --- training -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("projector", made(4), ids=str)
def test_a_block_trains(projector):
    generator = seeded()

    def connect(branch, number):
        return HyperConnection(24, projector, branch, reads=number, generator=generator)

    network = torch.nn.Sequential(Expand(4), *(block(24, 2, connect, layer) for layer in range(2)), Contract())
    with torch.no_grad():
        for weight in (module.weight for module in network.modules() if isinstance(module, torch.nn.Linear)):
            weight.normal_(0, 0.1, generator=generator)
    x, wanted = normal(4, 6, 24), normal(4, 6, 24, seed=1)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    losses = []
    for _ in range(60):
        loss = (network(x) - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.4 * losses[0]
    assert all(p.isfinite().all() for p in network.parameters())
