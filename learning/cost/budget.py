"""Which parameterization reaches most for a given price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isnan

from geometry.reach import shipped
from geometry.regions import perfect_mirsky
from learning.cost.layer import Coefficients, residual_coefficients
from projectors import Mixture, Orthostochastic, Projector, newer, ranked
from projectors.checks import real_number, whole_number
from projectors.sizes import LARGEST_SIZE

RANKS = (1, 2, 3, 4)

Shares = Mapping[str, tuple[float, float] | None]
"""By name, the certified and the touched share of the Perfect-Mirsky region, or None where nothing is known."""


@dataclass(frozen=True)
class Offer:
    """A projector under a name, its price, and the share of the region that it certainly reaches.

    `coefficients` are predicted for every matrix, `flops` spent on making it. At least the share `certified` of the
    Perfect-Mirsky region is reached, and eigenvalues were seen in `touched`, 0 to 1; None where no map has been made.
    """

    name: str
    projector: Projector
    coefficients: int
    flops: int
    certified: float | None
    touched: float | None


def candidates(n: int) -> dict[str, Projector]:
    """n -> what could mix n streams, by name: the paper's methods, averages, and newer ones; s (or k) up to 4.

    Fewer ranks beyond n = 1,024, where matrices Q of n s rows become too large. Raises ValueError unless n is a whole
    number from 2 to 4,096.
    """
    size = whole_number(n, "n", 2, LARGEST_SIZE)
    return (
        ranked(n, [s for s in RANKS if size * s <= LARGEST_SIZE])
        | {f"averaged orthostochastic, k = {k}": Mixture(Orthostochastic(n, 1), k) for k in RANKS[1:]}
        | newer(n)
    )


def shipped_shares(entries: Mapping[str, Projector]) -> dict[str, tuple[float, float] | None]:
    """Projectors by name -> the certified and the touched share of the Perfect-Mirsky region, from shipped maps.

    None where no map is shipped (n > 16), where the region has no area (n = 2), and of what has no doubly stochastic
    matrix, as its sums are not 1.
    """
    return {name: _share(projector) for name, projector in entries.items()}


def _share(projector: Projector) -> tuple[float, float] | None:
    found = shipped.load(projector, shipped.RESOLUTION, shipped.SEED) if projector.n > 2 else None
    if found is None:
        return None
    bracket = found.coverage(perfect_mirsky(projector.n))
    return None if isnan(bracket.certified) else (bracket.certified, bracket.touched)


def complete(shares: Shares, entries: Iterable[str]) -> None:
    """Raise ValueError for candidates' names without an entry in `shares`."""
    if missing := [name for name in entries if name not in shares]:
        raise ValueError(f"every candidate needs a share, or None; there is none for {', '.join(missing)}")


def affordable(
    entries: Mapping[str, Projector],
    shares: Shares,
    parameters: int | None = None,
    flops: int | None = None,
    coefficients: Coefficients = "minimal",
    *,
    seconds: float | None = None,
    times: Mapping[str, float] | None = None,
) -> list[Offer]:
    """Projectors by name, their shares, a budget -> those within it, the largest certified share first.

    `parameters` bounds the coefficients predicted for one matrix, `flops` the operations that make it, `seconds` what
    `times` says by name, such as `measured(projector).training`; None is no bound. Equal shares: the one of fewer
    coefficients first; those without a map last. The certified share of the spectral region is the only criterion: it
    says which eigenvalues a mixing matrix can have, not how well a network trains. Raises ValueError for a budget that
    is no number of its kind, and for names without an entry in `shares` or, where seconds count, in `times`.
    """
    for name, bound in (("parameters", parameters), ("flops", flops)):
        if bound is not None:
            whole_number(bound, f"a budget of {name}", 0)
    if seconds is not None:
        real_number(seconds, "a budget of seconds", 0)
        if times is None or not set(entries) <= set(times):
            raise ValueError("a budget of seconds needs a time of every candidate")
    complete(shares, entries)
    offers = [
        Offer(
            name,
            projector,
            residual_coefficients(projector, coefficients),
            projector.flops,
            *(shares[name] or (None, None)),
        )
        for name, projector in entries.items()
    ]
    within = [
        offer
        for offer in offers
        if (parameters is None or offer.coefficients <= parameters)
        and (flops is None or offer.flops <= flops)
        and (seconds is None or times is None or times[offer.name] <= seconds)
    ]
    return sorted(within, key=lambda offer: (offer.certified is None, -(offer.certified or 0), offer.coefficients))
