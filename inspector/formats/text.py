"""Matrices as people write them: rows of numbers, and the notations of Python, NumPy, LaTeX and MATLAB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import torch

from inspector.formats.factors import FRACTION, NUMBER, Around, around, plain_latex, unchanged
from inspector.formats.stored import Stored, Tensors
from inspector.formats.tables import entries, even, tables

DEEPEST = 6
"""How deep brackets may be nested."""

LARGEST_TEXT, MOST_ROWS = 16_000_000, 300_000
"""Letters and lines: some seconds."""

LATEX = re.compile(r"(?:[bpvBV]?(?:small)?matrix|array)\*?\}(?:\{[^}]{0,99}\})?")
CALL = re.compile(
    r"\b(?:[A-Za-z_]\w*\.){0,2}(?:\w*(?:array|tensor|matrix)|constant|list|tuple|DataFrame|Parameter|Variable|print"
    r"|display|double|single|float)\s*\(",
    re.IGNORECASE,
)
"""What makes a matrix of its numbers, and changes none of them."""

QUOTED = re.compile(r"'(\[[^']*\])'")
KEYWORD = re.compile(r"\b(?:dtype|device|requires_grad)\s*=\s*(?:'[^']*'|\"[^\"]*\"|[\w.]+)")
NUMBERED = re.compile(r"\[(?:\d+,|,\d+)\]")
"""What R prints beside the rows and above the columns of a matrix."""

ASSIGNED = re.compile(r"^[^\S\n]*[A-Za-z_]\w*[^\S\n]*=(?!=)\s*", re.MULTILINE)
"""None of these may begin with blanks that go over lines, nor have two kinds of blanks beside each other: from every
place of a long blank stretch, all of it would be searched again."""

ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What `splitlines` ends a line at."""


def read(text: str, kind: str = "the text") -> Tensors:
    """Text -> the matrices in it, in the order in which they stand: "matrix" if it is one, else "matrix.0" and so on.

    Plain rows: numbers between spaces, commas, semicolons, tabs or bars, fractions such as 1/3 included; a line
    without a number, or an empty one, ends a matrix; names of rows and columns are passed over, and so are numbers that
    only count them. Commas are decimal where semicolons or tabs separate and the table is square so. A matrix in
    brackets, or in LaTeX, may stand times or over a number, and transposed. Raises ValueError if rows of one matrix
    differ in length, for what cannot be a number, and for what is computed with a matrix besides.
    """
    lines = sum(map(text.count, ENDS)) - text.count("\r\n")
    if len(text) > LARGEST_TEXT or lines > MOST_ROWS:
        raise ValueError(
            f"{kind} must have at most {LARGEST_TEXT:,} letters and {MOST_ROWS:,} lines: take .npz for more"
        )
    if "\0" in text:
        raise ValueError(f"{kind} must be text; it holds bytes that are none")
    if "\\begin" in text:
        found = list(_environments(_with_strokes(text), kind))
    else:
        plain = ASSIGNED.sub("", KEYWORD.sub("", CALL.sub("(", QUOTED.sub(r"\1", NUMBERED.sub(" ", text)))))
        found = list(_groups(plain, kind)) if re.search(r"[\[\]{}]", plain) else tables(plain, kind)
    if not found:
        raise ValueError(f"{kind} must hold rows of numbers; it begins with {text.strip()[:60]!r}")
    tensors = [Stored.of(torch.tensor(matrix, dtype=torch.float64)) for matrix in found]
    names = ["matrix"] if len(tensors) == 1 else [f"matrix.{number}" for number in range(len(tensors))]
    return Tensors(dict(zip(names, tensors, strict=True)), kind, loose=True)


