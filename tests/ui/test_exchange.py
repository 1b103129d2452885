"""Trading between two rows and two columns keeps a matrix doubly stochastic, to the bound where an entry is 0."""

from __future__ import annotations

import numpy as np
import pytest

from figures.style import PAPER
from geometry.sampling import sample
from geometry.spectra import eigenvalues
from projectors import Orthostochastic, PermutationMixture
from tests.pages.page import run
from ui.spectrum.exchange import bounds, exchanged, figure, spectra

CORNERS = ((0, 1), (3, 2))
MATRICES = sample(PermutationMixture(5), 20, "initial", 1).numpy()


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_all_sums_stay_and_the_bounds_are_where_an_entry_is_0(share: float) -> None:
    for matrix in MATRICES:
        low, high = bounds(matrix, CORNERS)
        moved = exchanged(matrix, CORNERS, low + share * (high - low))
        assert moved.min() >= 0
        for axis in (0, 1):
            np.testing.assert_allclose(moved.sum(axis), 1, rtol=0, atol=1e-14)
        if share in (0.0, 1.0):
            assert moved.min() < 1e-15
        assert np.abs(exchanged(moved, CORNERS, -(low + share * (high - low))) - matrix).max() < 1e-15


def test_spectra_are_the_librarys() -> None:
    import torch

    for matrix, values in zip(MATRICES, spectra(MATRICES), strict=True):
        expected = eigenvalues(torch.from_numpy(matrix)).numpy()
        assert np.abs(np.sort_complex(values.round(9)) - np.sort_complex(expected.round(9))).max() < 1e-8


def test_what_is_drawn_begins_at_the_matrix_itself() -> None:
    matrix = sample(Orthostochastic(4, 2), 1, "initial").numpy()[0]
    picture = figure(matrix, ((0, 0), (1, 1)), 0.0, PAPER)
    before, now = (next(trace for trace in picture.data if trace.name == name) for name in ("before", "now"))
    np.testing.assert_array_equal(before.x, now.x)


def test_the_page_moves_entries_and_says_when_nothing_can_move() -> None:
    at = run("pages/target_eigenvalue.py", n=3, s=2, re=0.1, im=0.2)
    at.toggle(key="_exchange").set_value(True).run()
    assert not at.exception
    traded = next(slider for slider in at.slider if slider.label == "Traded")
    assert traded.min < 0 < traded.max
    traded.set_value(traded.max).run()
    moved = next(each for each in at.expander if each.label == "The new matrix as text").code[0].value
    found = next(each for each in at.expander if each.label == "The matrix that was found as text").code[0].value
    pair = [eval(text, {"np": np}) for text in (moved, found)]
    assert np.abs(pair[0] - pair[1]).max() > 1e-3
    np.testing.assert_allclose(pair[0].sum(0), 1, atol=1e-9)
    at.selectbox(key="_row_1").set_value(0).run()
    assert "different rows" in at.info[0].value
    at.slider(key="_n_slid").set_value(2).run()  # an entry that a smaller matrix lacks is forgotten
    assert not at.exception
