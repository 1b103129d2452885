"""Near a vertex mHC-lite's gradient vanishes like the distance, go-mHC's like its root; Eq. 34-36 are its parts."""

import pytest
import torch

from learning.vanishing import gradient_norms, target_gradient
from projectors import Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic, methods
from projectors.permutation import permutation_matrices, permutation_mixture

NEAR = (1e-3, 1e-5, 1e-7)


@pytest.mark.parametrize(
    ("projector", "power"),
    [
        (PermutationMixture(4), 1),
        (PermutationMixture(3), 1),
        (methods(4)["KromHC"], 1),
        (Sinkhorn(4), 1),
        (Orthostochastic(4, 1), 1 / 2),
        (Orthostochastic(4, 2), 1 / 2),
        (Unistochastic(3, 2), 1 / 2),
        (Sinkhorn(4, positive="abs"), 0),
    ],
    ids=str,
)
def test_gradients_vanish_with_their_own_power_of_the_distance(projector, power):
    norms = gradient_norms(projector, NEAR, count=20).log10()
    slopes = norms.diff(dim=0).mean(1) / -2
    torch.testing.assert_close(slopes, torch.full_like(slopes, power), rtol=0, atol=0.02)


def weights(n, count, seed=0):
    logits = (
        2 * torch.randn(count, len(permutation_matrices(n)), generator=torch.Generator().manual_seed(seed)).double()
    )
    return logits.requires_grad_(), logits.softmax(-1)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_parts_sum_up_to_the_derivative(n):
    """... which is 2 p_k <W - T, P_k - W> for every logit a_k."""
    logits, w = weights(n, 6)
    T = permutation_mixture(weights(n, 6, seed=1)[1].detach(), n)
    (slopes,) = torch.autograd.grad((permutation_mixture(w, n) - T).square().sum(), logits)
    w = w.detach()
    W = permutation_mixture(w, n)
    for index, P in enumerate(permutation_matrices(n)):
        parts = target_gradient(w, index, T)
        torch.testing.assert_close(parts.total, slopes[:, index], rtol=1e-12, atol=1e-15)
        inner = ((W - T) * (P - W)).sum((-2, -1))
        torch.testing.assert_close(parts.total, 2 * w[:, index] * inner, rtol=1e-12, atol=1e-15)


def test_towards_a_permutation_there_is_no_noise_and_the_weight_gates_the_signal():
    _, w = weights(4, 6)
    parts = target_gradient(w.detach(), 5, permutation_matrices(4)[5].expand(6, 4, 4))
    assert (parts.noise == 0).all()
    assert (parts.signal < 0).all()
    assert (parts.crosstalk >= 0).all()
    assert (parts.total <= 0).all()  # descent always raises the target's logit
    for p in (1e-3, 1e-6):
        rest = torch.full((24,), (1 - p) / 23, dtype=torch.float64)
        rest[5] = p
        parts = target_gradient(rest, 5, permutation_matrices(4)[5])
        assert parts.signal.item() == pytest.approx(-8 * p * (1 - p) ** 2)
        assert abs(parts.total) < 8 * p


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"not \[0\.5, 1\.0\]"):
        gradient_norms(PermutationMixture(3), [0.5, 1.0])
    with pytest.raises(ValueError, match="not 6"):
        target_gradient(weights(3, 1)[1], 6, torch.eye(3))
