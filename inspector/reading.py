"""From tensors by name to mixing sites: which layout claims which names, and what is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from math import inf, prod
from typing import NamedTuple

from torch import Tensor

from inspector.conventions import TABLE
from inspector.conventions.layout import AS_COMPUTED, LARGEST, Layout, Reading, bounded, member, steps
from inspector.doubts import doubts
from inspector.formats.stored import Tensors
from inspector.names import in_order
from inspector.settings import Settings
from inspector.site import Collection, Site
from projectors.checks import one_of

MOST = 65_536
"""Matrices that a collection may hold."""

ALIKE = 0.6
"""How far the sums of a square tensor in a checkpoint may be from 1 for it to be taken for a mixing matrix."""


AS_IT_STANDS = "a matrix as it stands"
"""The layout of square tables that no project's names and no setting say to be anything else."""


class Read(NamedTuple):
    """How a site is read: what comes out, its layout and how that applies it, and how long that takes, if it is known.

    `steps` counts Sinkhorn iterations, or what takes as long; None where the reading itself says how many it took.
    """

    read: Callable[[], tuple[Reading, str, str]]
    steps: Callable[[], float] | None = None


def collected(
    tensors: Tensors,
    source: str,
    settings: Settings,
    hidden: Mapping[str, Tensor] | None = None,
    *,
    most: int = MOST,
    most_steps: float = inf,
    most_numbers: float = inf,
) -> Collection:
    """Tensors by name -> the mixing sites in them, in order, of at most so many matrices.

    All sites together may take `most_steps` Sinkhorn iterations, or as long as these do, and hold `most_numbers`
    numbers: those of one tensor may stand for many. `hidden` holds streams (..., n, d) by the name of the
    site that they enter. Raises ValueError if there is no site, and for more than can be taken.
    """
    reads = _reads(tensors, settings, dict(hidden or {}), most)
    if not reads:
        raise ValueError(_nothing(tensors, source, settings))
    known = (read.steps() for read in reads.values() if read.steps is not None and most_steps < inf)
    sites: list[Site] = []
    taken, numbers = _within(sum(known), most_steps), 0
    for name, place in in_order(reads):
        reading, layout, applies = reads[name].read()
        taken = _within(taken + (0 if reads[name].steps else reading.iterations or 0), most_steps)
        numbers += reading.matrix.numel() + (0 if reading.logits is None else reading.logits.numel())
        if numbers > most_numbers:
            raise ValueError(f"all sites together must hold at most {most_numbers:,} numbers; these hold more")
        sites.append(
            Site(
                name=name or "the whole file",
                layer=place.layer,
                site=place.site or "matrix",
                stack=place.stack,
                warnings=doubts(reading),
                layout=layout,
                applies=applies,
                **vars(reading),
            )
        )
    if not any(bool(site.matrix.isfinite().any()) for site in sites):
        its = "its matrix" if len(sites) == 1 else f"its {len(sites):,} matrices"
        raise ValueError(f"{source} must hold finite numbers; there are only nan and inf in {its}")
    return Collection(tuple(sites), source, tensors.kind, tensors)


def _within(steps: float, most: float) -> float:
    if steps > most:
        raise ValueError(
            f"all sites together must take at most {most:,} Sinkhorn iterations, or as long as these: ask for fewer"
        )
    return steps


def _reads(tensors: Tensors, settings: Settings, hidden: dict[str, Tensor], most: int) -> dict[str, Read]:
    """What will be read, by the names of sites: by layouts, by a projector, or as they stand."""
    if settings.projector is not None:
        return _by_projector(tensors, settings, most)
    reads: dict[str, Read] = {}
    for layout in _layouts(settings):
        for site in layout.sites(tensors):
            if site in reads:
                continue
            whole = _by_layout(layout, tensors, site, settings, hidden.pop(site, None))
            count = None if layout.batch is None else layout.batch(tensors, site)
            _counted(len(reads) + (1 if count is None else count), most)
            reads |= {site: whole} if count is None else _each(whole, site, count)
    if hidden:
        known = ", ".join(sorted(reads)[:4]) or "there are none"
        raise ValueError(f"hidden states must be named after sites ({known}), not {next(iter(hidden))!r}")
    if not reads:
        reads = dict(_squares(tensors, settings, most))
    _counted(len(reads), most)
    return reads


def _counted(count: int, most: int) -> None:
    if count > most:
        raise ValueError(f"at most {most:,} matrices are taken; there are {count:,}")


def _each(whole: Read, site: str, count: int) -> dict[str, Read]:
    """How a site with matrices (count, n, n) is read, once for all -> how each of them is."""
    known = cache(whole.read)

    def row(number: int) -> tuple[Reading, str, str]:
        reading, layout, applies = known()
        logits = None if reading.logits is None else reading.logits[number]
        return replace(reading, matrix=reading.matrix[number], logits=logits), layout, applies

    return {member(site, str(number)): Read(partial(row, number), whole.steps) for number in range(count)}


def _layouts(settings: Settings) -> tuple[Layout, ...]:
    if settings.layout is None:
        return TABLE
    one_of(settings.layout, tuple(layout.name for layout in TABLE), "the layout")
    return tuple(layout for layout in TABLE if layout.name == settings.layout)


