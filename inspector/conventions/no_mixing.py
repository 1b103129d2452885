"""Families whose streams are not mixed at all: H_res = I by construction. They have sites, and no matrix to learn.

Hy4 (transformers' hy_v4 and hy_v4_vl): fn (2n, n d), base (2n), scale (2), under `attn_hc` and `ffn_hc`, or
`hc_attn_layer.hc_base` and `hc_mlp_layer.hc_base` in the original format. Qwen4-Exp (qwen4_exp): a gated residual,
`attn_hyper_connection.block_inject_weight.weight` (n, n d).

Source: transformers 5.24.0, models/hy_v4, models/qwen4_exp, conversion_mapping.py.
"""

from __future__ import annotations

import torch
from torch import Tensor

from inspector.conventions.deepseek import packed_sites, part
from inspector.conventions.layout import Layout, Reading, bounded, member, owners
from inspector.formats.stored import Tensors
from inspector.names import last
from inspector.settings import Settings

APPLIES = "H_res is the identity: every stream keeps its own content"


def _hy4_sites(tensors: Tensors) -> list[str]:
    def fits(base: tuple[int, ...], scale: tuple[int, ...]) -> bool:
        return len(base) == 1 and scale == (2,) and base[0] % 2 == 0

    ours = [s for s in packed_sites(tensors) if fits(tensors.shape(part(s, "base")), tensors.shape(part(s, "scale")))]
    layers = [site for site in owners(tensors, "hc_base") if last(site) in {"hc_attn_layer", "hc_mlp_layer"}]
    return ours + [s for s in layers if fits(tensors.shape(f"{s}.hc_base"), tensors.shape(f"{s}.hc_scale"))]


def _hy4_read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    name = f"{site}.hc_base" if f"{site}.hc_base" in tensors else part(site, "base")
    shape = tensors.shape(name)
    return _identity(shape[0] // 2, tensors.dtype(name))


def _qwen4_sites(tensors: Tensors) -> list[str]:
    ends = ("attn_hyper_connection", "mlp_hyper_connection")
    return [site for site in owners(tensors, "block_inject_weight.weight") if site.endswith(ends)]


def _qwen4_read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    name = member(site, "block_inject_weight.weight")
    shape = tensors.shape(name)
    return _identity(shape[0], tensors.dtype(name))


def _identity(n: int, dtype: str) -> Reading:
    return Reading(torch.eye(bounded(n), dtype=torch.float64), dtype, mixing=False)


HY4 = Layout("Hy4", APPLIES, "transformers 5.24, hy_v4", ("_hc.base", ".hc_base"), _hy4_sites, _hy4_read)
QWEN4 = Layout(
    "Qwen4-Exp", APPLIES, "transformers 5.24, qwen4_exp", ("block_inject_weight.weight",), _qwen4_sites, _qwen4_read
)
