"""Random matrices near the edges of what a parameterization reaches, where its extreme eigenvalues live.

Uniform-like measures concentrate around the barycentre, ever more so with n and s. Here half of the matrices start from
a random step of a cycle (where roots-of-unity polygons and hypocycloids have their boundary), half from an edge or a
small face of the Birkhoff polytope; then they are moved inwards by an amount drawn over orders of magnitude.
"""

from __future__ import annotations

from functools import singledispatch
from math import pi, sqrt

import torch
from torch import Generator, Tensor

from geometry.sampling.distributions import conventional, dirichlet, faces, of_factors, of_terms, scattered, uniform
from projectors import Kronecker, Mixture, PermutationMixture, Projector, Rotational, Sinkhorn
from projectors.base import normal
from projectors.rotations.cayley import cayley
from projectors.rotations.rotational import block_norms


@singledispatch
def edges(projector: Projector, count: int, generator: Generator) -> Tensor:
    """Matrices (count, n, n) of the projector, or limits of such, that crowd the edges of its spectral reach.

    Of a projector whose edges nobody has described here: its initial parameters, scaled over orders of magnitude.
    """
    return projector(scattered(projector, count, generator))


@edges.register
def _(projector: PermutationMixture, count: int, generator: Generator) -> Tensor:
    return sparse_mixtures(projector.n, count, generator)


@edges.register
def _(projector: Sinkhorn, count: int, generator: Generator) -> Tensor:
    floor = 10 ** -uniform((count, 1, 1), generator, 2, 8)
    logits = (sparse_mixtures(projector.n, count, generator) + floor).log()
    # Row and column factors that the iterations have to undo: without them every matrix would be balanced already.
    size = 10 ** uniform((count, 1, 1), generator, -2, 0)
    for shape in ((count, projector.n, 1), (count, 1, projector.n)):
        logits = logits + size * normal(shape, generator, torch.float64, None)
    return conventional(projector, logits)


@edges.register
def _(projector: Rotational, count: int, generator: Generator) -> Tensor:
    moves = cayley(projector.skew(_moves(projector.order, projector.parameter_count, count, generator)))
    rotations = edge_rotations(projector.n, projector.s, count, generator)
    return block_norms(rotations.to(moves.dtype) @ moves, projector.s)


@edges.register
def _(projector: Kronecker, count: int, generator: Generator) -> Tensor:
    return of_factors(edges, projector, count, generator)


@edges.register
def _(projector: Mixture, count: int, generator: Generator) -> Tensor:
    # Faces: a mixture of more terms still shows what fewer can do.
    return of_terms(edges, projector, count, generator, faces)


def sparse_mixtures(n: int, count: int, generator: Generator) -> Tensor:
    """n, count -> convex combinations (count, n, n) of two or three permutation matrices: points of small faces.

    Half combine powers of one cycle of random length, whose eigenvalues fill its roots-of-unity polygon; half combine
    random permutations.
    """
    device = generator.device
    places = torch.arange(n, device=device)
    lengths = torch.randint(2, n + 1, (count, 1, 1), generator=generator, device=device)
    powers = torch.randint(0, 2**30, (count, 3, 1), generator=generator, device=device)
    powers[::2, 1:] = powers[::2, :1] + 1  # every other one on an edge of the polygon
    cycles = torch.where(places < lengths, (places + powers) % lengths, places)
    shuffled = torch.rand(count, 3, n, generator=generator, device=device).argsort(-1)
    cyclic = torch.arange(count, device=device)[:, None, None] % 4 < 2
    weights = dirichlet((count, 3), generator)
    matrices = torch.zeros(count, n, n, dtype=torch.float64, device=device)
    for permutation, weight in zip(torch.where(cyclic, cycles, shuffled).unbind(1), weights.unbind(1), strict=True):
        matrices.scatter_add_(-1, permutation[..., None], weight[:, None, None].expand(count, n, 1))
    return matrices


