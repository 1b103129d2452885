"""A new projector of twenty lines has measures, surveys, witnesses, distances, starts and training from the first day.

Circulant matrices are known through and through: they commute, their eigenvalues are sums over powers of roots of
unity, and the nearest one to a matrix is its mean along diagonals.
"""

from dataclasses import replace

import pytest
import torch

from geometry.distances import nearest
from geometry.reach import solve
from geometry.regions import perfect_mirsky
from geometry.sampling import MEASURES, sample, target_name
from geometry.spectra import eigenvalues
from geometry.survey import survey
from learning.cost import layer_cost
from learning.stream_mixing import StreamMixing, trained
from learning.vertex_starts import near_identity
from projectors import Kronecker, Mixture, PermutationMixture
from tests.newcomer import Circulant
from tests.projectors.table import normal, seeded, sum_error

CIRCULANT = Circulant(5)
COMBINED = (Kronecker((Circulant(3), PermutationMixture(2))), Mixture(Circulant(4), 2))
each_newcomer = pytest.mark.parametrize("projector", [CIRCULANT, *COMBINED], ids=str)


def along_diagonals(matrices):
    """Matrices (..., n, n) -> the nearest circulant ones."""
    n = matrices.shape[-1]
    shifted = [matrices.roll((k, k), (-2, -1)) for k in range(n)]
    return torch.stack(shifted).mean(0)


@pytest.mark.parametrize("measure", MEASURES)
@each_newcomer
def test_every_measure_samples_it(projector, measure):
    matrices = sample(projector, 50, measure, seed=1)
    assert matrices.shape == (50, projector.n, projector.n)
    assert sum_error(matrices) < 1e-12
    assert len(matrices.flatten(1).unique(dim=0)) == 50
    assert torch.equal(matrices, sample(projector, 50, measure, seed=1))
    if projector == CIRCULANT:
        assert (matrices - along_diagonals(matrices)).abs().max() < 1e-15


def test_its_target_is_its_initialisation_and_its_edges_lie_further_out():
    assert torch.equal(sample(CIRCULANT, 50, "target"), sample(CIRCULANT, 50, "initial"))
    assert target_name(CIRCULANT) == "its own initialisation"
    assert target_name(COMBINED[0]) == "its own initialisation and Dirichlet"
    furthest = {measure: eigenvalues(sample(CIRCULANT, 2000, measure)).abs() for measure in ("initial", "edges")}
    assert furthest["edges"].max() > 0.999 > furthest["initial"].max()
    assert furthest["edges"].median() > furthest["initial"].median()


@pytest.mark.parametrize("measure", MEASURES)
def test_it_is_surveyed(measure):
    *_, last = survey(CIRCULANT, 3000, measure, seed=1)
    assert (last.matrices, last.eigenvalues, last.real) == (3000, 12_000, 0)
    assert last.row_error < 1e-14
    assert last.density.counts.sum() == 12_000


def test_witnesses_are_found_inside_the_pentagon_and_none_outside():
    inside, outside = [0.3 + 0.5j, 0.2], [0.9 + 0.4j]
    found = solve(CIRCULANT, inside + outside)
    assert found.solved.tolist() == [True, True, False]
    assert perfect_mirsky(5).contains(found.eigenvalue.numpy(), tolerance=1e-9).all()


def test_the_nearest_is_the_mean_along_diagonals():
    targets = PermutationMixture(5)(3 * normal(6, 120))
    found = nearest(CIRCULANT, targets)
    assert (found.matrix - along_diagonals(targets)).abs().max() < 1e-5
    assert nearest(CIRCULANT, sample(CIRCULANT, 10)).member.all()


@pytest.mark.parametrize("distance", [0.2, 0.001])
@each_newcomer
def test_it_starts_near_the_identity(projector, distance):
    theta = near_identity(projector, distance, 8, seeded())
    assert theta.shape == (8, projector.parameter_count)
    off = 1 - projector(theta).diagonal(dim1=-2, dim2=-1).mean(-1)
    torch.testing.assert_close(off, torch.full_like(off, distance), rtol=0.3, atol=0)
    assert len(theta.unique(dim=0)) == 8
    assert torch.equal(theta, near_identity(projector, distance, 8, seeded()))


@pytest.mark.parametrize(
    "fields", [{}, {"start_distance": 0.05}, {"parameters": "notebook", "objective": "eigenvalue"}]
)
def test_it_trains_beside_the_papers_methods(fields):
    others = StreamMixing(
        n=4, count=4, iterations=200, rate=0.02, **{"objective": "matrix", "targets": "edge", **fields}
    )
    result = trained(replace(others, methods=(("new", Circulant(4)), *others.methods)))
    assert (result.losses[0, -1] < result.losses[0, 0]).all()
    if "start_distance" in fields:
        torch.testing.assert_close(
            1 - result.path[0, 0].diagonal(dim1=-2, dim2=-1).mean(-1), torch.full((4,), 0.05).double(), rtol=0.1, atol=0
        )


def test_it_has_a_price_and_nothing_to_tell():
    assert CIRCULANT.exact
    assert CIRCULANT.details == {}
    assert layer_cost(CIRCULANT, 10, "minimal").parameters == layer_cost(CIRCULANT, 10).parameters > 0
