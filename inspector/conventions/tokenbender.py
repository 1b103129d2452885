"""tokenbender's nanoGPT and its forks: `H_res_logits` (n, n), static, starting at 0 on and -8 off the diagonal.

Sinkhorn in the logarithmic domain on logits / tau, rows first, `sinkhorn_iters` 10 and `sinkhorn_tau` 0.05 by default,
so that a start of -8 is e^-160 and never learns; the sums of columns are the exact ones. Applied as "s t, ... s d ->
... t d", the transpose. With `mhc_h_res_proj` "orthostochastic", Newton-Schulz steps make the logits nearly orthogonal,
and its squares are the matrix: the exact polar factor is taken here.

Source: tokenbender/mHC-manifold-constrained-hyper-connections at 6e05eb3, hyper_connections/hyper_connections.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from inspector.conventions.layout import COMB_TRANSPOSED, Layout, Reading, bounded, member, owners, sinkhorn_reading
from inspector.formats.stored import Tensors
from inspector.settings import Settings

DEFAULTS = {"iterations": 10, "temperature": 0.05}


def _sites(tensors: Tensors) -> list[str]:
    def fits(shape: tuple[int, ...]) -> bool:
        return len(shape) == 2 and shape[0] == shape[1] >= 2

    return [site for site in owners(tensors, "H_res_logits") if fits(tensors.shape(member(site, "H_res_logits")))]


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    name = member(site, "H_res_logits")
    return _table(tensors.read(name), tensors.dtype(name), tensors.config_of(name), settings)


def _table(logits: Tensor, dtype: str, config: Mapping[str, Any], settings: Settings) -> Reading:
    if config.get("mhc_h_res_proj") == "orthostochastic":
        bounded(len(logits))
        left, _, right = torch.linalg.svd(logits)
        note = "The exact polar factor stands in for the Newton-Schulz steps of the network."
        return Reading((left @ right).square().mT, dtype, logits, notes=(note,))
    return sinkhorn_reading(logits, dtype, config, settings, DEFAULTS, first="rows", transposed=True)


TOKENBENDER = Layout(
    "tokenbender",
    COMB_TRANSPOSED,
    "tokenbender/mHC-manifold-constrained-hyper-connections, 6e05eb3",
    ("H_res_logits",),
    _sites,
    _read,
    _table,
)
