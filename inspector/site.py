"""Mixing sites and collections of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from inspector.conventions.layout import LARGEST, Reading
from inspector.formats.stored import Tensors
from projectors.checks import whole_number


@dataclass(frozen=True, eq=False, kw_only=True)
class Site(Reading):
    """One place of a network where its n streams are mixed, or one matrix of a table.

    `matrix` is H_res as it acts on streams, row i being what stream i becomes: (n, n), or (..., n, n) where it depends
    on tokens and hidden states were given; float64. `layout` names the project's layout that it was read under, and
    `applies` how that acts on streams. `logits` went into it, with so many Sinkhorn `iterations`, `epsilon` and
    `temperature`, None where there is no such thing; `last` says which sums its last half-step makes exact. `dtype` is
    the type of numbers as stored; `stack`, `layer` and `site` say where it is. `warnings` are sentences.
    """

    name: str
    layer: int
    site: str
    stack: str
    warnings: tuple[str, ...]
    layout: str
    applies: str

    @property
    def part(self) -> str:
        """Which part of its layer it belongs to; of a table, where nothing is numbered, "matrix" for all."""
        return self.site if self.stack else "matrix"

    @property
    def n(self) -> int:
        """The number of streams."""
        return self.matrix.shape[-1]

    @property
    def dynamic(self) -> bool:
        """Whether there is a matrix for each of several tokens."""
        return self.matrix.ndim > 2

    @cached_property
    def row_error(self) -> float:
        """The largest |row sum - 1|, over all tokens: what a stream gains or loses."""
        return float((self.matrix.sum(-1) - 1).abs().amax())

    @cached_property
    def column_error(self) -> float:
        """The largest |column sum - 1|, over all tokens: what the sum of all streams gains or loses."""
        return float((self.matrix.sum(-2) - 1).abs().amax())

    @property
    def settings(self) -> str:
        """What its logits were read with, in words; empty without iterations."""
        if self.iterations is None:
            return ""
        epsilon = f", ε {self.epsilon:g}" if self.epsilon else ""
        temperature = f", τ {self.temperature:g}" if self.temperature not in (None, 1.0) else ""
        return f"{self.iterations} iterations{epsilon}{temperature}"

    def __repr__(self) -> str:
        return f"<Site {self.name!r}: {' x '.join(map(str, self.matrix.shape))}, {self.layout}>"


@dataclass(frozen=True, eq=False)
class Collection:
    """Mixing sites in the order in which a signal meets them; `source` says where they come from.

    `kind` says what was read, `tensors` holds what it was read from.
    """

    sites: tuple[Site, ...]
    source: str
    kind: str
    tensors: Tensors = field(repr=False)

    def __iter__(self) -> Iterator[Site]:
        return iter(self.sites)

    def __len__(self) -> int:
        return len(self.sites)

    def __getitem__(self, which: int | str) -> Site:
        """Number or name -> the site. Raises IndexError and KeyError."""
        if isinstance(which, str):
            return {site.name: site for site in self.sites}[which]
        return self.sites[which]

    def __repr__(self) -> str:
        return f"<Collection of {len(self)} sites from {self.source}: {', '.join(self.layouts)}>"

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts that sites were read under, each once."""
        return tuple(dict.fromkeys(site.layout for site in self.sites))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers n of streams that occur, ascending."""
        return tuple(sorted({site.n for site in self.sites}))

    def of_size(self, n: int) -> tuple[Site, ...]:
        """n -> the sites with so many streams, in order. Raises ValueError unless n is a whole number from 1 to 64."""
        whole_number(n, "n", 1, LARGEST)
        return tuple(site for site in self.sites if site.n == n)

    def matrices(self, n: int) -> Tensor:
        """n -> H_res (sites, n, n) of the sites with so many streams; of dynamic ones the mean over tokens."""
        chosen = [site.matrix.reshape(-1, n, n).mean(0) for site in self.of_size(n)]
        return torch.stack(chosen) if chosen else torch.empty(0, n, n, dtype=torch.float64)
