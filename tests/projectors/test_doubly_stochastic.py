"""Every projector lands in the Birkhoff polytope, however large its parameters."""

import torch

from projectors import IteratedOrthostochastic, methods, variants
from tests.projectors.table import (
    EXACT,
    PROJECTORS,
    each_exact_projector,
    each_projector,
    few,
    magnitudes,
    parameters,
    seeded,
    sum_error,
)


def test_the_table_holds_every_kind():
    kinds = {type(projector).__name__ for projector in PROJECTORS}
    assert kinds == {type(each).__name__ for each in (*methods(4).values(), *variants(4).values())} - {"Identity"}
    assert len(EXACT) >= 60
    assert {projector.n for projector in EXACT} >= {2, 3, 4, 5, 6, 8, 9}


@each_projector
def test_entries_are_finite_and_not_negative(projector):
    for theta in (parameters(projector, few(projector)), magnitudes(projector, few(projector), -6, 6)):
        matrices = projector(theta)
        assert matrices.isfinite().all()
        assert (matrices >= 0).all()
        largest = 1.47 if isinstance(projector, IteratedOrthostochastic) else 1  # the square of its largest value
        assert (matrices <= largest + 1e-12).all()


@each_exact_projector
def test_rows_and_columns_sum_to_one(projector):
    assert sum_error(projector(parameters(projector, few(projector, 20)))) < 1e-12
    assert sum_error(projector(projector.initial(few(projector, 20), generator=seeded()))) < 1e-12


@each_exact_projector
def test_rows_and_columns_sum_to_one_at_any_magnitude(projector):
    for low, high in [(0, 3), (6, 6), (-6, 6), (12, 12), (-6, 12), (11, 15), (-300, -200)]:
        matrices = projector(magnitudes(projector, few(projector, 6), low, high))
        assert sum_error(matrices) < 1e-12, f"parameters from 1e{low} to 1e{high}"
        assert (matrices >= 0).all()


@each_exact_projector
def test_single_large_parameter_is_no_trouble(projector):
    theta = 1e-3 * parameters(projector, few(projector, 6))
    theta[:, projector.parameter_count // 2] = 1e9
    assert sum_error(projector(theta)) < 1e-12


@each_exact_projector
def test_single_precision_is_doubly_stochastic_too(projector):
    for size in (1e-3, 1.0, 90.0, 1e4, 1e8):
        theta = size * parameters(projector, few(projector, 10), dtype=torch.float32)
        assert sum_error(projector(theta)) < 1e-5, f"parameters of size {size}"


@each_projector
def test_first_matrix_is_not_every_matrix(projector):
    one, two = projector(parameters(projector, 2, seed=3))
    assert (one - two).abs().max() > 1e-3


@each_projector
def test_not_a_number_is_not_hidden(projector):
    """A diverged parameter shows in its own matrix, and there alone."""
    theta = parameters(projector, 2)
    theta[1, 0] = torch.nan
    healthy, diverged = projector(theta)
    assert diverged.isnan().any()
    assert healthy.isfinite().all()
