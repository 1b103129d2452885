"""The answer, its reasons, and what it does not tell, in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import nan
from typing import TYPE_CHECKING

from ui.spectrum.maps import LARGEST
from ui.words import brief, readable
from ui.work import kept

if TYPE_CHECKING:
    from learning.choosing import Candidate, Choice, Preference

SLOW = 5
"""From so many times the next best's time on, that is told: less is another machine, or a busy one."""


def error(candidate: Candidate, dtype: str) -> float:
    """Candidate, dtype -> the largest error of a sum of its initial matrices, kept for all visitors."""
    from learning.choosing import row_error

    return kept(("row error", candidate.projector, dtype), partial(row_error, candidate.projector, dtype))


def answer(found: Choice, dtype: str, seconds: Mapping[str, float]) -> str:
    """The answer, as markdown: what to take, then one reason a line; with what was measured, by name, as far as it is.

    That never decides, for it is another on every machine; but where it says something else, this says so.
    """
    best = found.answer
    lines = [f"Take **`{best.projector!r}`**.", ""]
    lines += [f"- {reason}" for reason in reasons(best, found.n, dtype, seconds.get(best.name))]
    if slow := _slow(found, seconds):
        lines.append(f"- {slow}")
    if found.rivals:
        lines += [
            "",
            f"Next best within the budget: **{found.rivals[0].name}**, {against(found.rivals[0], best, found.prefer)}.",
        ]
    if dearer := [each for each in found.excluded if each.order(found.prefer) < best.order(found.prefer)]:
        first = dearer[0]
        lines += ["", f"**{first.name}** would come before it, but {found.budget.forbids(first)}."]
    return "\n".join(lines)


def reasons(best: Candidate, n: int, dtype: str, seconds: float | None) -> list[str]:
    """Candidate, n, dtype, how long one matrix was measured to take -> what is known of it, a sentence each."""
    from learning.choosing.answer import counted

    projector, said = best.projector, [_reach(best, n)]
    exact = "by construction" if projector.exact else "not by construction"
    off = error(best, dtype)
    rounded = f"they are off by {off:.0e} at most, of 256 random matrices" if off else "256 random matrices are not off"
    said.append(f"**Sums**: rows and columns sum to 1 {exact}; in {dtype} {rounded}.")
    taken = "" if seconds is None else f", {brief(1e6 * seconds, '.2f')} µs with its gradient on this server"
    said.append(f"**Price**: {counted(projector)} a matrix, {projector.flops:,} operations to make it{taken}.")
    return [*said, _learning(best)]


def _slow(found: Choice, seconds: Mapping[str, float]) -> str:
    """The answer, seconds by name -> what speaks against it: a rival that was measured to be much faster."""
    best, others = found.answer, [each for each in found.rivals if each.name in seconds]
    peers = [each for each in others if each.standing == best.standing]
    if best.name not in seconds or not peers:
        return ""
    times, first = seconds[best.name] / seconds[peers[0].name], peers[0].name
    return f":orange[**Against it**]: it takes {readable(times)} times as long as {first}." if times >= SLOW else ""


def _reach(best: Candidate, n: int) -> str:
    if n == 2:
        part = "all" if best.full else "no more than a part"
        return f"**Reach**: {part} of the segment from −1 to 1: at n = 2 every eigenvalue is real."
    if best.full:
        whole = "**Reach**: everything. A formula gives parameters for every doubly stochastic matrix"
        return f"{whole}, up to limits." if best.name in ("mHC", "mHC-lite") else f"{whole}."
    if best.certified is None and n <= LARGEST and not best.projector.exact:
        return "**Reach**: none that can be certified: its sums are not 1, so that no matrix of it is a witness."
    if best.certified is None:
        return f"**Reach**: not known here: maps are shipped for n = 3 to {LARGEST}."
    if not best.certified:
        seen = f"eigenvalues were seen in {100 * (best.touched or 0):.1f} %"
        return f"**Reach**: nothing of the Perfect–Mirsky region is certified; {seen}."
    return (
        f"**Reach**: {100 * best.certified:.1f} % of the Perfect–Mirsky region certified, with a matrix for every "
        f"cell; eigenvalues were seen in {100 * (best.touched or 0):.1f} %."
    )


def _learning(best: Candidate) -> str:
    if not best.projector.parameter_count:
        return "**Learning**: there is nothing to learn; it cannot do what any of the others can."
    if best.learned is None:
        return "**Learning**: the experiment of Fig. 6 was not run at this size."
    if best.meets:
        return (
            f"**Learning**: it meets random targets after {best.learned.epochs:,} iterations of the paper's Fig. 6 "
            f"experiment{'' if best.learned.converged else ', and still came nearer at the end'}."
        )
    return f"**Learning**: it does not meet all random targets of the paper's Fig. 6 experiment: {_excess(best)}."


def against(rival: Candidate, best: Candidate, prefer: Preference) -> str:
    """Two candidates, what is preferred -> what puts the second first, in words."""
    from learning.choosing.answer import counted

    if rival.standing != best.standing:
        if rival.standing == "nothing to learn":
            return "which has nothing to learn"
        if rival.standing == "unknown":
            return "of which the learning experiment is not known"
        return f"which misses random targets: {_excess(rival)}"
    ours, theirs = best.criteria(prefer), rival.criteria(prefer)
    decides = next((name for name in ours if ours[name] != theirs[name]), "")
    if decides == "loss" and best.learned is not None:
        return f"which ends further from random targets: {_excess(rival)}, against {best.learned.excess:,.1f}"
    if decides == "reach":
        return _less_reach(rival, best)
    if decides == "learning":
        return _slower(rival, best)
    if decides == "numbers":
        return f"which takes {counted(rival.projector)} against {best.projector.parameter_count:,}"
    return "which is no better in anything that counts here"


def _excess(candidate: Candidate) -> str:
    excess = candidate.learned.excess if candidate.learned is not None else nan
    return f"its last loss is {excess:,.1f} times the least possible"


def _less_reach(rival: Candidate, best: Candidate) -> str:
    if best.certified is None or rival.certified is None:
        return "for which no formula reaches every matrix"
    return f"which certainly reaches {100 * rival.certified:.1f} % against {100 * best.certified:.1f} %"


def _slower(rival: Candidate, best: Candidate) -> str:
    if best.learned is None or rival.learned is None:
        return "of which the learning experiment is not known"
    return f"which takes {rival.learned.epochs:,} iterations to learn against {best.learned.epochs:,}"


CRITERIA = {"reach": "certified reach in steps of 2 %", "learning": "speed of learning", "numbers": "few numbers"}
"""What may be preferred, in words."""


def not_told(found: Choice) -> str:
    """What the answer rests on, and what it does not."""
    ran = any(each.learned is not None for each in found.every)
    names = sorted(CRITERIA, key=lambda name: name != found.prefer)
    first, *others = (CRITERIA[name] for name in names if ran or name != "learning")
    by = f"by {first}, then by {' and by '.join(others)}"
    able = "that meet random targets" if ran else "whose formula reaches every matrix"
    among = {
        "able": f"Chosen among those {able}, {by}.",
        "unknown": f"Nothing within the budget is known to meet random targets. Chosen among those that may, {by}.",
        "missed": "Nothing within the budget meets random targets. Chosen by how near the last loss comes.",
        "nothing to learn": "Nothing that learns is within the budget.",
    }
    return (
        f"{among[found.answer.standing]} "
        ":orange[**What this does not tell**]: how well a network trains with it. Reach says which matrices and "
        "eigenvalues are possible, not which ones help; the paper itself finds its language models on a par."
    )
