"""Near a vertex mHC-lite's gradient vanishes like the distance, go-mHC's like its root."""

from math import log

import pytest
import torch

from learning.vanishing import gradient_norms
from learning.vertex_starts import near_identity
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic, methods

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


@pytest.mark.parametrize("distance", [1e-16, 1e-17, 1e-100])
def test_products_start_as_near_as_their_factors(distance):
    """Where 1 - distance is 1 in floating point, too."""
    theta = near_identity(Kronecker((PermutationMixture(2),) * 2), distance, 5, torch.Generator().manual_seed(0))
    spread = theta.unflatten(-1, (2, 2)).diff(dim=-1).squeeze(-1).negative()
    torch.testing.assert_close(spread, torch.full_like(spread, log(2 / distance)), rtol=0, atol=1.0)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"not \[0\.5, 1\.0\]"):
        gradient_norms(PermutationMixture(3), [0.5, 1.0])
