"""What can be computed of a method: one entry each, with its options, its cost, and the numbers and arrays it gives.

The libraries are imported when they are needed: who reads a plan or a store need not wait for torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from projectors.checks import odd_number, one_of, whole_number

if TYPE_CHECKING:
    from sweeps.tasks import Task

Arrays = dict[str, NDArray[Any]]
Numbers = dict[str, Any]
Options = Mapping[str, Any]

PROCESS, USUAL = 3.5e8, 3.5e8
"""Bytes of a process that has loaded torch, and what most tasks need besides at most: batches are of bounded size."""


@dataclass(frozen=True)
class Quantity:
    """`defaults` of its options; `compute` makes numbers and arrays of a task on a device; `seconds` is a guess.

    So is `memory`, in bytes, of a process that computes it. `checked` makes of options the values that they are.
    `exists` tells whether the task's method has it at its n, and raises ValueError for a task that is too large with
    its options. What is not `seeded` does not depend on a seed.
    """

    defaults: Mapping[str, Any]
    checked: Callable[[Options], Options]
    compute: Callable[[Task, str], tuple[Numbers, Arrays]]
    seconds: Callable[[Task], float]
    exists: Callable[[Task], bool]
    seeded: bool = True
    memory: Callable[[Task], float] = lambda task: PROCESS + USUAL

    def options(self, given: object) -> tuple[tuple[str, Any], ...]:
        """What a plan says of it -> all of its options, by name. Raises ValueError for what it does not have.

        Equal ones are equal in JSON too, where 1 and 1.0 differ.
        """
        if not isinstance(given, Mapping) or set(given) - set(self.defaults):
            raise ValueError(f"the options are {', '.join(self.defaults)}, not {given!r}")
        return tuple(sorted(self.checked({**self.defaults, **given}).items()))


def _odd(options: Options, most: int) -> Options:
    return {"resolution": odd_number(options["resolution"], "the resolution", 5, most)}


def _sampled(options: Options) -> Options:
    from geometry.sampling import Measure

    return {
        "matrices": whole_number(options["matrices"], "the number of matrices", 1, 10**9),
        "measure": one_of(options["measure"], get_args(Measure), "the measure"),
    }


def _has_region(task: Task) -> bool:
    from geometry.regions.region import LARGEST_ORDER

    return task.n <= LARGEST_ORDER


def _survey(task: Task, device: str) -> tuple[Numbers, Arrays]:
    from geometry.coverage import coverage
    from geometry.parts import last
    from geometry.regions import perfect_mirsky
    from geometry.survey import survey

    options = dict(task.options)
    found = last(survey(task.projector, options["matrices"], options["measure"], task.seed, device=device))
    seen = coverage(found.density, perfect_mirsky(task.n))
    numbers = {
        "seen": seen.share,
        "largest": found.largest,
        "real": found.real_share,
        "row error": found.row_error,
    }
    return numbers, {"counts": found.density.counts, "centres": found.density.centres}


def _survey_seconds(task: Task) -> float:
    from geometry.devices import expected_seconds

    return expected_seconds(task.projector, dict(task.options)["matrices"])


def _map(task: Task, device: str) -> tuple[Numbers, Arrays]:
    from geometry.reach import reach_map
    from geometry.regions import perfect_mirsky

    found = reach_map(task.projector, dict(task.options)["resolution"], task.seed, device=device).without_witnesses()
    share = found.coverage(perfect_mirsky(task.n))
    numbers = {
        "certified": share.certified,
        "touched": share.touched,
        "cells": int(found.reached.sum()),
        "finished": found.finished,
    }
    return numbers, {
        "reached": found.reached,
        "touched": found.touched,
        "residual": found.residual.astype(np.float32),
        "centres": found.centres,
    }


def _map_seconds(task: Task) -> float:
    from geometry.reach.maps import expected_seconds

    return expected_seconds(task.projector) * (dict(task.options)["resolution"] / 101) ** 2


def _map_memory(task: Task) -> float:
    """Starts, and the gradients of a batch, which are of bounded size: measured up to n = 64, s = 8 and p = 130,816."""
    return PROCESS + USUAL + min(6e8, 2**16 * task.projector.parameter_count)


def _proof(task: Task, device: str) -> tuple[Numbers, Arrays]:
    from geometry.proofs import prove
    from geometry.reach import reach_map
    from geometry.regions import perfect_mirsky

    options = dict(task.options)
    proof = prove(reach_map(task.projector, options["resolution"], device=device), options["depth"])
    below, above = proof.bracket(perfect_mirsky(task.n))
    told = json.dumps(proof.certificate(), separators=(",", ":")).encode()
    numbers = {
        "proved": below,
        "not excluded": above,
        "area": f"{proof.area.numerator}/{proof.area.denominator}",
        "rectangles": len(proof.pieces),
    }
    return numbers, {"certificate": np.frombuffer(told, np.uint8), "share": proof.share.astype(np.float32)}


def _provable(task: Task) -> bool:
    from geometry.proofs.kinds import kind

    try:
        kind(task.projector)
    except ValueError:
        return False
    return task.n > 2 and _has_region(task)  # at n = 2 the reach has no area


def _deep(options: Options) -> Options:
    from geometry.proofs.proving import MOST_DEPTH

    return {**_odd(options, 1001), "depth": whole_number(options["depth"], "the depth", 0, MOST_DEPTH)}


def _proof_seconds(task: Task) -> float:
    """Measured at N = 3 to 16, depth 2, one core."""
    order = task.n * (task.s or 1)
    return (
        (8 + 0.4 * order**2) * (dict(task.options)["resolution"] / 101) ** 2 * 2.0 ** (dict(task.options)["depth"] - 2)
    )


def _proof_memory(task: Task) -> float:
    """The matrices that a proof may start from, and about two copies of them."""
    from geometry.proofs.candidates import POOL

    return PROCESS + USUAL / 4 + 3 * 8 * POOL * (task.n * (task.s or 1)) ** 2


def _slice(task: Task, device: str) -> tuple[Numbers, Arrays]:
    from geometry.slices import cyclic_view, slice_map

    found = slice_map(task.projector, cyclic_view(task.n), dict(task.options)["resolution"], task.seed, device=device)
    cells = {"inside": found.inside, "member": found.member, "touched": found.touched}
    return {"member": found.share}, {**cells, "distance": found.distance.astype(np.float32), "centres": found.centres}


def _slice_seconds(task: Task) -> float:
    return 10 * _map_seconds(task)


def _mixing(task: Task, device: str) -> tuple[Numbers, Arrays]:
    from learning.stream_mixing import trained

    found = trained(_experiment(task), device)
    losses = found.final_losses[0].numpy()
    excess = losses - found.floors.numpy()
    numbers = {
        "final loss": float(losses.mean()),
        "excess": float(excess.mean()),
        "median excess": float(np.median(excess)),
    }
    return numbers, {"recorded": found.recorded.numpy(), "losses": found.losses[0].numpy(), "excess": excess}


def _experiment(task: Task) -> Any:
    from learning.stream_mixing import StreamMixing

    methods = ((task.method, task.projector),)
    return StreamMixing(n=task.n, methods=methods, seed=task.seed, **dict(task.options))


def _trainable(options: Options) -> Options:
    from learning.stream_mixing import StreamMixing

    experiment = StreamMixing(n=2, **options)
    return {name: getattr(experiment, name) for name in options}


def _affordable(task: Task) -> bool:
    from learning.stream_mixing.experiment import LARGEST_N

    if task.n > LARGEST_N:
        return False
    try:
        _experiment(task)
    except ValueError as error:
        raise ValueError(f"{task}: {error}") from error
    return True


def _mixing_seconds(task: Task) -> float:
    """Three times a forward pass a step, for every target."""
    from geometry.devices import expected_seconds

    options = dict(task.options)
    return 3 * options["iterations"] * (expected_seconds(task.projector, options["count"]) + 5e-4)


def _batched(options: Options) -> Options:
    return {"batch": whole_number(options["batch"], "the batch", 1, 10**6)}


def _cost(task: Task, device: str) -> tuple[Numbers, Arrays]:
    from learning.cost import measured

    timing = measured(task.projector, dict(task.options)["batch"], device=device)
    projector = task.projector
    return {
        "parameters": projector.parameter_count,
        "flops": projector.flops,
        "exact": projector.exact,
        "forward": timing.forward,
        "training": timing.training,
        "device": timing.device,
    }, {}


QUANTITIES: dict[str, Quantity] = {
    "survey": Quantity({"matrices": 100_000, "measure": "initial"}, _sampled, _survey, _survey_seconds, _has_region),
    "map": Quantity(
        {"resolution": 101}, lambda options: _odd(options, 1001), _map, _map_seconds, _has_region, memory=_map_memory
    ),
    "proof": Quantity(
        {"resolution": 101, "depth": 2}, _deep, _proof, _proof_seconds, _provable, seeded=False, memory=_proof_memory
    ),
    "slice": Quantity(
        {"resolution": 101},
        lambda options: _odd(options, 401),
        _slice,
        _slice_seconds,
        lambda task: task.n > 2 and _has_region(task),
    ),
    "stream_mixing": Quantity(
        {"targets": "sinkhorn", "count": 64, "iterations": 10_000, "samples": 100, "noise": 0.1},
        _trainable,
        _mixing,
        _mixing_seconds,
        _affordable,
    ),
    "cost": Quantity(
        {"batch": 4096},
        _batched,
        _cost,
        lambda task: 2.0,
        lambda task: True,
        seeded=False,
    ),
}
"""By name, everything that a sweep can compute."""
