"""Shipped maps are what the recipe makes today."""

import numpy as np
import pytest
import torch

from geometry.reach import reach_map
from geometry.reach.shipped import FOLDER, RESOLUTION, SEED, load, path_of, save, shipped
from geometry.regions import perfect_mirsky
from projectors import Orthostochastic, PermutationMixture, Unistochastic


def test_every_promised_map_is_there_and_no_other():
    assert {path_of(projector) for projector in shipped()} == set(FOLDER.glob("*.npz"))


@pytest.mark.parametrize("projector", [Orthostochastic(3, 1), PermutationMixture(3), Orthostochastic(4, 2)], ids=str)
def test_a_shipped_map_is_what_the_recipe_makes(projector):
    """Up to a few cells at the edge of the reach, where rounding decides whether a search succeeds."""
    stored, fresh = load(projector), reach_map(projector, RESOLUTION, SEED)
    assert stored is not None
    assert (stored.reached != fresh.reached).sum() <= 0.01 * fresh.reached.sum()
    np.testing.assert_array_equal(stored.centres, fresh.centres)
    region = perfect_mirsky(projector.n)
    assert stored.coverage(region).certified == pytest.approx(fresh.coverage(region).certified, abs=0.01)


def test_every_shipped_map_keeps_within_the_known_regions():
    for projector in shipped():
        stored = load(projector)
        assert stored is not None
        assert stored.finished
        assert not (stored.reached & ~stored.touched).any()
        np.testing.assert_array_equal(stored.reached, stored.reached[::-1])
        if projector.n <= 4:
            z = stored.centres + 1j * stored.centres[:, None]
            assert perfect_mirsky(projector.n).contains(z[stored.reached], 1e-7).all()


def test_maps_are_written_and_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr("geometry.reach.shipped.FOLDER", tmp_path)
    projector = Unistochastic(2)
    assert load(projector) is None
    found = reach_map(projector, RESOLUTION, SEED)
    save(found)
    back = load(projector)
    assert back is not None
    np.testing.assert_array_equal(back.reached, found.reached)
    np.testing.assert_array_equal(back.touched, found.touched)
    np.testing.assert_allclose(back.residual[found.reached], 0, atol=1e-7)
    assert back.theta.shape == (0, 4)
    assert back.matrix(0.1) is None
    assert isinstance(back.theta, torch.Tensor)
