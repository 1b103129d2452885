"""Liger kernels: `phi` (n C, n^2 + 2n), transposed against the others, `b` (n^2 + 2n), `alpha_pre/post/res`.

DeepSeek's iterations, `tmax` 20 of them, eps 1e-6 - but not its transpose: out[o] is the sum of h_res[o, i] x[i].

Source: liger-kernel 0.8.5, transformers/mhc.py and ops/mhc.py.
"""

from __future__ import annotations

from torch import Tensor

from inspector.conventions.deepseek import DEFAULTS
from inspector.conventions.layout import (
    AS_COMPUTED,
    Layout,
    Reading,
    as_they_enter,
    comb_of,
    member,
    owners,
    projected,
    sinkhorn_reading,
    streams_of,
)
from inspector.formats.stored import Tensors
from inspector.settings import Settings

NORM = 1e-6


def _sites(tensors: Tensors) -> list[str]:
    def fits(site: str) -> bool:
        b, phi = tensors.shape(member(site, "b")), tensors.shape(member(site, "phi"))
        whole = member(site, "alpha_res") in tensors
        return whole and len(b) == 1 and streams_of(b[0]) is not None and phi[-1:] == b

    return [site for site in owners(tensors, "phi") if fits(site)]


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    b = tensors.read(member(site, "b"))
    logits = comb_of(b)
    n = len(logits)
    if hidden is not None:
        weight, alpha = tensors.read(member(site, "phi"))[:, 2 * n :].mT, tensors.read(member(site, "alpha_res"))
        logits = logits + alpha * projected(hidden, weight, NORM).unflatten(-1, (n, n))
    dtype, config = tensors.dtype(member(site, "b")), tensors.config_of(member(site, "b"))
    return sinkhorn_reading(logits, dtype, config, settings, DEFAULTS, first="rows", transposed=False)


LIGER = Layout(
    "Liger", AS_COMPUTED, "liger-kernel 0.8.5, transformers/mhc.py", (".phi",), _sites, _read, streams=as_they_enter
)
