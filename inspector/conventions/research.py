"""The code of mhc-lite, which KromHC, hc-stream-collapse and mhc-interp share: mHC, mHC-lite and KromHC.

All streams of a token are normed together, with `norm.gamma` (s d). mHC: `static_alpha` (s, v + s), `dynamic_alpha_fn`
(s d, s (v + s)) by rows of streams; Sinkhorn by columns, then rows, 20 times. mHC-lite: `static_alpha` flat, s v
numbers of H_pre and then s! logits of permutations. KromHC: s v, then two logits for each factor of size 2; s is a
power of 2. `residual_scale` multiplies what depends on the token. Applied as "s t, s d -> t d", the transpose.

Source: FFTYYY/mhc-lite at ea19775; wz1119/KromHC at dd2910c, hyper_conn/mhc.py and Kromhc.py.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

from torch import Tensor

from inspector.conventions import hyper_connections
from inspector.conventions.layout import (
    COMB_TRANSPOSED,
    Layout,
    Reading,
    gamma_normed,
    in_the_batch,
    member,
    owners,
    sinkhorn_reading,
    steps,
)
from inspector.formats.stored import Tensors
from inspector.settings import Settings
from projectors import Kronecker, PermutationMixture, Projector
from projectors.sizes import LARGEST_PERMUTATION_SIZE

SOURCE = "FFTYYY/mhc-lite, ea19775; wz1119/KromHC, dd2910c"
KEYS = ("static_alpha",)


def factorial_of(number: int) -> int | None:
    """A factorial -> what it is one of, from 2 to 8; None for other numbers.

    >>> factorial_of(24), factorial_of(25)
    (4, None)
    """
    return {factorial(n): n for n in range(2, LARGEST_PERMUTATION_SIZE + 1)}.get(number)


def _owners(tensors: Tensors) -> list[str]:
    """Sites with a static and a two-dimensional dynamic part, and with the scales that tell them from plain HC."""
    sites = [site for site in owners(tensors, "static_alpha") if len(_shape(tensors, site, "dynamic_alpha_fn")) == 2]
    return [site for site in sites if member(site, "residual_scale") in tensors]


def _shape(tensors: Tensors, site: str, name: str) -> tuple[int, ...]:
    return tensors.shape(member(site, name))


def _sinkhorn_sites(tensors: Tensors) -> list[str]:
    def fits(site: str) -> bool:
        static = _shape(tensors, site, "static_alpha")
        full = len(static) == 2 and 2 <= static[0] < static[1]
        return full and _shape(tensors, site, "dynamic_alpha_fn")[1] == static[0] * static[1]

    return [site for site in _owners(tensors) if fits(site)]


def _dynamic(tensors: Tensors, site: str, hidden: Tensor) -> Tensor:
    """Streams (..., s, d) -> what the token adds to all logits (..., k), H_pre's included."""
    normed = gamma_normed(hidden.flatten(-2), tensors.read(member(site, "norm.gamma")))
    scale = tensors.read(member(site, "residual_scale"))
    return scale * (normed @ tensors.read(member(site, "dynamic_alpha_fn")))


def _read_sinkhorn(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    name = member(site, "static_alpha")
    static = tensors.read(name)
    n = len(static)
    logits = static[:, -n:]
    if hidden is not None:
        logits = logits + _dynamic(tensors, site, hidden).unflatten(-1, (n, -1))[..., -n:]
    dtype, config, defaults = tensors.dtype(name), tensors.config_of(name), hyper_connections.DEFAULTS
    return sinkhorn_reading(logits, dtype, config, settings, defaults, first="columns", transposed=True)


def _flat_sites(made: Callable[[int], Projector | None]) -> Callable[[Tensors], list[str]]:
    """Which projector n streams would have -> how its sites are found: by the lengths of their parameters."""

    def sites(tensors: Tensors) -> list[str]:
        return [site for site in _owners(tensors) if _projector(tensors, site, made) is not None]

    return sites


def _projector(tensors: Tensors, site: str, made: Callable[[int], Projector | None]) -> Projector | None:
    static, beta = _shape(tensors, site, "static_alpha"), _shape(tensors, site, "static_beta")
    if len(static) != 1 or len(beta) != 1 or beta[0] < 2:
        return None
    projector = made(beta[0])
    views = 0 if projector is None else static[0] - projector.parameter_count
    return projector if views > 0 and views % beta[0] == 0 and views <= 4 * beta[0] else None


def _flat_read(
    made: Callable[[int], Projector | None],
) -> Callable[[Tensors, str, Settings, Tensor | None], Reading]:
    def read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
        projector = _projector(tensors, site, made)
        assert projector is not None
        logits = tensors.read(member(site, "static_alpha"))[-projector.parameter_count :]
        if hidden is not None:
            logits = logits + _dynamic(tensors, site, hidden)[..., -projector.parameter_count :]
        dtype = tensors.dtype(member(site, "static_alpha"))
        return Reading(projector.matrices(logits).mT, dtype, logits)

    return read


def _flat_steps(made: Callable[[int], Projector | None]) -> Callable[[Tensors, str], float]:
    def taken(tensors: Tensors, site: str) -> float:
        projector = _projector(tensors, site, made)
        assert projector is not None
        return steps(projector)

    return taken


def _permutations(n: int) -> Projector | None:
    return PermutationMixture(n) if 2 <= n <= LARGEST_PERMUTATION_SIZE else None


def _twos(n: int) -> Projector | None:
    return Kronecker((PermutationMixture(2),) * (n.bit_length() - 1)) if 4 <= n <= 64 and n & (n - 1) == 0 else None


MHC = Layout(
    "mHC in mhc-lite's code", COMB_TRANSPOSED, SOURCE, KEYS, _sinkhorn_sites, _read_sinkhorn, streams=in_the_batch
)
MHC_LITE = Layout(
    "mHC-lite",
    COMB_TRANSPOSED,
    SOURCE,
    KEYS,
    _flat_sites(_permutations),
    _flat_read(_permutations),
    streams=in_the_batch,
    steps=_flat_steps(_permutations),
)
KROMHC = Layout("KromHC", COMB_TRANSPOSED, SOURCE, KEYS, _flat_sites(_twos), _flat_read(_twos), streams=in_the_batch)
