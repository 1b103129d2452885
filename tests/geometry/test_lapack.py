"""LAPACK gives up on a rare matrix: its neighbours and it are solved all the same."""

import pytest
import torch

from geometry.reach import reach_map
from geometry.sampling import sample
from geometry.spectra import eigenvalues
from projectors import Circulant, Orthostochastic


def test_a_map_goes_on_where_lapack_gives_up():
    """As it does, on some processors, for one of the circulants of order 16."""
    assert reach_map(Circulant(16), 101).finished


@pytest.mark.parametrize("refusals", [1, 2])
def test_a_matrix_that_does_not_converge_is_solved_another_way(monkeypatch, refusals):
    """`refusals`: of the matrix itself, then also of its transpose."""
    matrices = sample(Orthostochastic(6, 1), 200, "initial", seed=4)
    expected = eigenvalues(matrices)
    lapack, bad = torch.linalg.eigvals, []

    def refusing(C):
        if not bad:
            bad.extend([C[17].clone(), C[17].mT.clone()][:refusals])
        if any(torch.equal(c, other) for c in C for other in bad):
            raise torch.linalg.LinAlgError("failed to converge")
        return lapack(C)

    monkeypatch.setattr(torch.linalg, "eigvals", refusing)
    found = eigenvalues(matrices)
    for order in range(1, 6):
        torch.testing.assert_close((found**order).sum(-1), (expected**order).sum(-1), rtol=0, atol=1e-12)
