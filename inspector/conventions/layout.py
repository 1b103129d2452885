"""What one project's layout of parameters is, as a value, and the arithmetic that several share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import normalize

from inspector.formats.stored import Tensors
from inspector.names import FILE
from inspector.settings import Settings
from projectors import MatrixMap, Sinkhorn
from projectors.conventions import Convention, First

Last = Literal["rows", "columns"]

LARGEST = 64
"""The largest n: beyond it the regions that spectra are compared with are not drawn."""

OPERATIONS = 2**19
"""Floating-point operations that take as long as a Sinkhorn iteration of a small matrix, or eight calls of torch."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One mixing matrix as it was read: H_res (..., n, n) in float64, and what it was made from.

    `last`: which of H_res's sums the last half-step makes exact, None without iterations. `logits` are what goes into
    the map, None where there are none; `mixing`: False where H_res is the identity by construction.
    """

    matrix: Tensor
    dtype: str
    logits: Tensor | None = None
    iterations: int | None = None
    epsilon: float | None = None
    temperature: float | None = None
    last: Last | None = None
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    mixing: bool = True


Reader = Callable[[Tensors, str, Settings, Tensor | None], Reading]
"""How a site is read, with the hidden streams (..., n, d) that enter it or, without, what does not depend on them."""


@dataclass(frozen=True)
class Layout:
    """How a project stores and applies H_res.

    `applies` says how what it computes acts on streams, `source` where that was read. `keys` are endings of names by
    which files with its sites are known, `sites` finds the names of these, `read` reads one; `table`, where there is
    one, says what a square table of its logits means under a configuration, and
    `streams` makes streams (..., n, d) of what enters the module of a site, where there is one; `steps` says what
    reading a matrix will take, counted as the function `steps` does, where that is more than its iterations; `batch`
    how many matrices a site has of its own, one after the other, None where it is one.
    """

    name: str
    applies: str
    source: str
    keys: tuple[str, ...]
    sites: Callable[[Tensors], Iterable[str]]
    read: Reader
    table: Callable[[Tensor, str, Mapping[str, Any], Settings], Reading] | None = None
    streams: Callable[[Tensors, str, Tensor], Tensor] | None = None
    steps: Callable[[Tensors, str], float] | None = None
    batch: Callable[[Tensors, str], int | None] | None = None


COMB_TRANSPOSED = "H_res is the transpose of what is computed: stream j becomes the sum of comb[i, j] x[i] over i"
AS_COMPUTED = "H_res is what is computed: stream i becomes the sum of H[i, j] x[j] over j"


def member(site: str, name: str) -> str:
    """Site, name of one of its parameters -> the full name; a site without a name is the whole file.

    >>> member("layers.0.attn_hc", "base"), member("", "base"), member("a.pt: ", "base")
    ('layers.0.attn_hc.base', 'base', 'a.pt: base')
    """
    return f"{site}.{name}" if site and not site.endswith(FILE) else f"{site}{name}"


def owners(tensors: Tensors, name: str) -> list[str]:
    """All sites that have a parameter of this name."""
    sites = {full: full[: -len(name)].removesuffix(".") for full in tensors.stored if full.endswith(name)}
    return [site for full, site in sites.items() if member(site, name) == full]


def streams_of(packed: int) -> int | None:
    """Length of a packed (pre, post, comb) -> its n, with n + n + n^2 of that length, or None.

    >>> streams_of(24), streams_of(25)
    (4, None)
    """
    n = isqrt(packed + 1) - 1
    return n if n >= 1 and n * (n + 2) == packed else None


def comb_of(packed: Tensor) -> Tensor:
    """Packed (pre, post, comb) of length n + n + n^2 -> the logits (n, n) of comb, which come last, by rows."""
    n = streams_of(len(packed))
    if n is None:
        raise ValueError(f"pre, post and comb must have n + n + n^2 numbers together, not {len(packed):,}")
    return packed[2 * n :].unflatten(-1, (n, n))


def bounded(n: int) -> int:
    """A number of streams -> itself, or ValueError before anything of that size is made."""
    if not 2 <= n <= LARGEST:
        raise ValueError(f"a site must mix 2 to {LARGEST} streams, not {n:,}")
    return n


def steps(projector: MatrixMap) -> float:
    """A projector -> about how long a matrix of it takes, in Sinkhorn iterations of a small one, of 25 microseconds."""
    return _iterations(projector) + min(projector.flops, 10**30) / OPERATIONS


def _iterations(projector: MatrixMap) -> float:
    """What small matrices wait for, one after the other, in the projectors that this one is made of too."""
    fields = (value if isinstance(value, tuple) else (value,) for value in vars(projector).values())
    inner = sum(_iterations(each) for values in fields for each in values if isinstance(each, MatrixMap))
    return inner + (projector.iterations if isinstance(projector, Sinkhorn) else projector.calls / 8)


def balanced(logits: Tensor, *, iterations: int, epsilon: float, temperature: float, first: First) -> Tensor:
    """Logits (..., n, n) -> Sinkhorn's matrix (..., n, n) as these settings say."""
    scaled = (logits / temperature).flatten(-2)
    return Sinkhorn(bounded(logits.shape[-1]), iterations, convention=Convention(first, epsilon)).matrices(scaled)


def sinkhorn_reading(
    logits: Tensor,
    dtype: str,
    config: Mapping[str, Any],
    settings: Settings,
    defaults: Mapping[str, float],
    *,
    first: First,
    transposed: bool,
) -> Reading:
    """Logits (..., n, n) -> the reading of Sinkhorn's matrix, transposed if the project applies it so.

    `defaults` holds what the project lets people choose: what it does not, is fixed and not assumed.
    """
    values, assumed = settings.resolved(config, **defaults)
    iterations, epsilon, temperature = values["iterations"], values["epsilon"], values["temperature"]
    matrix = balanced(logits, iterations=iterations, epsilon=epsilon, temperature=temperature, first=first)
    ends_on_rows = (first == "columns") != transposed
    return Reading(
        matrix.mT if transposed else matrix,
        dtype,
        logits,
        iterations,
        epsilon,
        temperature,
        "rows" if ends_on_rows else "columns",
        assumed,
    )


def as_they_enter(tensors: Tensors, site: str, entering: Tensor) -> Tensor:
    """Streams (..., n, d) as they are."""
    return entering


def in_the_batch(tensors: Tensors, site: str, entering: Tensor) -> Tensor:
    """Streams folded into the batch, (b n, ..., d), of a site with a static_alpha -> (b, ..., n, d)."""
    n = tensors.shape(member(site, "static_beta"))[0]
    return entering.unflatten(0, (-1, n)).movedim(1, -2)


def gamma_normed(x: Tensor, gamma: Tensor) -> Tensor:
    """x (..., d), gamma (d) -> x over its root mean square, times gamma + 1, as lucidrains' RMSNorm has it."""
    return normalize(x.double(), dim=-1) * x.shape[-1] ** 0.5 * (gamma + 1)


def projected(hidden: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """Streams (..., n, d), weight (k, n d) -> their projections (..., k) after an RMS norm over all streams."""
    flat = hidden.double().flatten(-2)
    if flat.shape[-1] != weight.shape[-1]:
        raise ValueError(f"hidden streams must have {weight.shape[-1]:,} numbers a token, not {flat.shape[-1]:,}")
    return (flat @ weight.mT) * torch.rsqrt(flat.square().mean(-1, keepdim=True) + epsilon)
