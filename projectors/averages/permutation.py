"""mHC-lite: convex combinations of all permutation matrices (Birkhoff-von Neumann) [mHClite2026]."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from math import factorial

import torch
from torch import Tensor

from projectors.base import Projector
from projectors.checks import whole_number
from projectors.sizes import LARGEST_PERMUTATION_SIZE
from projectors.tracing import constant


@constant(maxsize=16)
def permutation_matrices(n: int, dtype: torch.dtype = torch.float64, device: torch.device | None = None) -> Tensor:
    """n -> all n! permutation matrices (n!, n, n) in lexicographic order; the first is the identity. Do not write.

    Row i of the matrix of a permutation has its 1 in column permutation[i]. Raises ValueError unless 1 <= n <= 8.
    """
    whole_number(n, "n, the size of the permutations,", 1, LARGEST_PERMUTATION_SIZE)
    orders = torch.tensor(list(permutations(range(n))), device=device)
    return torch.nn.functional.one_hot(orders, n).to(dtype)


def permutation_mixture(weights: Tensor, n: int) -> Tensor:
    """Weights (..., n!) on the simplex -> their convex combinations (..., n, n) of permutation matrices."""
    vertices = permutation_matrices(n, weights.dtype, weights.device)
    return (weights @ vertices.flatten(1)).unflatten(-1, (n, n))


@dataclass(frozen=True)
class PermutationMixture(Projector):
    """theta (..., n!) -> softmax-weighted means of all n x n permutation matrices; dense in B_n, 2 <= n <= 8.

    Every finite theta lands in the interior of B_n: vertices and faces are limits at infinity [mHClite2026].
    """

    def __post_init__(self) -> None:
        self._whole_field("n", "n, the size of the mixed permutations,", 2)
        if self.n > LARGEST_PERMUTATION_SIZE:
            raise ValueError(
                f"a mixture of all permutations needs n! parameters: n must be at most {LARGEST_PERMUTATION_SIZE} "
                f"(40,320 parameters), not {self.n}"
            )

    @property
    def parameter_count(self) -> int:
        """n!."""
        return factorial(self.n)

    @property
    def flops(self) -> int:
        """Counts 3 n! for the softmax and the 2 n^2 n! multiplications and additions of the dense combination."""
        return 2 * self.n**2 * factorial(self.n) + 3 * factorial(self.n)

    def matrices(self, theta: Tensor) -> Tensor:
        return permutation_mixture(theta.softmax(-1), self.n)
