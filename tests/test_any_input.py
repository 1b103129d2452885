"""Whatever the library is handed: an answer, or a ValueError that says what was received. Nothing else, and soon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import inspector
from geometry import coverage as coverages
from geometry import distances, reach, regions, slices, spectra
from geometry.dimension import affine_dimension
from geometry.effort import Effort
from geometry.reach import unknown_map
from geometry.reach.known import not_excluded
from geometry.sampling import batches, sample
from geometry.spaces import AveragedRotations, Parameters, Rotations, space_of
from geometry.survey import survey
from learning import cost, depth, stream_mixing, vanishing
from learning.ablations import SoftmaxRotation
from learning.stream_mixing.floors import structural_error
from projectors import (
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
    factorizations,
    methods,
    ranked,
    variants,
)
from projectors.conventions import Convention

QUICK = Effort(rounds=1, iterations=2, polished=1, descent=2, path=2, map_rounds=1, hole_rounds=1, pushes=1, coarse=5)
GO = Orthostochastic(2, 1)
J = torch.full((2, 2), 0.5, dtype=torch.float64)


def first(stream: Iterator[Any]) -> Any:
    return next(iter(stream), None)


def called(call: Callable[..., Any], given: dict[str, Any]) -> Any:
    """What it answers: one argument alone goes by its place, as projectors and views name theirs differently."""
    return call(*given.values()) if len(given) == 1 else call(**given)


CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "Sinkhorn": (Sinkhorn, {"n": 2, "iterations": 3, "positive": "exp", "convention": Convention()}),
    "Orthostochastic": (Orthostochastic, {"n": 2, "s": 1}),
    "Unistochastic": (Unistochastic, {"n": 2, "s": 1}),
    "PermutationMixture": (PermutationMixture, {"n": 2}),
    "Kronecker": (Kronecker, {"factors": (GO, GO)}),
    "Mixture": (Mixture, {"projector": GO, "k": 2, "weights": None}),
    "Convention": (Convention, {"first": "rows", "epsilon": 0.0}),
    "methods": (methods, {"n": 4, "s": 2, "factors": (2, 2), "iterations": 3}),
    "variants": (variants, {"n": 4, "s": 2, "factors": (2, 2), "iterations": 3}),
    "ranked": (ranked, {"n": 4, "ranks": (1, 2)}),
    "factorizations": (factorizations, {"n": 12}),
    "matrices of go-mHC": (GO, {"theta": torch.zeros(3, 1)}),
    "matrices of mHC": (Sinkhorn(2), {"theta": torch.zeros(3, 4)}),
    "matrices of mHC-lite": (PermutationMixture(2), {"theta": torch.zeros(3, 2)}),
    "matrices of KromHC": (Kronecker((GO, GO)), {"theta": torch.zeros(3, 2)}),
    "matrices of an average": (Mixture(GO, 2), {"theta": torch.zeros(3, 4)}),
    "eigenvalues": (spectra.eigenvalues, {"matrices": J, "tolerance": 1e-3}),
    "density": (
        spectra.density,
        {"values": torch.zeros(3, dtype=torch.complex128), "bins": 5, "extent": 1.0, "centre": 0j},
    ),
    "sample": (sample, {"projector": GO, "count": 3, "measure": "edges", "seed": 0, "device": "cpu"}),
    "batches": (
        lambda **given: first(batches(**given)),
        {"projector": GO, "count": 3, "measure": "edges", "seed": 0, "start": 0},
    ),
    "survey": (
        lambda **given: first(survey(**given)),
        {"projector": GO, "count": 3, "measure": "edges", "seed": 0, "bins": 5, "device": "cpu"},
    ),
    "coverage": (
        coverages.coverage,
        {"density": spectra.density(torch.zeros(1, dtype=torch.complex128), 5), "region": regions.perfect_mirsky(3)},
    ),
    "karpelevich": (regions.karpelevich, {"n": 3}),
    "perfect_mirsky": (regions.perfect_mirsky, {"n": 3}),
    "hypocycloid": (regions.hypocycloid, {"n": 3}),
    "orthostochastic_order3": (regions.orthostochastic_order3, {"s": 2}),
    "roots_of_unity_polygon": (regions.roots_of_unity_polygon, {"k": 3}),
    "radius": (regions.karpelevich(4).radius, {"angle": 0.5}),
    "contains": (regions.karpelevich(4).contains, {"z": 0.5j, "tolerance": 1e-12}),
    "measures": (inspector.measures, {"matrices": J}),
    "depth of a network": (inspector.depth, {"matrices": J[None], "names": ("a",)}),
    "convert": (inspector.convert, {"collection": J[None], "projector": GO, "seed": 0}),
    "stacks": (inspector.stacks, {"collection": inspector.parse("1 0; 0 1"), "n": 2}),
    "parse": (inspector.parse, {"pasted": "1 0; 0 1", "most": 2, "most_steps": 10.0}),
    "matrices of a collection": (inspector.parse("1 0; 0 1").matrices, {"n": 2}),
    "space_of": (space_of, {"projector": GO}),
    "Rotations": (Rotations, {"projector": GO}),
    "AveragedRotations": (AveragedRotations, {"projector": Mixture(GO, 2)}),
    "Parameters": (Parameters, {"projector": GO}),
    "solve": (reach.solve, {"projector": GO, "targets": [0.1], "seed": 0, "effort": QUICK, "device": "cpu"}),
    "boundary": (reach.boundary, {"projector": GO, "angles": [0.1], "seed": 0, "effort": QUICK, "device": "cpu"}),
    "reach_map": (reach.reach_map, {"projector": GO, "resolution": 5, "seed": 0, "effort": QUICK, "device": "cpu"}),
    "unknown_map": (unknown_map, {"projector": GO, "resolution": 5}),
    "coverage of a map": (unknown_map(GO, 5).coverage, {"region": regions.perfect_mirsky(3)}),
    "not_excluded": (not_excluded, {"projector": GO}),
    "path": (reach.path, {"projector": GO, "target": 0.1, "seed": 0, "effort": QUICK}),
    "Effort": (Effort, {"seconds": 1.0, "rounds": 2, "stalled": 1e-4, "coarse": 5}),
    "nearest": (distances.nearest, {"projector": GO, "targets": J[None], "seed": 0, "starts": 1, "device": "cpu"}),
    "divergence": (distances.divergence, {"matrices": J, "targets": J}),
    "exactness_residual": (distances.exactness_residual, {"matrices": J}),
    "facet_distance": (distances.facet_distance, {"matrices": J, "tolerance": 1e-3}),
    "geodesic_angle": (distances.geodesic_angle, {"first": J, "second": J}),
    "orthogonal_root": (distances.orthogonal_root, {"matrices": J}),
    "cyclic_view": (slices.cyclic_view, {"n": 4, "frequency": 1}),
    "cyclic_space": (slices.cyclic_space, {"n": 4}),
    "order3_space": (slices.order3_space, {"angle": 0.1}),
    "permutation_view": (slices.permutation_view, {"permutations": [(0, 1, 2), (1, 0, 2), (1, 2, 0)]}),
    "project": (slices.cyclic_view(2).project, {"matrices": J}),
    "embed": (slices.cyclic_view(2).embed, {"points": torch.zeros(1, 2)}),
    "coordinates": (slices.cyclic_view(2).coordinates, {"matrices": J}),
    "holds": (slices.cyclic_view(2).holds, {"points": torch.zeros(1, 2), "tolerance": 1e-12}),
    "slice_map": (
        slices.slice_map,
        {"projector": GO, "view": slices.cyclic_view(2), "resolution": 5, "seed": 0, "device": "cpu"},
    ),
    "projection": (
        lambda **given: first(slices.projection(**given)),
        {"projector": GO, "view": slices.cyclic_view(2), "count": 3, "measure": "edges", "seed": 0, "bins": 5},
    ),
    "space_sample": (
        slices.space_sample,
        {"projector": Orthostochastic(4, 1), "view": slices.klein_view(), "count": 3, "measure": "edges", "seed": 0},
    ),
    "layer_cost": (cost.layer_cost, {"projector": GO, "width": 8, "coefficients": "minimal"}),
    "residual_coefficients": (cost.residual_coefficients, {"projector": GO, "coefficients": "minimal"}),
    "language_model_parameters": (cost.language_model_parameters, {"projector": GO}),
    "membership": (distances.membership, {"projector": GO, "matrix": J, "tolerance": 1e-6, "seed": 0}),
    "birkhoff_projection": (distances.birkhoff_projection, {"matrices": J}),
    "affine_dimension": (affine_dimension, {"projector": GO, "seed": 0}),
    "amax_gains": (depth.amax_gains, {"projector": GO, "depth": 2, "count": 2, "measure": "edges", "seed": 0}),
    "repeated": (depth.repeated, {"matrices": J[None], "depth": 2}),
    "structural_error": (structural_error, {"targets": J}),
    "SoftmaxRotation": (SoftmaxRotation, {"n": 2, "s": 1}),
    "decoupling": (
        depth.decoupling,
        {"projector": GO, "depth": 2, "count": 2, "measure": "edges", "seed": 0},
    ),
    "gradient_norms": (vanishing.gradient_norms, {"projector": GO, "near": [0.1], "count": 2, "seed": 0}),
    "StreamMixing": (stream_mixing.StreamMixing, {"n": 2, "count": 2, "iterations": 3, "seed": 0}),
    "run": (
        lambda experiment: list(islice(stream_mixing.run(experiment), 1)),
        {"experiment": stream_mixing.StreamMixing(n=2, count=2, iterations=1, samples=4)},
    ),
}

SHAPES = st.lists(st.sampled_from([0, 1, 2, 3]), max_size=4).map(tuple)
DTYPES = st.sampled_from(
    [torch.float64, torch.float32, torch.float16, torch.float8_e5m2, torch.int64, torch.bool, torch.complex128]
)
FILLS = st.sampled_from([0.0, 1.0, 0.5, -1.0, 1e300, nan, inf])


def tensor(shape: tuple[int, ...], dtype: torch.dtype, fill: float) -> torch.Tensor:
    if dtype in (torch.int64, torch.bool):
        return torch.ones(shape, dtype=dtype)
    return torch.full(shape, fill, dtype=torch.float64).to(dtype)


ANYTHING = st.one_of(
    st.sampled_from(
        [None, True, "abc", "", b"\x00", [], (), {}, set(), object(), GO, Orthostochastic(5, 1), Effort(), int, np.nan]
    ),
    st.sampled_from([-1, 0, 1, 2, 3, 7, 65, 2**63, 10**30, -(10**30), 0.5, -1e-9, 1e300, inf, -inf, nan, 1j]),
    st.sampled_from([np.int64(3), np.float64(2.5), np.bool_(True), np.arange(2), np.array(["a"]), np.eye(2), [[1]]]),
    st.sampled_from([[nan], [inf, 0.1], ["a"], [None], [[0.1]], (0.5, 1, 2), [(0, 1), (1, 0)], [1e300], [10**400]]),
    st.builds(tensor, SHAPES, DTYPES, FILLS),
)


@settings(
    max_examples=2000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_an_answer_or_a_value_error(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(CALLS)))
    call, usual = CALLS[name]
    spoiled = data.draw(st.lists(st.sampled_from(sorted(usual)), min_size=1, max_size=2, unique=True))
    given_instead = {argument: data.draw(ANYTHING, label=argument) for argument in spoiled}
    try:
        called(call, usual | given_instead)
    except ValueError as error:
        if not str(error).strip():
            pytest.fail(f"{name} refuses {given_instead} without a word")


WRONG = {
    "device": ["x", "3", 0, 2.5, nan, True, 3j, [1], "meta", "cuda:99"],
    "tolerance": ["3", [1], {}, nan, inf, -1e-9, 1j],
    "centre": ["x", nan, inf, [0], torch.zeros(2)],
}


@pytest.mark.parametrize("name", CALLS)
def test_no_tolerance_centre_or_device_is_taken_that_is_none(name: str) -> None:
    call, usual = CALLS[name]
    for argument in WRONG.keys() & usual:
        for wrong in WRONG[argument]:
            with pytest.raises(ValueError, match=argument):
                called(call, usual | {argument: wrong})


@pytest.mark.parametrize("name", CALLS)
def test_numbers_that_torch_does_not_compute_with_are_refused(name: str) -> None:
    call, usual = CALLS[name]
    for argument in {"matrices", "matrix", "targets", "first"} & usual.keys():
        if isinstance(usual[argument], torch.Tensor):
            with pytest.raises(ValueError, match="wants real floating-point matrices"):
                called(call, usual | {argument: usual[argument].to(torch.float8_e4m3fn)})


@pytest.mark.parametrize("name", ["birkhoff_projection", "facet_distance", "measures", "membership", "nearest"])
def test_matrices_without_numbers_are_refused(name: str) -> None:
    call, usual = CALLS[name]
    meta = {argument: given.to("meta") for argument, given in usual.items() if isinstance(given, torch.Tensor)}
    with pytest.raises(ValueError, match="none on the meta device"):
        called(call, usual | meta)


@pytest.mark.parametrize("name", CALLS)
def test_the_usual_arguments_are_accepted(name: str) -> None:
    call, usual = CALLS[name]
    called(call, usual)
