"""What is to be learned: random doubly stochastic matrices of the paper's four kinds, vertices, edges, eigenvalues."""

from __future__ import annotations

from math import factorial

import torch
from torch import Generator, Tensor

from geometry.sampling.distributions import dirichlet, haar_orthogonal, haar_unitary, sinkhorn_uniform, uniform
from learning.seeds import stream
from learning.stream_mixing.experiment import StreamMixing
from projectors.averages.permutation import permutation_mixture
from projectors.rotations.rotational import block_norms


def balancing(n: int) -> int:
    """n -> Sinkhorn iterations that take row sums of uniform entries to 1 to rounding; at n = 2, all but 1 in 5,000.

    After the method's own 20 a target would not be doubly stochastic, and the least loss not that of the noise alone.
    """
    return 20 + 4000 // n**2


def goals(experiment: StreamMixing) -> Tensor:
    """Experiment -> its targets: matrices (t, n, n), or complex eigenvalues (t,), uniform in the square [-1, 1]^2."""
    generator = stream(experiment.seed, "targets")
    if experiment.objective == "eigenvalue":
        return torch.complex(*uniform((2, experiment.count), generator, -1, 1))
    return target_matrices(experiment, generator)


def target_matrices(experiment: StreamMixing, generator: Generator) -> Tensor:
    """Experiment -> matrices (t, n, n) of the kind `experiment.targets` (A.4 of [goMHC2026])."""
    n, s, count = experiment.n, experiment.target_rank, experiment.count
    cycle = torch.eye(n, dtype=torch.float64).roll(1, 1).expand(count, n, n)
    match experiment.targets:
        case "sinkhorn":
            return sinkhorn_uniform(n, count, generator, balancing(n))
        case "orthostochastic":
            return block_norms(haar_orthogonal(n * s, count, generator), s)
        case "unistochastic":
            return block_norms(haar_unitary(n * s, count, generator), s)
        case "permutations":
            return permutation_mixture(dirichlet((count, factorial(n)), generator), n)
        case "edge":
            return (cycle + torch.eye(n, dtype=torch.float64)) / 2
        case "vertex":
            return cycle.clone()
