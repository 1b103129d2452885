"""Layouts whose projects do not install here: each against its own formula, written out once more from its source."""

from collections.abc import Callable
from math import factorial, sqrt
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import inspector
from inspector import LAYOUTS
from inspector.conventions import TABLE
from projectors import Orthostochastic, PermutationMixture
from projectors.averages.permutation import permutation_matrices

N, D, TOKENS = 4, 6, 5


def drawn(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def alternated(K: Tensor, axes: tuple[int, int], times: int, epsilon: float = 0.0) -> Tensor:
    """A positive matrix divided by its sums over one axis, then over the other, so many times."""
    for _ in range(times):
        for axis in axes:
            K = K / (K.sum(axis, keepdim=True) + epsilon)
    return K


def deepseek_like(logits: Tensor, iterations: int) -> Tensor:
    K = logits.softmax(-1) + 1e-6
    K = K / (K.sum(-2, keepdim=True) + 1e-6)
    return alternated(K, (-1, -2), iterations - 1, 1e-6)


Case = Callable[[Tensor], tuple[dict[str, Tensor], Tensor]]


def megatron(x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    weight, bias, alpha = drawn(24, N * D, seed=1), drawn(24, seed=2), drawn(1, seed=3)
    norm = x.flatten(-2).norm(dim=-1, keepdim=True) / sqrt(N * D) + 1e-6
    logits = bias[8:] + alpha * (x.flatten(-2) @ weight[8:].T) / norm
    state = {"mapping_proj.weight": weight, "bias": bias, "alpha_pre": alpha, "alpha_post": alpha, "alpha_res": alpha}
    return state, deepseek_like(logits.unflatten(-1, (N, N)), 20).mT


def liger(x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    phi, b, alpha = drawn(N * D, 24, seed=1), drawn(24, seed=2), drawn(seed=3)
    flat = x.flatten(-2)
    logits = b[8:] + alpha * (flat @ phi[:, 8:]) / (flat.square().mean(-1, keepdim=True) + 1e-6).sqrt()
    state = {"phi": phi, "b": b, "alpha_pre": alpha, "alpha_post": alpha, "alpha_res": alpha}
    return state, deepseek_like(logits.unflatten(-1, (N, N)), 20)


def maxtext(x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    alpha, beta, scale, gain = drawn(N * D, N * N, seed=1), drawn(N, N, seed=2), drawn(1, seed=3), drawn(N * D, seed=4)
    flat = x.flatten(-2)
    normed = flat / (flat.square().mean(-1, keepdim=True) + 1e-5).sqrt() * gain
    logits = (scale * (normed @ alpha)).unflatten(-1, (N, N)) + beta
    K = logits.softmax(-1) + 1e-6
    K = alternated(K / (K.sum(-2, keepdim=True) + 1e-6), (-1, -2), 20)
    return {"res_alpha": alpha, "res_beta": beta, "res_alpha_scale": scale, "mhc_norm.scale": gain}, K.mT


def research(kind: str) -> Case:
    def made(x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        sizes = {"mhc": N * N, "lite": factorial(N), "krom": 4}
        static = drawn(N + sizes[kind], seed=1)
        dynamic, gamma, scale = drawn(N * D, N + sizes[kind], seed=2), drawn(N * D, seed=3), drawn(1, seed=4)
        flat = x.flatten(-2)
        normed = flat / flat.norm(dim=-1, keepdim=True) * sqrt(N * D) * (gamma + 1)
        state = {
            "dynamic_alpha_fn": dynamic,
            "norm.gamma": gamma,
            "residual_scale": scale,
            "static_beta": drawn(N, seed=5),
        }
        if kind == "mhc":
            table = static.unflatten(0, (N, N + 1))
            logits = table[:, 1:] + scale * (normed @ dynamic).unflatten(-1, (N, N + 1))[..., 1:]
            return state | {"static_alpha": table}, alternated(logits.exp(), (-2, -1), 20).mT
        logits = static[N:] + scale * (normed @ dynamic)[..., N:]
        if kind == "lite":
            H = torch.einsum("tk,kij->tij", logits.softmax(-1), permutation_matrices(N))
        else:
            first, second = logits.unflatten(-1, (2, 2)).softmax(-1)[..., 0].unbind(-1)
            small = [torch.stack([p, 1 - p, 1 - p, p], -1).unflatten(-1, (2, 2)) for p in (first, second)]
            H = torch.stack([torch.kron(a, b) for a, b in zip(*small, strict=True)])
        return state | {"static_alpha": static}, H.mT

    return made


def unconstrained(x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    static, dynamic = drawn(N, N + 1, seed=1), drawn(D, N + 1, seed=2)
    gamma, scale = drawn(D, seed=3), drawn(seed=4)
    normed = x / x.norm(dim=-1, keepdim=True) * sqrt(D) * (gamma + 1)
    state = {"static_alpha": static, "dynamic_alpha_fn": dynamic, "norm.gamma": gamma, "dynamic_alpha_scale": scale}
    return state, (static[:, 1:] + scale * torch.tanh(normed @ dynamic)[..., 1:]).mT


CASES: dict[str, Case] = {
    "Megatron-LM": megatron,
    "Liger": liger,
    "maxtext": maxtext,
    "mHC in mhc-lite's code": research("mhc"),
    "mHC-lite": research("lite"),
    "KromHC": research("krom"),
    "hyper-connections, unconstrained": unconstrained,
}
ELSEWHERE = {"DeepSeek-V4", "hyper-connections", "Hy4", "Qwen4-Exp", "tokenbender", "Birkhoff Explorer"}
"""Held against the libraries in test_real_libraries.py, trained logits in test_trained.py, ours in test_ours.py."""


def test_every_layout_is_tested() -> None:
    assert {layout.name for layout in TABLE} == {*CASES} | ELSEWHERE
    assert TABLE is LAYOUTS


@pytest.mark.parametrize("name", CASES)
def test_a_layout_is_read_as_its_source_computes_it(name: str) -> None:
    x = drawn(TOKENS, N, D, seed=9)
    state, wanted = CASES[name](x)
    held = {f"decoder.layers.3.mlp_hc.{key}": value for key, value in state.items()}
    (site,) = inspector.open(held, hidden={"decoder.layers.3.mlp_hc": x})
    assert (site.layout, site.layer, site.site) == (name, 3, "mlp")
    assert site.matrix.shape == (TOKENS, N, N)
    assert (site.matrix - wanted).abs().max() < 1e-12
    if name != "KromHC":  # whose factors of size 2 are symmetric
        assert (site.matrix.mT - wanted).abs().max() > 1e-2
    (alone,) = inspector.open(held)
    assert alone.matrix.shape == (N, N)


@pytest.mark.parametrize("name", CASES)
def test_a_checkpoint_and_activations_on_disk_give_the_same(name: str, tmp_path: Path) -> None:
    x = drawn(TOKENS, N, D, seed=9)
    state, wanted = CASES[name](x)
    torch.save(
        {"model": {f"transformer.h.0.hc_attn.{key}": value for key, value in state.items()}}, tmp_path / "ckpt.pt"
    )
    np.savez(tmp_path / "hidden.npz", **{"transformer.h.0.hc_attn": x.numpy()})
    (site,) = inspector.open(tmp_path / "ckpt.pt", hidden=tmp_path / "hidden.npz")
    assert site.layout == name
    assert (site.matrix - wanted).abs().max() < 1e-12
    with pytest.raises(ValueError, match=r"hidden states must be named after sites \(transformer.h.0.hc_attn\)"):
        inspector.open(tmp_path / "ckpt.pt", hidden={"h.0.attn": x})
    with pytest.raises(ValueError, match=r"transformer\.h\.0\.hc_attn looks like|must have"):
        inspector.open(tmp_path / "ckpt.pt", hidden={"transformer.h.0.hc_attn": x[..., :2]})


@pytest.mark.parametrize("name", CASES)
def test_which_sums_are_exact_is_said_rightly(name: str) -> None:
    x = 3 * drawn(TOKENS, N, D, seed=10)
    state, _ = CASES[name](x)
    (site,) = inspector.open(
        {f"h.0.attn.{key}": value for key, value in state.items()}, hidden={"h.0.attn": x}, iterations=3
    )
    if site.last is None:
        assert site.iterations is None
        return
    exact, other = (site.row_error, site.column_error)[:: 1 if site.last == "rows" else -1]
    assert exact < 3e-6 < other


def test_every_layout_says_how_it_acts_and_where_that_was_read() -> None:
    assert all(layout.applies and layout.source and layout.keys for layout in TABLE)
    assert len({layout.name for layout in TABLE}) == len(TABLE)


def test_theta_of_a_projector_is_read_back() -> None:
    projector = Orthostochastic(4, 2)
    theta = projector.initial(3, generator=torch.Generator().manual_seed(0))
    held = {f"layers.{layer}.mixing.theta": row for layer, row in enumerate(theta)} | {"head": torch.zeros(5, 5)}
    sites = inspector.open(held, projector=projector)
    assert [site.layer for site in sites] == [0, 1, 2]
    assert torch.equal(torch.stack([site.matrix for site in sites]), projector(theta))
    with pytest.raises(ValueError, match=r"PermutationMixture\(n=4\), 24 in the last axis"):
        inspector.open(held, projector=PermutationMixture(4))


def test_square_tables_of_logits_mean_what_the_reader_says() -> None:
    logits = drawn(4, 4, seed=1)
    (site,) = inspector.open({"logits": logits}, layout="DeepSeek-V4", iterations=5)
    assert torch.equal(site.matrix, deepseek_like(logits, 5).mT)
    with pytest.raises(ValueError, match="must be one of DeepSeek-V4"):
        inspector.open({"logits": logits}, layout="Sinkhorn")
    with pytest.raises(ValueError, match="Liger does not make matrices"):
        inspector.open({"logits": logits}, layout="Liger")


def test_transposed_tables_are_turned_and_say_so() -> None:
    matrix = torch.tensor([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
    (site,) = inspector.open({"m": matrix}, transposed=True)
    assert torch.equal(site.matrix, matrix.mT.double())
    assert site.applies == "transposed"