def decoded(data: bytes, kind: str) -> str:
    """Bytes -> the text they are in UTF-8, with or without a mark, or UTF-16 with one; ValueError for others."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{kind} must be text in UTF-8; byte {error.start:,} is none: {data[error.start]:#04x}"
        ) from None


def _with_strokes(text: str) -> str:
    """LaTeX -> the same with fractions as a/b."""
    return FRACTION.sub(lambda found: "/".join(part.strip() for part in found.groups() if part is not None), text)


def _environments(text: str, kind: str) -> Iterator[list[list[float]]]:
    """LaTeX -> its matrices and arrays, as what stands around them changes them."""
    first, *parts = text.split("\\begin{")
    bodies: list[str] = []
    gaps = [[first]]
    for part in parts:
        if begun := LATEX.match(part):
            body, _, rest = part[begun.end() :].partition("\\end{")
            bodies.append(body)
            gaps.append([rest.partition("}")[2]])
        else:
            gaps[-1] += ["\\begin{", part]
    between = ["".join(gap) for gap in gaps]
    for place, body in enumerate(bodies):
        before, after = between[place : place + 2]
        if place and not before.strip(" ") and "\n" not in before:
            before = "*"
        done = around(plain_latex(before), plain_latex(after), kind, latex=True)
        for matrix in tables(_plain_latex(body), kind):
            yield done.applied(matrix)


def _plain_latex(body: str) -> str:
    lines = re.sub(r"\\\\(?:\[[^\]]{0,20}\])?|\\cr", "\x1e", body).replace("\n", " ").replace("\x1e", "\n")
    return re.sub(r"\\(?:hline|,|;|!|quad|left|right)", " ", lines)


def _groups(text: str, kind: str) -> Iterator[list[list[float]]]:
    """Text with brackets -> its matrices, as what stands around the outermost brackets changes them."""
    spans, depth, start = [(0, 0)], 0, 0
    for found in re.finditer(r"[\[\]{}]", text):
        opens = found.group() in "[{"
        depth += 1 if opens else -1
        if depth < 0:
            break
        if depth == 1 and opens:
            start = found.start()
        elif depth == 0:
            spans.append((start, found.end()))
    gaps = [text[stop:start] for (_, stop), (start, _) in pairwise([*spans, (len(text), 0)])]
    done = [around(*gap, kind) for gap in pairwise(gaps)] if depth == 0 else []
    if all(each == Around() for each in done):  # brackets may be rows, or be wrong
        yield from _bracketed(text, kind)
        return
    for each, (start, stop) in zip(done, spans[1:], strict=True):
        for matrix in _bracketed(text[start:stop], kind):
            yield each.applied(matrix)


def _bracketed(text: str, kind: str) -> Iterator[list[list[float]]]:
    """Text with brackets -> its matrices: innermost brackets are rows, or whole matrices where they hold ; or lines."""
    rows: list[list[float]] = []
    depth, begin, inner, closed, block, last = 0, 0, True, 0, False, 0
    for found in re.finditer(r"[\[\]{}]", text):
        if depth and not (inner and found.group() in "]}"):
            unchanged(text[last : found.start()], kind)
        last = found.end()
        if found.group() in "[{":
            if depth and inner and NUMBER.search(text[begin : found.start()]):
                raise ValueError(
                    f"{kind} must not mix numbers with brackets: {text[begin : found.start()].strip()[:40]!r}"
                )
            if depth == 0 and rows and block:
                yield even(rows, kind)
                rows = []
            depth, begin, inner = depth + 1, found.end(), True
            if depth > DEEPEST:
                raise ValueError(f"{kind} must not nest brackets deeper than {DEEPEST}")
            continue
        if depth == 0:
            raise ValueError(f"{kind} must not close a bracket that it does not open")
        if inner:
            body = text[begin : found.start()]
            block = ";" in body or (depth == 1 and "\n" in body.strip())
            parts = [entries(line, kind) for line in (re.split(r"[;\n]", body) if block else [body.replace("\n", " ")])]
            rows += [part for part in parts if part]
            closed = depth
        elif rows and depth < closed:  # a matrix ends where the bracket around its rows does
            yield even(rows, kind)
            rows = []
        depth, inner = depth - 1, False
    if depth:
        raise ValueError(f"{kind} must close every bracket that it opens")
    if rows:
        yield even(rows, kind)
