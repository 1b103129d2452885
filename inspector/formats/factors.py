"""What stands around a matrix in text and changes it: a number as its factor or divisor, and a transpose.

Whatever else is computed there is refused: a matrix that is read without it would be another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PLAIN = r"[+\-−]?(?:(?:\d[\d_]*(?:\.[\d_]*)?|\.\d+)(?:e[+\-−]?\d+)?"
NUMBER = re.compile(rf"{PLAIN}(?:/\d+(?:\.\d*)?)?|inf(?:inity)?|nan)", re.IGNORECASE)
FRACTION = re.compile(r"\\[dt]?frac\s*(?:\{([^{}]*)\}|(\d))\s*(?:\{([^{}]*)\}|(\d))")

NEAR = 200
"""Letters on either side of a matrix that are looked at."""

CLOSED = r"(?: ?(?:, ?)?\))*"
"""Brackets that close; no blank fits in two places, or there would be 2^k ways to read k of them."""

TURNED = re.compile(CLOSED + r"(?:\.?'(?!\w)| ?(?:\.m?T\b|\.t\(\)|\.transpose\( ?\)|\^T\b|ᵀ))")
SCALED = re.compile(rf"{CLOSED} ?([*/×·]) ?({PLAIN}))(?![\w.(^]|\*\*)", re.IGNORECASE)
FACTOR = re.compile(
    rf"(?:(?<![\w.)^/*])({NUMBER.pattern})|(?<![\w.)^/*])\( ?({NUMBER.pattern}) ?\)) ?([*×·]?) ?$", re.IGNORECASE
)
FUNCTION = re.compile(r"([A-Za-z_][\w.]*)\($")
COMPUTED_AFTER = re.compile(CLOSED + r" ?(?:[*/@^+−×·⊗⊙∘-]|\.[A-Za-z_])")
COMPUTED_BEFORE = re.compile(r"[*/@^+−×·⊗⊙∘-]$")
COMMAND = re.compile(r"(?:\\[A-Za-z]+|[)}'\]]|(?<![A-Za-z])[A-Za-z]|\d)$")
"""At the end of what stands before a matrix in LaTeX: a symbol, and so another factor."""

LABEL = re.compile(r"(?:^ ?\d+\.?|[-#]\d+|[A-Za-z] [\d.]+) $")
"""A number that only says which matrix it is: of a list, or after a word."""

BULLET = re.compile(r"\s*[-*+] $")
HARMLESS = re.compile(r"[\s,;()]*")


@dataclass(frozen=True)
class Around:
    """What is done to a matrix: it is multiplied, divided, and transposed."""

    times: float = 1.0
    over: float = 1.0
    turned: bool = False

    def applied(self, rows: list[list[float]]) -> list[list[float]]:
        """Rows of a matrix, all of one length -> those that are meant."""
        scaled = [[entry * self.times / self.over for entry in row] for row in rows]
        return [list(column) for column in zip(*scaled, strict=True)] if self.turned else scaled


def number(text: str) -> float:
    """One number, or a fraction of two; ValueError where it divides by zero."""
    plain = text.replace("−", "-").replace("_", "")
    above, _, below = plain.partition("/")
    if not below:
        return float(above)
    if float(below) == 0:
        raise ValueError(f"{text!r} divides by zero")
    return float(above) / float(below)


def around(before: str, after: str, kind: str, *, latex: bool = False) -> Around:
    """The text from the last matrix to this one, and from this one to the next -> what they do to it.

    In LaTeX a number is a factor without a sign, too, and so is any symbol. Raises ValueError for what is neither.
    """
    if not latex and HARMLESS.fullmatch(before) and HARMLESS.fullmatch(after):
        return Around()
    times, turned = _before(before, kind, latex)
    scaled, over, turned_after = _after(after, kind)
    return Around(times * scaled, over, turned != turned_after)


def unchanged(between: str, kind: str) -> None:
    """Text between two brackets, inside of others: ValueError if it computes anything."""
    first, last = (re.sub(r"\s+", " ", part) for part in (between[:NEAR], between[-NEAR:]))
    if COMPUTED_AFTER.match(first) or COMPUTED_BEFORE.search(last.rstrip("( ")) or FUNCTION.search(last):
        raise _refused(kind, between[:NEAR])


def _after(text: str, kind: str) -> tuple[float, float, bool]:
    """Text behind a matrix -> what multiplies and what divides it, and whether it is transposed."""
    line = re.sub(r"[^\S\n]+", " ", text[:NEAR]).partition("\n")[0]
    times, over, turned, place = 1.0, 1.0, False, 0
    while True:
        if found := TURNED.match(line, place):
            turned = not turned
        elif found := SCALED.match(line, place):
            value = number(found[2])
            if found[1] == "/" and value == 0:
                raise ValueError(f"{found[0].strip()!r} divides by zero")
            times, over = (times, over * value) if found[1] == "/" else (times * value, over)
        else:
            break
        place = found.end()
    if COMPUTED_AFTER.match(line, place):
        raise _refused(kind, line[place:])
    return times, over, turned


def _before(text: str, kind: str, latex: bool) -> tuple[float, bool]:
    """Text in front of a matrix -> what multiplies it, and whether it is transposed."""
    line = re.sub(r"[^\S\n]+", " ", text[-NEAR:]).rpartition("\n")[2]
    if not latex and re.search(r"\w$", line):  # a function's brackets, a place in a list, or a number without a sign
        raise _refused(kind, line)
    times, turned, scaled = 1.0, False, False
    while line:
        if found := FUNCTION.search(line):
            if found[1].rpartition(".")[2] != "transpose":
                raise _refused(kind, line)
            turned, line = not turned, line[: found.start()]
        elif found := FACTOR.search(line):
            if not found[3] and not latex:
                if LABEL.search(line):
                    break
                raise _refused(kind, line)
            times, line, scaled = times * number(found[1] or found[2]), line[: found.start()], True
            if line.strip() and line.rstrip()[-1] not in "=:(,;>":
                raise _refused(kind, text[-NEAR:])
        elif line[-1] in "( ":
            line = line[:-1] if line[-1] == "(" or not BULLET.fullmatch(line) else ""
        else:
            break
    if COMPUTED_BEFORE.search(line) or (latex and not scaled and COMMAND.search(line)):
        raise _refused(kind, line)
    return times, turned


def _refused(kind: str, beside: str) -> ValueError:
    told = beside.strip()
    return ValueError(
        f"{kind} must give matrices themselves, times or over a number, or transposed; beside one stands {told[:40]!r}"
    )


def plain_latex(gap: str) -> str:
    """LaTeX between matrices, fractions written with a stroke -> the same in the letters that `around` knows.

    What ends a formula, or is no part of it, becomes "=".
    """
    plain = re.sub(r"\\(?:text|mbox|textrm|label|tag|begin|end)\*?\{[^{}]*\}|\\\\|\\[\[\]()]|[$&]|\n\s*\n", "=", gap)
    plain = re.sub(
        r"\\(?:approx|equiv|coloneqq|sim|simeq|cong|to|mapsto|[Rr]ightarrow|implies|iff|in|ni)\b", "=", plain
    )
    plain = re.sub(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])(?:\\[{}|]|[()\[\]|.])?", "", plain)
    plain = re.sub(r"\\[,;:! ]|\\q?quad\b|\\(?:display|text)style\b|~|\n", " ", plain)
    plain = re.sub(r"\\(?:cdot|times|ast|otimes|odot|circ)\b", "*", re.sub(r"[^\S\n]+", " ", plain))
    return re.sub(
        r"\^ ?(?:\\top|\\intercal|T)\b|\^ ?\{ ?(?:\\top|\\intercal|(?:\\math(?:sf|rm) ?)?\{?T\}?) ?\}", "ᵀ", plain
    )
