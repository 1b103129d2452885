"""What the mixing matrices of a network do while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from geometry.spectra import eigenvalues
from networks.hyper_connection import HyperConnection
from networks.language_model.model import LanguageModel

WINDOW, EPSILON = 100, 1e-8
"""Iterations over which jitter is taken, and what keeps it finite. The paper does not say which it took."""


@dataclass(frozen=True)
class Mixing:
    """One site: its name, such as "blocks.0.1" for the MLP of the first layer, and what its H_res is.

    `matrix` (n x n) is the mean over tokens and `spectrum` its eigenvalues but for the Perron root, as pairs of real
    and imaginary part, the largest first; `row_error` and `column_error` are the largest errors of sums over all
    tokens, `from_identity` the mean Frobenius distance, `varies` how far matrices of single tokens are from the mean.
    `gradient` is the norm of the gradient of all that makes the matrix: biases and, where they are dynamic, weights.
    At the first and at the last site it is 0 but for rounding, of doubly stochastic ones: streams are equal before the
    first, and after the last only their mean is read, which mixing keeps.
    """

    site: str
    matrix: tuple[tuple[float, ...], ...]
    spectrum: tuple[tuple[float, float], ...]
    row_error: float
    column_error: float
    from_identity: float
    varies: float
    gradient: float


@torch.no_grad()
def mixing(model: LanguageModel, tokens: Tensor) -> tuple[Mixing, ...]:
    """Network, tokens (batch, T + 1) -> what each hyper-connection does to them; empty for the plain network."""
    sites = {name: module for name, module in model.named_modules() if isinstance(module, HyperConnection)}
    seen: dict[str, Tensor] = {}

    def look(name: str, module: nn.Module, given: tuple[Tensor, ...]) -> None:
        assert isinstance(module, HyperConnection)
        seen[name] = module.maps(given[0]).res.detach().double().cpu().reshape(-1, module.n, module.n)

    hooks = [module.register_forward_pre_hook(partial(look, name)) for name, module in sites.items()]
    trained = model.training
    try:
        model.eval()(tokens[:, :-1])
    finally:
        for hook in hooks:
            hook.remove()
        model.train(trained)
    return tuple(_measured(name, seen[name], sites[name]) for name in sites)


def _measured(name: str, matrices: Tensor, module: HyperConnection) -> Mixing:
    mean, identity = matrices.mean(0), torch.eye(module.n, dtype=torch.float64)
    values = eigenvalues(mean, tolerance=None)
    values = values[values.abs().argsort(descending=True)]
    made = [module.bias, module.weight] if module.dynamic else [module.bias]
    parts = [each.grad[2 * module.n :] for each in made if each.grad is not None]
    return Mixing(
        site=name,
        matrix=tuple(tuple(row) for row in mean.tolist()),
        spectrum=tuple((value.real, value.imag) for value in values.tolist()),
        row_error=float((matrices.sum(-1) - 1).abs().max()),
        column_error=float((matrices.sum(-2) - 1).abs().max()),
        from_identity=float(torch.linalg.matrix_norm(matrices - identity).mean()),
        varies=float(torch.linalg.matrix_norm(matrices - mean).mean()),
        gradient=float(torch.stack([part.norm() for part in parts]).norm()) if parts else 0.0,
    )


def jitter(gradients: Sequence[float], window: int = WINDOW, epsilon: float = EPSILON) -> NDArray[np.float64]:
    """Norms of gradients (k,) -> their standard deviation over their mean in windows (k - window + 1,).

    Fig. A18b of [goMHC2026]: sigma / (mu + epsilon), over the last `window` iterations. Empty where there are fewer.

    >>> float(jitter([2.0] * 100 + [4.0], window=2)[-1])
    0.3333333322222222
    """
    norms = np.asarray(gradients, float)
    if len(norms) < window:
        return np.zeros(0)
    rolling = np.lib.stride_tricks.sliding_window_view(norms, window)
    return np.asarray(rolling.std(-1) / (rolling.mean(-1) + epsilon))
