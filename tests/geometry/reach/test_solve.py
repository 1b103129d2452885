"""Every solved target is an eigenvalue of its witness, a doubly stochastic matrix of the projector: checked afresh."""

import threading

import numpy as np
import pytest
import torch

from geometry.reach import Effort, path, solve
from geometry.reach.known import not_excluded, possible
from geometry.reach.search.attempts import attempt, spectra, verified
from geometry.reach.search.hunt import Hunt
from geometry.regions import karpelevich, orthostochastic_order3, perfect_mirsky
from geometry.regions.perfect_mirsky_exception import perfect_mirsky_exception
from geometry.spaces import space_of
from geometry.spaces.base import Parameters
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic
from tests.projectors.table import sum_error

PROJECTORS = [
    Sinkhorn(3),
    Sinkhorn(5),
    Sinkhorn(4, positive="abs"),
    PermutationMixture(2),
    PermutationMixture(4),
    PermutationMixture(5),
    Kronecker((PermutationMixture(2),) * 2),
    Kronecker((PermutationMixture(2), PermutationMixture(3))),
    Kronecker((Orthostochastic(3, 2), PermutationMixture(2))),
    Kronecker((Sinkhorn(3), Orthostochastic(2))),
    Orthostochastic(3),
    Orthostochastic(4, 2),
    Orthostochastic(9),
    Unistochastic(3),
    Unistochastic(3, 2),
    Mixture(Orthostochastic(3), 2),
    Mixture(Orthostochastic(3), 2, weights=(0.25, 0.75)),
    Mixture(Kronecker((PermutationMixture(2),) * 2), 2),
    Mixture(Sinkhorn(3), 2),
]
each_projector = pytest.mark.parametrize("projector", PROJECTORS, ids=str)


def disk(count, radius=1.0, seed=0):
    """Complex points (count,), uniform in the disk; every fifth one real."""
    generator = np.random.default_rng(seed)
    z = radius * np.sqrt(generator.random(count)) * np.exp(2j * np.pi * generator.random(count))
    z[::5] = z[::5].real
    return z


