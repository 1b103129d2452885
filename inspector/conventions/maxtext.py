"""maxtext: `res_alpha` (k d, k^2), `res_beta` (k, k), `res_alpha_scale`; with `enable_mhc_lite`, k! numbers instead.

After softmax + 1e-6 and one division by columns + 1e-6 come `sinkhorn_iterations` whole loops, one more than
DeepSeek's, without an epsilon. The norm before has a learned scale, `mhc_norm.scale`. Applied as "bskd,bskm->bsmd", the
transpose. Layers that are stacked along an axis of one array are not taken apart.

Source: maxtext, layers/mhc.py at 00a1eaa.
"""

from __future__ import annotations

import torch
from torch import Tensor

from inspector.conventions.layout import COMB_TRANSPOSED, Layout, Reading, bounded, member, owners
from inspector.conventions.research import factorial_of
from inspector.formats.stored import Tensors
from inspector.settings import Settings
from projectors import PermutationMixture

NORM, EPSILON = 1e-5, 1e-6


def _streams(beta: tuple[int, ...]) -> int | None:
    if len(beta) == 2 and beta[0] == beta[1]:
        return beta[0]
    return factorial_of(beta[0]) if len(beta) == 1 else None


def _sites(tensors: Tensors) -> list[str]:
    sites = [site for site in owners(tensors, "res_beta") if _streams(tensors.shape(member(site, "res_beta")))]
    return [site for site in sites if member(site, "res_alpha_scale") in tensors]


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    name = member(site, "res_beta")
    beta, config = tensors.read(name), tensors.config_of(name)
    n = _streams(tuple(beta.shape))
    assert n is not None
    logits = beta.flatten()
    if hidden is not None:
        flat = hidden.double().flatten(-2)
        scale = member(site, "mhc_norm.scale")
        epsilon = float(config.get("normalization_layer_epsilon", NORM))
        normed = flat * torch.rsqrt(flat.square().mean(-1, keepdim=True) + epsilon)
        normed = normed * tensors.read(scale) if scale in tensors else normed
        alpha = tensors.read(member(site, "res_alpha_scale"))
        logits = logits + alpha * (normed @ tensors.read(member(site, "res_alpha")))
    dtype = tensors.dtype(name)
    if beta.ndim == 1:
        return Reading(PermutationMixture(n).matrices(logits).mT, dtype, logits)
    logits = logits.unflatten(-1, (n, n))
    values, assumed = settings.resolved(config, iterations=20)
    matrix = _balanced(logits, values["iterations"])
    return Reading(matrix.mT, dtype, logits, values["iterations"], EPSILON, 1.0, "rows", assumed)


def _balanced(logits: Tensor, iterations: int) -> Tensor:
    bounded(logits.shape[-1])
    matrix = logits.softmax(-1) + EPSILON
    matrix = matrix / (matrix.sum(-2, keepdim=True) + EPSILON)
    for _ in range(iterations):
        for axis in (-1, -2):
            matrix = matrix / matrix.sum(axis, keepdim=True).clamp_min(1e-12)
    return matrix


MAXTEXT = Layout("maxtext", COMB_TRANSPOSED, "maxtext, layers/mhc.py, 00a1eaa", ("res_beta",), _sites, _read)
