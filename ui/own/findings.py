"""What is remarkable about a collection, in words."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from geometry.regions.region import subscript

if TYPE_CHECKING:
    from inspector import Depth, Measures, Site


def findings(sites: tuple[Site, ...], found: Measures, stacks: dict[str, Depth]) -> list[str]:
    """Sites of one n, their measures, their stacks -> sentences in markdown, the first ones the most remarkable."""
    said = [_kinds(sites), _unknown(sites, found), _rotation(sites, found), _sums(sites, found)]
    said += [_outside(sites, found), _saturated(sites)]
    said += [_depth(name, stack) for name, stack in stacks.items()]
    return [sentence for sentence in said if sentence]


def _kinds(sites: tuple[Site, ...]) -> str:
    still = sum(not site.mixing for site in sites)
    if still == len(sites):
        return "**No mixing**: in this family H_res is the identity, at every site."
    return f"**{still} of {len(sites)} sites do not mix** at all." if still else ""


def _unknown(sites: tuple[Site, ...], found: Measures) -> str:
    unknown = int((~found.second.isfinite()).sum())
    if not unknown:
        return ""
    which = f"{unknown} of {len(sites)} hold{'' if unknown > 1 else 's'}" if len(sites) > 1 else "It holds"
    rest = "what follows is of the others" if unknown < len(sites) else "there are no eigenvalues"
    return f"**{which} nan or inf**: {rest}."


def _rotation(sites: tuple[Site, ...], found: Measures) -> str:
    turning = int(found.rotates.sum())
    if not turning:
        known = zip(sites, found.second.isfinite().tolist(), strict=True)
        return "**Nothing rotates**: all eigenvalues are real." if any(site.mixing and ok for site, ok in known) else ""
    most = int(found.eigenvalues.imag.amax(-1).nan_to_num(-1).argmax())
    value = complex(found.eigenvalues[most][found.eigenvalues[most].imag.argmax()])
    return (
        f"**{turning} of {len(sites)} rotate{'' if turning > 1 else 's'}**, most of all "
        f"{plain(sites[most].name)} with λ = {value.real:.3f} ± {abs(value.imag):.3f}i."
    )


def _sums(sites: tuple[Site, ...], found: Measures) -> str:
    import torch

    from inspector.doubts import VISIBLE

    errors = torch.maximum(found.row_error, found.column_error).nan_to_num(-1)
    off = int((errors > VISIBLE).sum())
    if not off:
        return ""
    worst = int(errors.argmax())
    site = sites[worst]
    after = f" after its {site.iterations} iterations" if site.iterations is not None else ""
    which = "columns" if found.column_error[worst] >= found.row_error[worst] else "rows"
    return (
        f"**{off} of {len(sites)} are not doubly stochastic**: {plain(site.name)} misses it by "
        f"{float(errors[worst]):.2g}{after}, in its {which}."
    )


def _outside(sites: tuple[Site, ...], found: Measures) -> str:
    finite = found.second.isfinite()
    beyond = int((finite & ~found.inside_perfect_mirsky).sum())
    if not beyond:
        return ""
    n, first = sites[0].n, sites[int((finite & ~found.inside_perfect_mirsky).int().argmax())]
    return f"**{beyond} of {len(sites)} leave PM{subscript(n)}**, such as {plain(first.name)}" + (
        "."
        if bool(found.inside_karpelevich[finite].all())
        else f"; and some Θ{subscript(n)}: no stochastic matrix does."
    )


def _saturated(sites: tuple[Site, ...]) -> str:
    count = sum(any(warning.startswith("Saturated") for warning in site.warnings) for site in sites)
    return f"**{count} of {len(sites)} are saturated**: their logits have hardly any gradient." if count else ""


def _depth(name: str, stack: Depth) -> str:
    from inspector.doubts import VISIBLE

    where = f" of `{name}`" if name else ""
    last = float(stack.left[-1])
    if not isfinite(last):
        return ""
    if stack.mixed_after is not None:
        passed = f"after {stack.mixed_after} of {len(stack.left)} sites"
        mixed = f"{passed} less than a twentieth of the differences of streams is left"
    else:
        share = f"{100 * last:.2g} % of" if last < 1 else f"{last:.3g} times"
        mixed = f"after all {len(stack.left)} sites the differences of streams are {share} what they were"
    gain = float(stack.gains[1, -1])
    grown = f"; a gradient may grow {gain:.2f} times" if gain > 1 + VISIBLE else ""
    return f"Over the depth{where}, {mixed}{grown}."


def plain(name: str) -> str:
    """A name from a file as markdown shows it: as it is, however odd."""
    short = name if len(name) <= 60 else f"{name[:57]}..."
    return "`" + "".join(letter if letter.isprintable() and letter != "`" else "�" for letter in short) + "`"