def _by_layout(layout: Layout, tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Read:
    def read() -> tuple[Reading, str, str]:
        try:
            reading = layout.read(tensors, site, settings, hidden)
        except (RuntimeError, IndexError, KeyError, TypeError) as error:
            raise ValueError(f"{site} looks like {layout.name}, but cannot be read as such: {error}") from None
        bounded(reading.matrix.shape[-1])
        if not reading.matrix.numel():
            raise ValueError(f"{site} must have at least one matrix; there are no tokens")
        return reading, layout.name, layout.applies

    return Read(read, None if layout.steps is None else partial(layout.steps, tensors, site))


def _by_projector(tensors: Tensors, settings: Settings, most: int) -> dict[str, Read]:
    """Every parameter with as many numbers in its last axis as the projector takes, as its theta."""
    projector = settings.projector
    assert projector is not None
    if projector.n > LARGEST:
        raise ValueError(f"the projector must mix at most {LARGEST} streams, not {projector.n}")

    def read_theta(name: str) -> Read:
        def read() -> tuple[Reading, str, str]:
            theta = tensors.read(name)
            return Reading(projector.matrices(theta), tensors.dtype(name), theta), repr(projector), AS_COMPUTED

        return Read(read, lambda: prod(tensors.shape(name)[:-1]) * steps(projector))

    taken = {}
    for name, entry in tensors.stored.items():
        count = prod(entry.shape[:-1])
        if entry.shape[-1:] == (projector.parameter_count,) and 0 < count * projector.n**2 <= most * 64:
            taken[name] = read_theta(name)
    return taken


def _squares(tensors: Tensors, settings: Settings, most: int) -> Iterator[tuple[str, Read]]:
    """Square tables: (n, n) or, one after the other, (k, n, n); a further axis before the last two counts tokens."""
    for name in _meant(tensors, settings, most):
        whole = cache(partial(tensors.read, name))  # once for all matrices of a stack
        if len(tensors.shape(name)) == 2:
            yield name, _by_table(tensors, name, whole, None, settings)
        else:
            for number in range(tensors.shape(name)[0]):
                yield f"{name}.{number}", _by_table(tensors, name, whole, number, settings)


def _meant(tensors: Tensors, settings: Settings, most: int) -> list[str]:
    """Names of the square tensors that are meant to be mixing matrices, in order: of a table, all.

    Of a checkpoint, those whose namesakes (the same but for numbers, and of the same n) hold one that mixes: a layer
    that is nan or has gone astray is one of them. So are namesakes that are all there is.
    """
    left = most
    alike: dict[tuple[str, int], list[str]] = {}
    for name in _square_names(tensors):
        shape = tensors.shape(name)
        left -= prod(shape[:-2])
        if left < 0:
            raise ValueError(f"at most {most:,} matrices are taken; {name} of shape {list(shape)} goes beyond")
        alike.setdefault((re.sub(r"\d+", "0", name), shape[-1]), []).append(name)
    every = tensors.loose or settings.layout is not None or list(map(len, alike.values())) == [len(tensors.stored)]
    meant: set[str] = set()
    for names in alike.values():
        if every or any(_mixes(tensors.read(name)) for name in names):
            meant.update(names)
    return [name for name in tensors.stored if name in meant]


def _square_names(tensors: Tensors) -> Iterator[str]:
    """The names of tensors whose last two axes are alike, and as long as a mixing matrix's."""
    for name, entry in tensors.stored.items():
        shape = entry.shape
        square = 2 <= len(shape) <= 4 and shape[-1] == shape[-2] and 2 <= shape[-1] <= LARGEST
        if square and prod(shape) > 0:
            yield name


def _mixes(tensor: Tensor) -> bool:
    """Whether a square tensor of a checkpoint looks like what mixes streams, and not like a weight: half of it do."""
    near = [((tensor.sum(axis) - 1).abs() <= ALIKE).all(-1) for axis in (-1, -2)]
    mixing = near[0] & near[1] & (tensor >= -1e-3).all(-1).all(-1)
    finite = tensor.isfinite().all(-1).all(-1)
    return bool(mixing.any()) and 2 * int(mixing.sum()) >= int(finite.sum())


def _by_table(tensors: Tensors, name: str, whole: Callable[[], Tensor], number: int | None, settings: Settings) -> Read:
    def read() -> tuple[Reading, str, str]:
        matrix, dtype = whole() if number is None else whole()[number], tensors.dtype(name)
        for layout in _layouts(settings) if settings.layout is not None else ():
            if layout.table is None:
                raise ValueError(f"{layout.name} does not make matrices from square tables of logits alone")
            return layout.table(matrix, dtype, tensors.config_of(name), settings), layout.name, layout.applies
        matrix = matrix.mT if settings.transposed else matrix
        return Reading(matrix, dtype), AS_IT_STANDS, "transposed" if settings.transposed else AS_COMPUTED

    return Read(read)


def _nothing(tensors: Tensors, source: str, settings: Settings) -> str:
    """Why there is no site in it, as a sentence."""
    wanted = f"square matrices of n from 2 to {LARGEST}, or parameters of one of {'; '.join(row.name for row in TABLE)}"
    if settings.projector is not None:
        wanted = f"parameters of {settings.projector}, {settings.projector.parameter_count:,} in the last axis"
    elif settings.layout is not None:
        wanted = f"parameters of {settings.layout}"
    elif (count := len(list(_square_names(tensors)))) > 0:
        wanted += (
            f", and its {count:,} square tensors of that size do not mix: entries are negative, or sums far from 1"
        )
    return f"{source} must hold {wanted}; it is {tensors.summary}"
