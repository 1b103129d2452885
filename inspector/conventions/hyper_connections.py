"""`hyper-connections` 0.4 (lucidrains), mHC and mHCv2: `static_alpha` (s, v + s), `dynamic_alpha_fn` (p, d, v + s).

Each stream is normed by itself, with `norm.gamma` (d), and its logits are row s of alpha; the first v columns are
H_pre's. p proposals are made doubly stochastic one by one and averaged. Sinkhorn divides by columns, then by rows,
`sinkhorn_iters` 20. Applied as "s t, s d -> t d", the transpose. A `residual_mix_constraint_fn` of one's own leaves no
trace in the parameters.

Source: hyper-connections 0.4.11, manifold_constrained_hyper_connections.py and mHCv2.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from inspector.conventions.layout import (
    COMB_TRANSPOSED,
    Layout,
    Reading,
    gamma_normed,
    in_the_batch,
    member,
    owners,
    sinkhorn_reading,
)
from inspector.formats.stored import Tensors
from inspector.settings import Settings

DEFAULTS = {"iterations": 20}


def _sites(tensors: Tensors) -> list[str]:
    def fits(site: str) -> bool:
        static, dynamic = (tensors.shape(member(site, name)) for name in ("static_alpha", "dynamic_alpha_fn"))
        return len(static) == 2 and 2 <= static[0] < static[1] and len(dynamic) == 3 and dynamic[-1] == static[-1]

    return [site for site in owners(tensors, "static_alpha") if fits(site)]


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    name = member(site, "static_alpha")
    static = tensors.read(name)
    n = len(static)
    logits = static[:, -n:]
    if hidden is not None:
        normed = gamma_normed(hidden, tensors.read(member(site, "norm.gamma")))
        weight = tensors.read(member(site, "dynamic_alpha_fn"))[..., -n:]  # (p, d, n)
        scale = tensors.read(member(site, "residual_scale"))
        logits = logits + scale * (normed[..., None, :, :] @ weight)  # (..., p, n, n)
    read = _table(logits, tensors.dtype(name), tensors.config_of(name), settings)
    return read if hidden is None else replace(read, matrix=read.matrix.mean(-3), logits=logits.mean(-3))


def _table(logits: Tensor, dtype: str, config: Mapping[str, Any], settings: Settings) -> Reading:
    return sinkhorn_reading(logits, dtype, config, settings, DEFAULTS, first="columns", transposed=True)


def _streams(tensors: Tensors, site: str, entering: Tensor) -> Tensor:
    """mHCv2 is given (..., n, d), with a static_beta of three axes; mHC has its streams in the batch."""
    version2 = len(tensors.shape(member(site, "static_beta"))) == 3
    return entering if version2 else in_the_batch(tensors, site, entering)


HYPER_CONNECTIONS = Layout(
    "hyper-connections",
    COMB_TRANSPOSED,
    "hyper-connections 0.4.11, mHC and mHCv2",
    ("static_alpha",),
    _sites,
    _read,
    _table,
    streams=_streams,
)
