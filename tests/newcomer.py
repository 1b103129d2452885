"""A projector that nothing in the library knows: what a new file under projectors/ holds before anything is refined."""

from dataclasses import dataclass

import torch

from projectors import Projector


@dataclass(frozen=True)
class Circulant(Projector):
    """theta (..., n) -> softmax-weighted means (..., n, n) of the powers of the n-cycle."""

    def __post_init__(self):
        self._whole_field("n", "n, the size of a circulant matrix,", 2)

    @property
    def parameter_count(self):
        return self.n

    @property
    def flops(self):
        return 3 * self.n

    def matrices(self, theta):
        places = torch.arange(self.n, device=theta.device)
        return theta.softmax(-1)[..., (places[None, :] - places[:, None]) % self.n]
