"""Parameters that reach a given orthogonal or unitary matrix: what shows that a set is inside the reach."""

from itertools import product

import torch

from projectors import Orthostochastic, Unistochastic


def inverse_cayley(Q):
    """Orthogonal or unitary Q (N, N) -> skew A whose Cayley transform is Q D, D a diagonal of signs.

    Up to N = 8 all D are tried for the smallest A; beyond, D makes each pivot of Q + D at least 1 in modulus.
    """
    N = len(Q)
    signs = torch.tensor(list(product((1.0, -1.0), repeat=N))) if N <= 8 else steady_signs(Q)[None]
    eye = torch.eye(N, dtype=Q.dtype)
    flipped = Q * signs[:, None, :]
    usable = flipped[torch.linalg.det(eye + flipped).abs() > 1e-3]
    A = (eye - usable) @ torch.linalg.inv(eye + usable)
    return A[A.abs().amax((-2, -1)).argmin()]


def steady_signs(Q):
    """Q (N, N) -> signs (N,) for which Gaussian elimination of Q + D meets no pivot below 1 in modulus."""
    rest, signs = Q.clone(), torch.ones(len(Q), dtype=torch.float64)
    for k in range(len(Q)):
        signs[k] = 1 if rest[k, k].real >= 0 else -1
        rest[k, k] += signs[k]
        rest[k + 1 :, k + 1 :] -= torch.outer(rest[k + 1 :, k], rest[k, k + 1 :]) / rest[k, k]
    return signs


def parameters_of_skew(A):
    """Skew A (N, N) -> its parameters: upper triangle, where complex its imaginary part, too, and the diagonal."""
    upper = A[*torch.triu_indices(len(A), len(A), 1)]
    return torch.cat([upper.real, upper.imag, A.diagonal().imag]) if A.is_complex() else upper


def parameters_of(Q):
    """Orthogonal or unitary Q (N, N) -> theta of the Orthostochastic or Unistochastic that has Q's squared entries."""
    return parameters_of_skew(inverse_cayley(Q))


def reached(Q, n):
    """Q (ns, ns) -> the matrix (n, n) that the projector makes of the parameters of Q."""
    kind = Unistochastic if Q.is_complex() else Orthostochastic
    return kind(n, len(Q) // n)(parameters_of(Q))