def edge_rotations(n: int, s: int, count: int, generator: Generator) -> Tensor:
    """n, s, count -> orthogonal matrices (count, ns, ns) whose block norms lie on edges of the reach of go-mHC.

    Q is a direct sum of s orthogonal n x n sheets: steps between two neighbouring powers of a cycle (even rows; in half
    of them all sheets but one are at an end of their step), or a random permutation followed by a rotation in one plane
    (odd rows).
    """
    sheets = torch.empty(count, s, n, n, dtype=torch.float64, device=generator.device)
    cyclic = len(sheets[::2])
    rank = torch.arange(s, device=generator.device)
    stepped = torch.randint(0, s, (cyclic, 1), generator=generator, device=generator.device)
    fraction = uniform((cyclic, s), generator)
    fraction[::2] = torch.where(rank == stepped, fraction, (rank < stepped).double())[::2]
    sheets[::2] = _cycle_steps(n, fraction, generator)
    sheets[1::2] = _permuted_planes(n, s, count - cyclic, generator)
    Q = torch.zeros(count, n, s, n, s, dtype=torch.float64, device=generator.device)
    Q[:, :, rank, :, rank] = sheets.transpose(0, 1)
    return Q.flatten(3).flatten(1, 2)


def _cycle_steps(n: int, fraction: Tensor, generator: Generator) -> Tensor:
    """Fractions (count, s) in [0, 1] of a step -> real orthogonal (count, s, n, n) from P^a towards P^(a + 1).

    P is a cycle of random length k, with one sign flipped where k is even, so that its real logarithm exists. The block
    norms of such a step have an eigenvalue on the k-cusped hypocycloid.
    """
    count, s = fraction.shape
    sheets = torch.eye(n, dtype=torch.float64, device=fraction.device).repeat(count, s, 1, 1)
    lengths = torch.randint(2, n + 1, (count,), generator=generator, device=fraction.device)
    starts = torch.randint(0, 2**30, (count,), generator=generator, device=fraction.device)
    for k in lengths.unique().tolist():
        rows = (lengths == k).nonzero()[:, 0]
        frequency = 2 * torch.arange(k, device=fraction.device) + (1 - k % 2)  # in half turns per k places
        basis = _root(torch.outer(torch.arange(k, device=fraction.device), frequency), k) / sqrt(k)
        powers = _root(starts[rows, None, None] % k * frequency, k)
        angle = torch.remainder(pi * frequency.double() / k + pi, 2 * pi) - pi
        steps = torch.polar(torch.ones_like(angle), fraction[rows, :, None] * angle)
        sheets[rows, :, :k, :k] = ((basis * (powers * steps)[..., None, :]) @ basis.mH).real
    return sheets


def _root(exponents: Tensor, k: int) -> Tensor:
    """Integers -> exp(i pi exponent / k), the exponent reduced exactly."""
    angle = exponents.remainder(2 * k).double() * (pi / k)
    return torch.polar(torch.ones_like(angle), angle)


def _permuted_planes(n: int, s: int, count: int, generator: Generator) -> Tensor:
    """Random permutation matrices, the same on s sheets, followed by a rotation by a random angle in one plane."""
    device = generator.device
    order = torch.rand(count, n, generator=generator, device=device).argsort(-1)
    sheets = torch.nn.functional.one_hot(order, n).double()[:, None].repeat(1, s, 1, 1)
    angle = uniform((count, s, 1), generator, 0, pi / 2)
    first, second = sheets[:, :, 0].clone(), sheets[:, :, 1].clone()
    sheets[:, :, 0] = angle.cos() * first + angle.sin() * second
    sheets[:, :, 1] = angle.cos() * second - angle.sin() * first
    return sheets


def _moves(N: int, p: int, count: int, generator: Generator) -> Tensor:
    """Normal parameters (count, p) of a rotation whose size is drawn from 0.003 to 3 over orders of magnitude."""
    size = 10 ** uniform((count, 1), generator, -2.5, 0.5)
    return normal((count, p), generator, torch.float64, None) * size / sqrt(N)
