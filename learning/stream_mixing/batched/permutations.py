"""mHC-lite and KromHC in training: both are softmax-weighted means of permutation matrices."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import reduce
from math import prod

import torch
from torch import Tensor

from learning.stream_mixing.batched.base import Map, Memory
from projectors import Kronecker, PermutationMixture, Projector
from projectors.averages.kronecker import kronecker
from projectors.averages.permutation import permutation_matrices

MOST_PRODUCTS = 4096
"""Most Kronecker products of permutations that are listed one by one; with more, multiplying matrices is cheaper."""


def permutation_factors(projector: Projector) -> tuple[int, ...]:
    """Projector -> the sizes i_k if it is a Kronecker product of few enough mixtures of permutations, else ()."""
    if isinstance(projector, PermutationMixture):
        return (projector.n,)
    if isinstance(projector, Kronecker) and all(isinstance(factor, PermutationMixture) for factor in projector.factors):
        few = prod(factor.parameter_count for factor in projector.factors) <= MOST_PRODUCTS
        return tuple(factor.n for factor in projector.factors) if few else ()
    return ()


class PermutationMap(Map):
    """One mixture of permutations, or a Kronecker product of such.

    A product of softmaxes is the softmax of the sums of their logits: KromHC mixes the Kronecker products of its
    factors' permutations, which are permutations, with logits `theta @ incidence`.
    """

    def __init__(self, projectors: Sequence[Projector], places: Sequence[int], memory: Memory) -> None:
        super().__init__(projectors, places, memory)
        sizes = permutation_factors(projectors[0])
        vertices = [permutation_matrices(size) for size in sizes]
        numbers = torch.cartesian_prod(*(torch.arange(len(each)) for each in vertices)).view(-1, len(sizes))
        products = reduce(kronecker, (each[number] for each, number in zip(vertices, numbers.T, strict=True)))
        self.vertices = products.flatten(1).to(memory.theta.device)
        self.incidence: Tensor | None = None
        if len(sizes) > 1:
            offsets = torch.tensor([0, *(len(each) for each in vertices[:-1])]).cumsum(0)
            chosen = torch.nn.functional.one_hot(numbers + offsets, sum(map(len, vertices))).sum(1)
            self.incidence = chosen.T.double().contiguous().to(memory.theta.device)

    @classmethod
    def shared_by(cls, projector: Projector, count: int) -> Hashable:
        """mHC-lite, and KromHC of few enough products, each by itself."""
        return (cls, projector) if permutation_factors(projector) else None

    def forward(self) -> None:
        """Mix by the softmax of the (summed) logits."""
        self.weights = []
        for theta, matrices in zip(self.theta, self.matrices, strict=True):
            logits = theta if self.incidence is None else theta @ self.incidence
            self.weights.append(logits.softmax(-1))
            torch.mm(self.weights[-1], self.vertices, out=matrices)

    def backward(self) -> None:
        """A weight w_k and its logit: dL/da_k = w_k (g_k - sum of w g)."""
        for weights, to_matrices, to_theta in zip(self.weights, self.to_matrices, self.to_theta, strict=True):
            to_logits = torch.mm(to_matrices, self.vertices.T).mul_(weights)
            mean = to_logits.sum(-1, keepdim=True)
            if self.incidence is None:
                torch.addcmul(to_logits, weights, mean, value=-1, out=to_theta)
            else:
                torch.mm(to_logits.addcmul_(weights, mean, value=-1), self.incidence.T, out=to_theta)
