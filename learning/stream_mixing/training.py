"""All methods of an experiment in training at once: one flat tensor of parameters, one step of the optimizer."""

from __future__ import annotations

from collections.abc import Hashable
from time import perf_counter

import torch
from torch import Tensor

from learning.stream_mixing.batched import FASTEST_FIRST, Map, Memory
from learning.stream_mixing.experiment import StreamMixing
from learning.stream_mixing.objectives import Loss
from learning.stream_mixing.optimizers import EPSILON, Adam, Descent
from learning.stream_mixing.starts import first_rows, initial, moves_twice


def together(experiment: StreamMixing) -> list[tuple[type[Map], list[int]]]:
    """Experiment -> the maps that train it fastest, each with the numbers of the methods that share it."""
    found: dict[Hashable, tuple[type[Map], list[int]]] = {}
    for number, (_, projector) in enumerate(experiment.methods):
        keys = ((kind.shared_by(projector, experiment.count), kind) for kind in FASTEST_FIRST)
        key, kind = next((key, kind) for key, kind in keys if key is not None)
        found.setdefault(key, (kind, []))[1].append(number)
    return list(found.values())


class Training:
    """The state of an experiment: `advance` moves it, and with it `matrices`, `theta` and `read_outs`, which are views.

    matrices: (t, M, n, n). theta: (t, p) for every method. read_outs: (t, M, n) if they are learned, else empty.
    """

    def __init__(self, experiment: StreamMixing, objective: Loss, device: torch.device) -> None:
        self.step, self.objective = 0, objective
        n, count, methods = experiment.n, experiment.count, len(experiment.methods)
        starts, groups = initial(experiment), together(experiment)
        order = [number for _, numbers in groups for number in numbers]
        parts = [starts[number].flatten() for number in order]
        self.learned = experiment.objective == "learned read-out"
        rows = first_rows(experiment) if self.learned else torch.empty(0, dtype=torch.float64)
        parts.append(rows.repeat(1, methods).flatten() if self.learned else rows)
        self.flat = torch.cat(parts).to(device)
        self.slope = torch.zeros_like(self.flat)
        self.matrices = torch.empty(count, methods, n, n, dtype=torch.float64, device=device)
        self.to_matrices = torch.zeros_like(self.matrices)

        lengths = [sum(starts[number].numel() for number in numbers) for _, numbers in groups] + [len(parts[-1])]
        flats, slopes = self.flat.split(lengths), self.slope.split(lengths)
        shape = (count, methods, n) if self.learned else (0,)
        self.read_outs, self.to_read_outs = flats[-1].view(shape), slopes[-1].view(shape)
        self.maps: list[Map] = []
        self.theta = list(starts)
        rates = []
        for (kind, numbers), flat, slope in zip(groups, flats[:-1], slopes[:-1], strict=True):
            projectors = [experiment.methods[number][1] for number in numbers]
            self.maps.append(kind(projectors, numbers, Memory(flat, slope, self.matrices, self.to_matrices)))
            for number, view in zip(numbers, self.maps[-1].theta, strict=True):
                self.theta[number] = view
            rates.append((len(flat), experiment.rate * (2 if moves_twice(experiment, projectors[0]) else 1)))
        rates.append((lengths[-1], experiment.rate))
        adam = experiment.optimizer == "adam"
        self.optimizer = Adam(self.flat, rates, EPSILON) if adam else Descent(self.flat, rates)

    @torch.no_grad()
    def losses(self) -> Tensor:
        """Losses (t, M) of the present parameters on the whole data set; `matrices` are theirs from now on."""
        for each in self.maps:
            each.forward()
        return self.objective.losses(self.matrices, self.read_outs)

    @torch.no_grad()
    def gradient(self) -> Tensor:
        """Gradient of the sum of all losses with respect to all parameters, flat."""
        for each in self.maps:
            each.forward()
        self.objective.gradient(self.matrices, self.read_outs, self.to_matrices, self.to_read_outs)
        for each in self.maps:
            each.backward()
        return self.slope

    @torch.no_grad()
    def advance(self, step: int, deadline: float) -> None:
        """Train up to this step, or until the clock shows `deadline`, but at least one step."""
        while self.step < step:
            self.optimizer.step(self.gradient())
            self.step += 1
            if perf_counter() >= deadline:
                return
