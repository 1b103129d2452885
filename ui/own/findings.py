"""What is remarkable about a collection, in words."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from geometry.regions.region import subscript
from ui.words import brief, unseen

if TYPE_CHECKING:
    from inspector import Depth, Measures, Site


def findings(sites: tuple[Site, ...], found: Measures, stacks: dict[str, Depth]) -> list[str]:
    """Sites of one n, their measures, their stacks -> sentences in markdown, the first ones the most remarkable."""
    said = [_kinds(sites), _unknown(sites, found), _rotation(sites, found), _astray(sites, found)]
    said += [_logits(sites), _outside(sites, found), unseen(found.eigenvalues.numpy()), _saturated(sites)]
    said += [_depth(name, stack) for name, stack in stacks.items()]
    return [sentence for sentence in said if sentence]


def _kinds(sites: tuple[Site, ...]) -> str:
    still = sum(not site.mixing for site in sites)
    if still == len(sites):
        return "**No mixing**: in this family H_res is the identity, at every site."
    return f"**{still} of {len(sites)} sites {'does' if still == 1 else 'do'} not mix** at all." if still else ""


def _unknown(sites: tuple[Site, ...], found: Measures) -> str:
    unknown = int((~found.second.isfinite()).sum())
    if not unknown:
        return ""
    which = _counted(unknown, sites, "holds", "hold") if len(sites) > 1 else "It holds"
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
        f"**{_counted(turning, sites, 'rotates', 'rotate')}**, most of all "
        f"{plain(sites[most].name)} with λ = {value.real:.3f} ± {abs(value.imag):.3f}i."
    )


def _astray(sites: tuple[Site, ...], found: Measures) -> str:
    import torch

    from inspector.doubts import VISIBLE

    least = torch.tensor([float(site.matrix.amin()) for site in sites], dtype=torch.float64)
    kinds = {"in its rows": found.row_error, "in its columns": found.column_error, "by a negative entry": -least}
    errors = torch.stack(list(kinds.values())).nan_to_num(-1)
    off = int((errors.amax(0) > VISIBLE).sum())
    if not off:
        return ""
    worst = int(errors.amax(0).argmax())
    site, what = sites[worst], list(kinds)[int(errors[:, worst].argmax())]
    after = f" after its {site.iterations} iterations" if site.iterations is not None else ""
    return (
        f"**{_counted(off, sites, 'is', 'are')} not doubly stochastic**: {plain(site.name)} misses it by "
        f"{brief(float(errors[:, worst].amax()), '.2g')}{after}, {what}."
    )


def _logits(sites: tuple[Site, ...]) -> str:
    """A hint at logits that are read as matrices: names say so, and only the reader can know the formula."""
    from inspector.reading import AS_IT_STANDS

    count = sum(site.layout == AS_IT_STANDS and "logit" in site.name.lower() for site in sites)
    if not count:
        return ""
    verb = "is called logits, and is" if count == 1 else "are called logits, and are"
    return f"**{count} of {len(sites)} {verb} read as it stands**: choose a convention in *How they are read*."


def _counted(count: int, sites: tuple[Site, ...], singular: str, plural: str) -> str:
    return f"{count} of {len(sites)} {singular if count == 1 else plural}"


def _outside(sites: tuple[Site, ...], found: Measures) -> str:
    finite = found.second.isfinite()
    beyond = int((finite & ~found.inside_perfect_mirsky).sum())
    if not beyond:
        return ""
    n, first = sites[0].n, sites[int((finite & ~found.inside_perfect_mirsky).int().argmax())]
    leave, which = _counted(beyond, sites, "leaves", "leave"), ", such as " if beyond > 1 else ": "
    within = bool(found.inside_karpelevich[finite].all())
    further = "" if within else f"; {'some' if beyond > 1 else 'it'} Θ{subscript(n)}, too: no stochastic matrix does"
    return f"**{leave} PM{subscript(n)}**{which}{plain(first.name)}{further}."


def _saturated(sites: tuple[Site, ...]) -> str:
    count = sum(any(warning.startswith("Saturated") for warning in site.warnings) for site in sites)
    saturated = _counted(count, sites, "is", "are")
    return f"**{saturated} saturated**: logits there have hardly any gradient." if count else ""


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
        all_ = f"all {len(stack.left)} sites" if len(stack.left) > 1 else "it"
        mixed = f"after {all_} the differences of streams are {_part(last)}"
    gain = float(stack.gains[1, -1])
    grown = f"; a gradient may grow {_times(gain)}" if gain > 1 + VISIBLE else ""
    return f"Over the depth{where}, {mixed}{grown}."


def _part(left: float) -> str:
    """The share of the differences that is left -> the end of a sentence; what is 1 to three digits is all."""
    if round(left, 2) == 1:
        return "what they were"
    return f"{100 * left:.2g} % of what they were" if left < 1 else f"{_times(left)} what they were"


def _times(factor: float) -> str:
    return f"{brief(factor, '.2f')} times"


def plain(name: str) -> str:
    """A name from a file as markdown shows it: as it is, however odd."""
    short = name if len(name) <= 60 else f"{name[:57]}..."
    return "`" + "".join(letter if letter.isprintable() and letter != "`" else "�" for letter in short) + "`"