def check(projector, targets, found):
    """Assert what a solution promises -> which targets are solved."""
    values = np.linalg.eigvals(projector(found.theta).numpy())
    gaps = np.abs(values - targets[:, None])
    np.testing.assert_allclose(found.matrix, projector(found.theta), rtol=0, atol=1e-12)
    assert found.theta.shape == (len(targets), projector.parameter_count)
    assert found.theta.isfinite().all()
    solved = found.solved.numpy()
    assert (gaps.min(-1)[solved] <= 1.01e-8).all()
    reached = np.abs(values - found.eigenvalue.numpy()[:, None]).min(-1)
    assert (reached < 1e-7).all()  # an eigenvalue of the whole matrix: double ones have lost half of their digits
    residual = np.abs(found.eigenvalue.numpy() - targets)
    np.testing.assert_allclose(found.residual, residual, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(solved, residual <= 1e-8)
    assert sum_error(found.matrix) <= 1e-8
    assert (found.matrix >= 0).all()
    return solved


@each_projector
def test_solved_targets_are_eigenvalues_of_their_matrices(projector):
    targets = disk(25)
    found = solve(projector, targets)
    solved = check(projector, targets, found)
    reals = (targets.imag == 0) & (np.abs(targets) < 0.95)
    if isinstance(projector, Orthostochastic | PermutationMixture | Unistochastic):
        assert solved[reals].all()
    assert not solved[~karpelevich(projector.n).contains(targets, 1e-8)].any()
    assert (found.iterations >= 0).all()


def test_what_is_well_inside_is_solved():
    for projector in (PermutationMixture(3), PermutationMixture(4), Sinkhorn(3), Sinkhorn(4)):
        targets = disk(150, seed=1)
        targets = targets[perfect_mirsky(projector.n).contains(targets / 0.97)]
        solved = solve(projector, targets).solved
        assert solved.double().mean() > 0.95 if projector == Sinkhorn(4) else solved.all(), projector
    for s in (1, 2, 3):
        for kind in (Orthostochastic, Unistochastic):
            targets = disk(150, seed=2)
            targets = targets[orthostochastic_order3(s).contains(targets / 0.99)]
            assert solve(kind(3, s), targets).solved.all(), (kind, s)


@pytest.mark.parametrize(
    "projector", [Orthostochastic(4, 2), Sinkhorn(4), Kronecker((PermutationMixture(3),))], ids=str
)
def test_the_same_seed_gives_the_same_solution(projector):
    targets = disk(25, 0.8)
    first, again, other = (solve(projector, targets, seed=seed) for seed in (3, 3, 4))
    for field in ("theta", "matrix", "eigenvalue", "residual", "iterations"):
        assert torch.equal(getattr(first, field), getattr(again, field)), field
    assert not torch.equal(first.theta, other.theta)
    assert (first.solved != other.solved).sum() <= 2


@pytest.mark.parametrize("size", [1, 16])
def test_batches_do_not_matter(size, monkeypatch):
    projector, targets = Orthostochastic(3, 2), disk(30, 0.7)
    whole = solve(projector, targets)
    monkeypatch.setattr(Hunt, "_batch", lambda self: size)
    parts = solve(projector, targets)
    same = whole.solved == parts.solved
    assert (~same).sum() <= 1  # a search may miss a target that another one, of other rounding errors, finds
    assert torch.allclose(whole.residual[same], parts.residual[same], rtol=0, atol=1e-6)


@pytest.mark.parametrize("s", [1, 2, 4])
def test_the_nearest_point_is_as_near_as_geometry_allows(s):
    """Half-way along a step of the edge from 1 to omega, the reach of order 3 stays 1/(6s) away."""
    omega = np.exp(2j * np.pi / 3)
    targets = np.array([((k + 0.5) * omega + s - k - 0.5) / s for k in range(s)])
    found = solve(Orthostochastic(3, s), targets)
    assert not check(Orthostochastic(3, s), targets, found).any()
    np.testing.assert_allclose(found.residual, 1 / (6 * s), rtol=0, atol=1e-5)
    assert (found.residual >= 1 / (6 * s) - 1e-9).all()


def test_order_five_leaves_the_perfect_mirsky_region():
    exception = perfect_mirsky_exception()
    curve = exception.curve[300:701:50]
    region = perfect_mirsky(5).radius(np.angle(curve))
    targets = (region + 0.8 * (np.abs(curve) - region)) * np.exp(1j * np.angle(curve))
    assert not perfect_mirsky(5).contains(targets).any()
    assert check(PermutationMixture(5), targets, solve(PermutationMixture(5), targets)).all()


def test_nothing_is_reached_outside_karpelevich():
    angles = np.linspace(0.1, 3.1, 16)
    for projector in (PermutationMixture(5), Orthostochastic(4, 2), Sinkhorn(4)):
        targets = (karpelevich(projector.n).radius(angles) + 1e-3) * np.exp(1j * angles)
        found = solve(projector, targets)
        assert not check(projector, targets, found).any()
        assert karpelevich(projector.n).contains(found.eigenvalue, tolerance=1e-7).all()


@pytest.mark.parametrize("projector", [Orthostochastic(3), Orthostochastic(4, 2), PermutationMixture(3)])
def test_what_a_theorem_excludes_costs_little(projector):
    """32 are tried and approached; the others get the nearest matrix that is known, which is near the edge."""
    region = not_excluded(projector)
    angles = np.linspace(0.05, np.pi - 0.05, 200)
    targets = (region.radius(angles) + 0.02) * np.exp(1j * angles)
    far = ~region.contains(targets, tolerance=1e-6)
    inner = disk(2000, seed=3)
    found = solve(projector, np.concatenate([targets[far], inner[region.contains(inner)]]))
    count = int(far.sum())
    assert count > 100
    assert not found.solved[:count].any()
    assert (found.iterations[:32] > 0).all()
    assert (found.iterations[32:count] == 0).all()
    assert found.residual[:count].isfinite().all()
    assert float(found.residual[32:count].median()) < 0.15
    assert region.contains(found.eigenvalue[:count][found.eigenvalue[:count].imag.abs() > 1e-6], tolerance=1e-7).all()


def test_the_real_axis_is_never_excluded():
    assert solve(Orthostochastic(3), [-0.9, 0.5, 1.0]).solved.all()
    assert possible(Orthostochastic(3), np.array([-0.9, 1.1, -0.9 + 0.1j, 0.1j]), 1e-8).tolist() == [
        True,
        False,
        False,
        True,
    ]
    assert possible(Sinkhorn(3), np.array([1.5j]), 1e-8).all()


def test_edge_curve_of_order_four():
    """Between a 4-cycle and a 3-cycle that differ by a transposition, mixed in any proportion."""
    shares = np.linspace(0.15, 0.85, 30)
    roots = np.array([np.roots([1, 1 - b, 1 - b, 1 - 2 * b]) for b in shares])
    curve = roots[np.arange(len(roots)), roots.imag.argmax(-1)]
    targets = 0.99 * curve[np.abs(curve) > 0.5]
    assert len(targets) > 20
    assert check(Orthostochastic(4), targets, solve(Orthostochastic(4), targets)).all()


def test_a_sinkhorn_that_is_not_balanced_has_solved_nothing():
    """One iteration on steep logits leaves rows far from 1: an eigenvalue of such a matrix does not count."""
    projector = Sinkhorn(4, 1)
    for target in (-0.9, 0.9j, 0.7 + 0.6j, -0.3 + 0.5j):
        found = solve(projector, [target])
        check(projector, np.array([target]), found)
    theta = torch.tensor([[6.0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 5, 0, 0, 6]], dtype=torch.float64)
    values, errors = spectra(projector, theta)
    assert errors.item() == pytest.approx(float((projector(theta).sum(-1) - 1).abs().max()))
    steered = attempt(Parameters(projector), projector, theta, values[:, 0], 1, None)
    assert steered.gap.item() == np.inf
    assert verified(Parameters(projector), projector, steered.points, values[:, 0]).distance.item() == np.inf


@pytest.mark.parametrize("projector", [Orthostochastic(4, 2), PermutationMixture(3), Sinkhorn(3)], ids=str)
def test_what_is_not_finite_is_never_solved(projector):
    space = space_of(projector)
    points = space.random(6, torch.Generator().manual_seed(0))
    points.view(6, -1)[1, 0], points.view(6, -1)[3, 1] = torch.nan, torch.inf
    targets = torch.full((6,), 0.1 + 0.1j, dtype=torch.complex128)
    found = verified(space, projector, attempt(space, projector, points, targets, 24, None).points, targets)
    assert (found.distance[[1, 3]] == np.inf).all()
    assert found.values[[1, 3]].isnan().all()
    assert (found.distance[[0, 2, 4, 5]] < np.inf).all()


def test_a_search_survives_parameters_that_are_not_finite(monkeypatch):
    random = Parameters.random

    def some_broken(self, count, generator):
        theta = random(self, count, generator)
        theta[::3] = torch.nan
        theta[1::3, 0] = torch.inf
        return theta

    monkeypatch.setattr(Parameters, "random", some_broken)
    targets = disk(30, 0.45)
    assert check(PermutationMixture(3), targets, solve(PermutationMixture(3), targets)).all()


def test_the_path_leads_from_afar_to_the_target():
    for target in (0.2 + 0.5j, -0.3 - 0.4j, 0.5):
        way = path(Orthostochastic(4, 2), target)
        assert way.ndim == 1
        assert len(way) >= 3
        assert abs(way[0] - target) > 0.1
        assert abs(way[-1] - target) < 1e-8
    assert len(path(Orthostochastic(4, 2), 0.2 + 0.5j, effort=Effort(path=1))) == 2


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield 3
    torch.set_num_threads(before)


def test_the_caller_keeps_its_threads_and_other_threads_get_theirs(three_threads):
    solve(Orthostochastic(3), [0.2 + 0.2j])
    assert torch.get_num_threads() == three_threads
    seen = []
    thread = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert seen == [three_threads]


def test_no_targets_no_rows():
    found = solve(Orthostochastic(3, 2), [])
    assert found.theta.shape == (0, 15)
    assert found.matrix.shape == (0, 3, 3)
    assert found.solved.shape == found.eigenvalue.shape == found.residual.shape == (0,)


@pytest.mark.parametrize("targets", [0.5, [[0.5, 0.2]], [np.nan], [0.1, np.inf], [complex(0, -np.inf)]])
def test_bad_targets_are_refused(targets):
    with pytest.raises(ValueError, match=r"targets must be finite complex numbers of shape \(m,\), not"):
        solve(Orthostochastic(3), targets)
