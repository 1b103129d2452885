"""Numbers as a person reads them."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from figures.spectrum.plane import LIMIT


def duration(seconds: float) -> str:
    """Seconds -> "40 s", "12 min" or "3 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


def readable(number: float) -> str:
    """Number -> how a person reads it: 1,234 or 1.2 million or 3.5e9."""
    if abs(number) < 1e6:
        return f"{number:,.0f}"
    if abs(number) < 1e9:
        return f"{number / 1e6:,.1f} million"
    return f"{number:.1e}".replace("e+0", "e").replace("e+", "e")


def brief(number: float, form: str) -> str:
    """Number -> it in that format below 100, and as a person reads it from there on."""
    return format(number, form) if abs(number) < 100 else readable(number)


def complex_number(value: complex, form: str = ".6f") -> str:
    """A complex number, the format of its parts -> how it is written in a sentence.

    >>> complex_number(-0.5 + 0.25j, "g"), complex_number(1 - 1e-17j, ".3f")
    ('−0.5 + 0.25i', '1.000 + 0.000i')
    """
    re, im = (format(part, f"z{form}") if form != "g" else format(part, form) for part in (value.real, value.imag))
    sign = "−" if im.startswith("-") else "+"
    return f"{re} {sign} {im.lstrip('-')}i".replace("-", "−")


def unseen(values: NDArray[np.complex128]) -> str:
    """Eigenvalues of any shape -> a sentence on those outside the picture of the whole plane; "" if there are none."""
    far = values[np.maximum(abs(values.real), abs(values.imag)) > LIMIT]
    if not len(far):
        return ""
    some = "1 eigenvalue lies" if len(far) == 1 else f"{len(far):,} eigenvalues lie"
    return f"**{some} outside the picture**, up to |λ| = {brief(float(abs(far).max()), '.3g')}."


def search_ended(why: str) -> str:
    """Why a search ended, in the library's words -> the end of a sentence that begins "the search"."""
    return {"out of time": "ran out of time", "not finite": "met only matrices that are not finite"}.get(why, why)


def literal(text: str) -> str:
    """Any text -> markdown that shows it letter by letter: nothing is struck out, set in italics, or a formula."""
    return re.sub(r"([\\`*_~$\[\]])", r"\\\1", text)


def sentence(error: Exception, most: int | None = None) -> str:
    """What an error says -> a sentence of it, cut off after so many letters where it quotes a stranger's file."""
    said = str(error)[:most]
    first = said.split(maxsplit=1)[0] if said.strip() else ""
    named = first == "n" or not first.isalpha()  # a letter of mathematics, or a file's own name
    return literal(f"{said if named else said[:1].upper() + said[1:]}.")
