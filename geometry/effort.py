"""How hard the searches of `geometry.reach` and `geometry.distances` try, and why each of them ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from math import inf
from time import perf_counter
from typing import TypeVar

from torch import Tensor

from geometry.stopping import stopping, to_stop
from projectors.checks import real_number, whole_number

Part = TypeVar("Part")


@dataclass(frozen=True)
class Effort:
    """What a search may spend. The defaults are what every picture and number of this project was made with.

    A search takes no notice of numbers that are not its own. More effort finds at least as much in nearly every case,
    not by law: another way through the same random matrices is another way. Raises ValueError for counts that are no
    whole numbers of at least 1, for the other numbers where negative or nan, and for `coarse` even or below 5.

    >>> from geometry.reach import solve
    >>> from projectors import Orthostochastic
    >>> solve(Orthostochastic(n=3, s=1), [0.2 + 0.3j], effort=Effort(seconds=0)).ended
    (<Ended.OUT_OF_TIME: 'out of time'>,)
    """

    seconds: float = inf
    """Seconds after which a search stops at its next step and returns what it has; the bank is made in any case."""

    rounds: int = 8
    """`solve`: how often a target is tried."""

    iterations: int = 24
    """`solve`, maps and `boundary`: Gauss-Newton steps of one try."""

    neighbours: int = 6
    """The same: how many of the nearest known eigenvalues a stubborn target tries to start from."""

    polished: int = 32
    """`solve` and maps: how many targets that resist are tried from more neighbours; `solve` then tries descent."""

    stubborn: int = 40
    """The same, and `boundary`: how many known eigenvalues a target tries to start from that resists otherwise."""

    descent: int = 200
    """`solve`: iterations of such a descent."""

    path: int = 60
    """`path`, and `solve` with paths: Gauss-Newton steps of the way that is shown."""

    map_rounds: int = 40
    """Maps: how often they may grow outwards at most; they end when nothing comes any more."""

    hole_rounds: int = 3
    """Maps: how often cells that resisted among solved neighbours are tried again, patiently, while some give in."""

    patience: int = 4
    """Maps: steps within which a cell's residual must halve. Half of the work would go to hopeless cells."""

    farthest: float = 1.5
    """Maps: after the first round a cell is tried only if an eigenvalue is known within so many cell widths."""

    coarse: int = 61
    """`boundary`: cells in each direction of the map that it starts from, an odd number."""

    tries: int = 8
    """`boundary`: from how many starts a direction is pushed outwards, each on its own."""

    exchanges: int = 6
    """`boundary`: how often directions go on from their neighbours' or other points, as long as that leads farther."""

    pushes: int = 60
    """`boundary`: how often a direction is pushed outwards at most."""

    finest: float = 1e-6
    """`boundary`: the step outwards at which a direction has converged."""

    starts: int = 8
    """`nearest`: from how many of some thousand random matrices a target is approached at most, the nearest first."""

    reflections: int = 24
    """`nearest`, for unistochastic matrices from n = 4 on: how many starts are brought near by reflections before."""

    steps: int = 80
    """`nearest`: Levenberg-Marquardt steps of one approach."""

    idle: int = 6
    """`nearest`: how many of them in a row may gain next to nothing."""

    stalled: float = 1e-4
    """`nearest`: a step gains next to nothing if it takes away less than this share of the squared distance."""

    close: float = 1e-2
    """`nearest`: targets missed by less are approached once more: near a face of the polytope, steps are slow."""

    patient_steps: int = 400
    """`nearest`: as `steps`, for those."""

    patient_idle: int = 30
    """`nearest`: as `idle`, for those."""

    def __post_init__(self) -> None:
        for field in fields(self):
            name, value = f"the effort's {field.name}", getattr(self, field.name)
            if isinstance(field.default, int):
                object.__setattr__(self, field.name, whole_number(value, name, 1, 10**9))
            elif not (isinstance(value, float) and value == inf):
                object.__setattr__(self, field.name, real_number(value, name, 0))
        if self.coarse % 2 == 0 or self.coarse < 5:
            raise ValueError(f"the effort's coarse must be odd and at least 5, not {self.coarse}")


USUAL = Effort()
"""The effort of everybody who names none."""


class Ended(StrEnum):
    """Why a search ended: for one target, or for a whole map.

    CONVERGED: the target is met within the tolerance that the result names; of a map, nothing more came. STALLED: every
    try ended in a local minimum or gained too little; no proof that the target cannot be met.
    OUT_OF_TIME: `Effort.seconds` were over before the tries were: says nothing about the target. NOT_FINITE: no matrix
    that was tried counts, as entries were not finite or, of projectors that are not exact, sums too far from 1.
    """

    CONVERGED = "converged"
    STALLED = "stalled"
    OUT_OF_TIME = "out of time"
    NOT_FINITE = "not finite"


def reasons(distance: Tensor, tolerance: float, *, cut: bool) -> tuple[Ended, ...]:
    """Distances (m,) of what was found from what was wanted -> why each search ended; `cut` if time was up."""
    return tuple(
        Ended.CONVERGED if each <= tolerance else Ended.OUT_OF_TIME if cut else _unmet(each)
        for each in distance.tolist()
    )


def _unmet(distance: float) -> Ended:
    return Ended.STALLED if distance < inf else Ended.NOT_FINITE


class Deadline:
    """The moment at which a search has to stop, or when it is asked to by `stopping`.

    `cut` says whether any was stopped with work left to do.
    """

    def __init__(self, effort: Effort) -> None:
        self._end = perf_counter() + effort.seconds
        self.cut = False

    def passed(self) -> bool:
        """Return whether time is up. To be asked when there is more to do, as the answer decides what `cut` says."""
        self.cut = self._over() or to_stop()
        return self.cut

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Let what is computed within stop between two of its steps when time is up; `cut` says whether it did."""
        with stopping(self._over):
            yield

    def _over(self) -> bool:
        self.cut = self.cut or perf_counter() >= self._end
        return self.cut

    def left(self, effort: Effort) -> Effort:
        """The same effort with the seconds that are left of it: for a search within the search."""
        return replace(effort, seconds=max(0.0, self._end - perf_counter()))

    def before(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Parts of the work -> the same until time is up."""
        for part in parts:
            if self.passed():
                return
            yield part
