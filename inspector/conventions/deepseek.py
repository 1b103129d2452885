"""DeepSeek-V4 and the families that share its formula: V4.1, transformers' deepseek_v4 and glm5_next.

Per site: fn ((2 + n) n, n d), base ((2 + n) n), scale (3), each packed as pre (n), post (n), comb (n^2, by rows). Under
`layers.i.hc_attn_base` in the original format, `model.layers.i.attn_hc.base` in transformers; also under `mtp`. With x
the streams of a token, flattened and divided by their root mean square, comb is softmax(scale[2] fn x + base) + eps by
rows, one division by columns, and iterations - 1 times rows, then columns, each by a sum + eps. 20 iterations, eps
1e-6. V4.1 delays pre by a sublayer, which leaves H_res as it is.

Source: inference/model.py of DeepSeek-V4-Pro; transformers 5.24.0, models/deepseek_v4/modeling_deepseek_v4.py,
models/glm5_next, conversion_mapping.py; mlx_lm 0.32.2, models/deepseek_v41.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from inspector.conventions.layout import (
    COMB_TRANSPOSED,
    Layout,
    Reading,
    as_they_enter,
    comb_of,
    owners,
    projected,
    sinkhorn_reading,
    streams_of,
)
from inspector.formats.stored import Tensors
from inspector.names import last
from inspector.settings import Settings

DEFAULTS = {"iterations": 20, "epsilon": 1e-6}


def part(site: str, name: str) -> str:
    """Site -> the full name of one of its parameters: `attn_hc.base` in transformers, else `hc_attn_base`."""
    return f"{site}_{name}" if last(site).startswith("hc_") else f"{site}.{name}"


def packed_sites(tensors: Tensors) -> list[str]:
    """All sites with a base and a scale, of whichever lengths, in either format."""
    dotted = [site for site in owners(tensors, "base") if last(site).endswith("_hc")]
    joined = [name.removesuffix("_base") for name in tensors.stored if name.endswith("_base")]
    joined = [site for site in joined if last(site).startswith("hc_")]
    return [site for site in dotted + joined if part(site, "scale") in tensors]


def _sites(tensors: Tensors) -> list[str]:
    def fits(site: str) -> bool:
        base = tensors.shape(part(site, "base"))
        return len(base) == 1 and streams_of(base[0]) is not None and tensors.shape(part(site, "scale")) == (3,)

    return [site for site in packed_sites(tensors) if fits(site)]


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    base = tensors.read(part(site, "base"))
    logits = comb_of(base)
    n = len(logits)
    if hidden is not None:
        weight, scale = tensors.read(part(site, "fn"))[2 * n :], tensors.read(part(site, "scale"))[2]
        epsilon = float(tensors.config_of(part(site, "fn")).get("rms_norm_eps", 1e-6))
        logits = logits + scale * projected(hidden, weight, epsilon).unflatten(-1, (n, n))
    name = part(site, "base")
    return _table(logits, tensors.dtype(name), tensors.config_of(name), settings)


def _table(logits: Tensor, dtype: str, config: Mapping[str, Any], settings: Settings) -> Reading:
    return sinkhorn_reading(logits, dtype, config, settings, DEFAULTS, first="rows", transposed=True)


DEEPSEEK = Layout(
    "DeepSeek-V4",
    COMB_TRANSPOSED,
    "DeepSeek-V4 inference code; transformers 5.24 deepseek_v4, glm5_next; mlx_lm 0.32.2 deepseek_v41",
    ("_hc.base", "hc_attn_base", "hc_ffn_base"),
    _sites,
    _read,
    _table,
    streams=as_they_enter,
)
