"""Megatron-LM: `mapping_proj.weight` (n^2 + 2n, n C), `alpha_pre`, `alpha_post`, `alpha_res` (1), `bias` (n^2 + 2n).

Packed pre, post, comb as DeepSeek's; the same iterations with eps 1e-6. The norm is 1 / (|x| / sqrt(n C) + eps). What
acts on the streams is the transpose (since its pull request 4839).

Source: megatron/core/transformer/hyper_connection.py at 023f5cf.
"""

from __future__ import annotations

from torch import Tensor

from inspector.conventions.deepseek import DEFAULTS
from inspector.conventions.layout import (
    COMB_TRANSPOSED,
    Layout,
    Reading,
    comb_of,
    member,
    owners,
    sinkhorn_reading,
    streams_of,
)
from inspector.formats.stored import Tensors
from inspector.settings import Settings

NORM = 1e-6


def _sites(tensors: Tensors) -> list[str]:
    def fits(site: str) -> bool:
        bias = tensors.shape(member(site, "bias"))
        whole = member(site, "alpha_res") in tensors
        return whole and len(bias) == 1 and streams_of(bias[0]) is not None

    return [site for site in owners(tensors, "mapping_proj.weight") if fits(site)]


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    bias = tensors.read(member(site, "bias"))
    logits = comb_of(bias)
    n = len(logits)
    if hidden is not None:
        flat = hidden.double().flatten(-2)
        weight = tensors.read(member(site, "mapping_proj.weight"))[2 * n :]
        norm = flat.norm(dim=-1, keepdim=True) / flat.shape[-1] ** 0.5 + NORM
        alpha = tensors.read(member(site, "alpha_res"))
        logits = logits + (alpha * (flat @ weight.mT) / norm).unflatten(-1, (n, n))
    dtype, config = tensors.dtype(member(site, "bias")), tensors.config_of(member(site, "bias"))
    return sinkhorn_reading(logits, dtype, config, settings, DEFAULTS, first="rows", transposed=True)


def _streams(tensors: Tensors, site: str, entering: Tensor) -> Tensor:
    """[s, b, n C] -> (s, b, n, C)."""
    n = streams_of(tensors.shape(member(site, "bias"))[0])
    assert n is not None
    return entering.unflatten(-1, (n, -1))


MEGATRON = Layout(
    "Megatron-LM",
    COMB_TRANSPOSED,
    "Megatron-LM, core/transformer/hyper_connection.py, 023f5cf",
    ("mapping_proj.weight",),
    _sites,
    _read,
    streams=_streams,
)
