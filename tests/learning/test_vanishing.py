"""Near a vertex mHC-lite's gradient vanishes like the distance, go-mHC's like its root."""

import pytest
import torch

from learning.vanishing import gradient_norms
from projectors import Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic, methods

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


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"not \[0\.5, 1\.0\]"):
        gradient_norms(PermutationMixture(3), [0.5, 1.0])
