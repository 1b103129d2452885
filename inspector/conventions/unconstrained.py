"""Hyper-connections without a constraint: `static_alpha` (s, v + s) is H_pre and H_res themselves, transposed.

What tells them apart is `dynamic_alpha_scale`; a tanh of the token's own part is added [HC2024]. Nothing makes the
matrix doubly stochastic, and what is wrong with it says how far it is.

Source: hyper-connections, hyper_connections.py (also in tokenbender's copy).
"""

from __future__ import annotations

import torch
from torch import Tensor

from inspector.conventions.layout import (
    COMB_TRANSPOSED,
    Layout,
    Reading,
    bounded,
    gamma_normed,
    in_the_batch,
    member,
    owners,
)
from inspector.formats.stored import Tensors
from inspector.settings import Settings


def _sites(tensors: Tensors) -> list[str]:
    def fits(site: str) -> bool:
        static = tensors.shape(member(site, "static_alpha"))
        free = member(site, "dynamic_alpha_scale") in tensors
        constrained = member(site, "H_res_logits") in tensors
        return free and not constrained and len(static) == 2 and 2 <= static[0] < static[1]

    return [site for site in owners(tensors, "static_alpha") if fits(site)]


def _read(tensors: Tensors, site: str, settings: Settings, hidden: Tensor | None) -> Reading:
    static = tensors.read(member(site, "static_alpha"))
    n = bounded(len(static))
    alpha = static[:, -n:]
    if hidden is not None:
        normed = gamma_normed(hidden, tensors.read(member(site, "norm.gamma")))
        scale = tensors.read(member(site, "dynamic_alpha_scale"))
        alpha = alpha + scale * torch.tanh(normed @ tensors.read(member(site, "dynamic_alpha_fn"))[..., -n:])
    return Reading(alpha.mT, tensors.dtype(member(site, "static_alpha")))


UNCONSTRAINED = Layout(
    "hyper-connections, unconstrained",
    COMB_TRANSPOSED,
    "hyper-connections 0.4.11, hyper_connections.py",
    ("static_alpha",),
    _sites,
    _read,
    streams=in_the_batch,
)
