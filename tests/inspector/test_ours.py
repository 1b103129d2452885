"""Layers of `networks` come back through a file as what they are."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.checkpoint import checkpoint

import inspector
from networks import Expand, HyperConnection, MixingMatrix, doubly_stochastic
from projectors import (
    Circulant,
    Identity,
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    methods,
    variants,
)
from projectors.conventions import CONVENTIONS
from projectors.outside import Unconstrained
from projectors.recipes import from_recipe

PROJECTORS = [
    *methods(4).values(),
    *variants(4).values(),
    Unconstrained(4),
    Sinkhorn(4, 7, convention=CONVENTIONS["DeepSeek-V4"]),
    Mixture(Kronecker((PermutationMixture(2), Circulant(2))), 2, weights=(0.25, 0.75)),
]
each_projector = pytest.mark.parametrize("projector", PROJECTORS, ids=str)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def network(projector):
    layers = [HyperConnection(8, projector, torch.nn.Linear(8, 8), generator=seeded(seed)) for seed in range(3)]
    with torch.no_grad():
        for layer in layers:
            for parameter in (layer.bias, layer.weight, layer.gain, layer.scale):
                parameter.add_(torch.randn(parameter.shape, generator=seeded(5)))
    return torch.nn.Sequential(Expand(4), *layers)


@each_projector
def test_what_a_projector_prints_as_is_enough_to_make_it(projector):
    assert from_recipe(repr(projector)) == projector


@each_projector
def test_a_network_is_read_back_from_its_file(projector, tmp_path: Path):
    model = network(projector)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    sites = inspector.open(tmp_path / "model.safetensors")
    assert [site.layer for site in sites] == [1, 2, 3]
    assert {site.layout for site in sites} == {"Birkhoff Explorer"}
    for site, layer in zip(sites, list(model)[1:], strict=True):
        wanted = projector(layer.bias.detach().double()[8:])
        assert torch.allclose(site.matrix, wanted, atol=1e-6)
        assert site.mixing == (projector != Identity(4))


@each_projector
def test_its_matrices_of_tokens_are_those_that_it_mixed_by(projector):
    model = network(projector).double()
    x = torch.randn(6, 8, generator=seeded(1), dtype=torch.float64)
    mixed = []
    for layer in list(model)[1:]:
        layer.register_forward_pre_hook(lambda layer, given: mixed.append(layer.maps(given[0]).res.detach()))
    with inspector.record(model) as seen:
        model(x)
    sites = seen.collection()
    assert len(sites) == len(mixed) == 3
    for site, matrices in zip(sites, mixed, strict=True):
        assert torch.allclose(site.matrix, matrices.expand_as(site.matrix), atol=1e-6)


def test_whatever_way_streams_enter_and_whatever_epsilon_its_norm_has():
    layer = HyperConnection(8, Orthostochastic(4, 2), epsilon=1.0, generator=seeded()).double()
    torch.nn.init.normal_(layer.weight, generator=seeded(1))
    torch.nn.init.ones_(layer.scale)
    x = 0.1 * torch.randn(3, 4, 8, generator=seeded(2), dtype=torch.float64)
    with inspector.record(layer) as seen:
        layer(streams=x[:2])
        layer(x[2])
    assert torch.allclose(seen.collection()[0].matrix, layer.maps(x).res.detach(), atol=1e-6)


def test_a_layer_that_stands_in_two_places_is_seen_in_both():
    layer = HyperConnection(8, Orthostochastic(4, 2), generator=seeded()).double()
    torch.nn.init.normal_(layer.weight, generator=seeded(1))
    torch.nn.init.ones_(layer.scale)
    x = torch.randn(3, 4, 8, generator=seeded(2), dtype=torch.float64)
    between = layer(x)
    model = torch.nn.Sequential(layer, torch.nn.Identity(), layer)
    with inspector.record(model) as seen:
        model(x)
    wanted = layer.maps(torch.cat([x, between])).res.detach()
    sites = seen.collection()
    assert [site.name for site in sites] == ["0", "2"]
    for site in sites:
        assert torch.allclose(site.matrix, wanted, atol=1e-6)


def watched_layer():
    layer = HyperConnection(8, Orthostochastic(4, 2), torch.nn.Linear(8, 8), generator=seeded())
    torch.nn.init.normal_(layer.weight, generator=seeded(1))
    return layer, torch.randn(3, 4, 8, generator=seeded(2))


@pytest.mark.parametrize("watch", ["the compiled model", "the model itself"])
def test_a_model_that_has_run_compiled_is_seen(watch):
    layer, x = watched_layer()
    compiled = torch.compile(torch.nn.Sequential(layer), backend="eager")
    compiled(x)
    with inspector.record(compiled if watch == "the compiled model" else compiled._orig_mod) as seen:
        compiled(x)
    (site,) = seen.collection()
    assert torch.allclose(site.matrix, layer.maps(x).res.detach().double(), atol=1e-6)
    torch._dynamo.reset()


@pytest.mark.parametrize("reentrant", [True, False])
def test_tokens_of_checkpointed_activations_are_seen_once(reentrant):
    layer, x = watched_layer()
    x.requires_grad_()
    with inspector.record(layer) as seen:
        checkpoint(layer, x, use_reentrant=reentrant).sum().backward()
    assert seen.collection()[0].matrix.shape == (3, 4, 4)


def test_a_layer_that_is_not_finite_keeps_no_other_from_being_read():
    layers = torch.nn.Sequential(*(HyperConnection(8, Orthostochastic(4, 2)) for _ in range(2)))
    with torch.no_grad():
        layers[0].bias[-1] = torch.inf
    poisoned, sound = inspector.open(layers)
    assert not poisoned.matrix.isfinite().all()
    assert poisoned.warnings
    assert sound.matrix.isfinite().all()


def test_averages_of_models_keep_their_recipe():
    model = HyperConnection(8, Orthostochastic(4, 2))
    average = AveragedModel(model, use_buffers=True, multi_avg_fn=get_ema_multi_avg_fn(0.9999))
    for _ in range(10):
        average.update_parameters(model)
    state = average.module.state_dict()
    model.load_state_dict(state)
    assert len(inspector.open(state)) == len(inspector.open(average.module)) == 1


def test_matrices_and_parametrizations_are_found_too():
    model = torch.nn.Module()
    model.mixing = MixingMatrix(Orthostochastic(3, 2), generator=seeded())
    model.layer = doubly_stochastic(torch.nn.Linear(3, 3), "weight", Sinkhorn(3), generator=seeded())
    found = {site.name: site.matrix for site in inspector.open(model)}
    assert len(found) == 2
    matrices = [model.layer.weight.detach(), model.mixing().detach()]
    for matrix, wanted in zip((found[name] for name in sorted(found)), matrices, strict=True):
        assert torch.allclose(matrix.float(), wanted, atol=1e-6)


@pytest.mark.parametrize("projector", [Orthostochastic(3, 2), Sinkhorn(3), Identity(3)], ids=str)
def test_a_batch_of_matrices_is_read_one_by_one(projector, tmp_path: Path):
    model = torch.nn.ModuleDict({"mixing": MixingMatrix(projector, 2, 3, generator=seeded()), "rest": torch.nn.ReLU()})
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    wanted = model["mixing"]().detach().double().flatten(0, 1)
    for source in (model, tmp_path / "model.safetensors"):
        sites = inspector.open(source)
        assert [site.name for site in sites] == [f"mixing.{number}" for number in range(6)]
        assert torch.allclose(torch.stack([site.matrix for site in sites]), wanted, atol=1e-6)
    assert [site.name for site in inspector.open(MixingMatrix(projector, 2))] == ["0", "1"]


def test_a_batch_without_numbers_is_counted_before_it_is_listed():
    recipe = torch.tensor(list(b"Identity(n=2)"), dtype=torch.uint8)
    state = {"h.0.theta": torch.empty(10**9, 0), "h.0.recipe.text": recipe}
    with pytest.raises(ValueError, match="at most 65,536 matrices"):
        inspector.open(state)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "Orthostochastic",
        "Orthostochastic(4, 2)",
        "Orthostochastic(n=4, s=2",
        "Toeplitz(n=4)",
        "__import__('os').system('true')",
        "Sinkhorn(n=__import__('os'))",
        "Sinkhorn(n=10**9)",
        "Sinkhorn(n=4, rank=2)",
        "Projector(n=4)",
        "PermutationMixture(n=9)",
        "Kronecker(factors=" + "(" * 3000 + ")" * 3000 + ")",
        "x" * 5000,
        "Mixture(projector=Sinkhorn(n=4), k=2, weights=[0.5, 0.5])",
    ],
)
def test_nothing_else_is_a_recipe(text):
    with pytest.raises(ValueError, match=r"projector|whole number|permutations|LongTensor|at most"):
        from_recipe(text)


@pytest.mark.parametrize(
    ("recipe", "bias", "said"),
    [
        (b"Orthostochastic(n=4, s=2)", torch.zeros(30), "do not fit"),
        (b"Sinkhorn(n=4096)", torch.zeros(24), "2 to 64 streams"),
        (b"boo", torch.zeros(24), "a projector as it prints"),
    ],
)
def test_damaged_states_are_said_to_be(recipe, bias, said):
    state = {"h.0.attn.recipe.text": torch.tensor(list(recipe), dtype=torch.uint8), "h.0.attn.bias": bias}
    with pytest.raises(ValueError, match=said):
        inspector.open(state)
