"""Shipped maps are what the recipe makes today, and a file that is not what it should be is done without, aloud."""

import io
import logging
import zipfile

import numpy as np
import pytest

import geometry.reach.shipped
from geometry.reach import Effort, Ended, reach_map
from geometry.reach.atlas_files import MOST_BYTES, Cells, read, write
from geometry.reach.known import has_formula
from geometry.reach.shipped import FOLDER, RESOLUTION, SEED, load, path_of, save, shipped
from geometry.regions import perfect_mirsky
from projectors import Identity, IteratedOrthostochastic, Orthostochastic, PermutationMixture, Unistochastic

SMALL = PermutationMixture(2)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of shipped maps of one's own, empty."""
    monkeypatch.setattr(geometry.reach.shipped, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def found():
    return reach_map(SMALL, RESOLUTION, SEED)


def warnings_of(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def arrays_of(path):
    with np.load(path) as stored:
        return dict(stored)


# What is shipped.


def test_every_promised_map_is_there_and_no_other():
    assert {path_of(projector) for projector in shipped()} == set(FOLDER.glob("*.npz"))


def test_the_atlas_is_a_folder_of_the_library():
    assert FOLDER.parent.joinpath("__init__.py").is_file()


@pytest.mark.parametrize("projector", [Orthostochastic(3, 1), PermutationMixture(3), Orthostochastic(4, 2)], ids=str)
def test_a_shipped_map_is_what_the_recipe_makes(projector):
    """Up to a few cells at the edge of the reach, where rounding decides whether a search succeeds."""
    stored, fresh = load(projector, RESOLUTION, SEED), reach_map(projector, RESOLUTION, SEED)
    assert stored is not None
    assert (stored.reached != fresh.reached).sum() <= 0.01 * fresh.reached.sum()
    np.testing.assert_array_equal(stored.centres, fresh.centres)
    region = perfect_mirsky(projector.n)
    assert stored.coverage(region).certified == pytest.approx(fresh.coverage(region).certified, abs=0.01)


def test_every_shipped_map_tells_the_truth(caplog):
    for projector in shipped():
        stored = load(projector, RESOLUTION, SEED)
        assert stored is not None
        assert stored.finished
        assert stored.origin == "shipped"
        assert np.isnan(stored.seconds)
        assert not (stored.reached & ~stored.touched).any()
        for part in (stored.reached, stored.touched, stored.residual):
            np.testing.assert_array_equal(part, part[::-1])
        certified = stored.residual[stored.reached]
        assert ((certified > 0) & (certified <= 1e-8)).all()
        if not len(certified):
            # Five Newton-Schulz steps leave sums off, and the eigenvalue of the identity is no centre of a cell.
            assert isinstance(projector, Identity | IteratedOrthostochastic)
            continue
        enough = 5 if has_formula(projector) else 20
        assert len(np.unique(certified)) > enough  # rounding errors are few
        assert not (stored.residual[~stored.reached] <= 1e-8).any()
        assert not stored.has_witnesses
        with pytest.raises(ValueError, match="has no witnesses"):
            stored.matrix(0.1)
        if projector.n <= 4:
            z = stored.centres + 1j * stored.centres[:, None]
            assert perfect_mirsky(projector.n).contains(z[stored.reached], 1e-7).all()
    assert warnings_of(caplog) == []


def test_other_recipes_and_other_projectors_are_not_shipped(caplog):
    for wanted in ((SMALL, RESOLUTION, 1), (SMALL, 51, SEED), (Unistochastic(2), RESOLUTION, SEED)):
        assert load(*wanted) is None
    assert warnings_of(caplog) == []


# Written and read.


def test_maps_are_written_and_read_back(folder, found):
    save(found, SEED)
    back = load(SMALL, RESOLUTION, SEED)
    assert back is not None
    np.testing.assert_array_equal(back.reached, found.reached)
    np.testing.assert_array_equal(back.touched, found.touched)
    np.testing.assert_array_equal(np.isnan(back.residual), np.isnan(found.residual))
    assert back.theta.shape == (0, 2)
    assert back.ended is Ended.CONVERGED
    assert back.counts() == found.counts()


def test_residuals_keep_their_size_and_their_side_of_the_tolerance(tmp_path):
    """From rounding to 2; at the tolerance itself; what is not a number stays what it is."""
    values = np.geomspace(1e-17, 2, 20 * 41).reshape(41, 20)
    edges = [1e-8, np.nextafter(1e-8, 1), np.nextafter(1e-8, 0), 1.001e-8, 0.999e-8, 0.0, np.inf, np.nan, 1e-300]
    half = np.concatenate([values, np.resize(edges, (41, 21))], 1)
    residual = np.concatenate([half[:0:-1], half])[20:61]
    residual = np.concatenate([residual[:20], residual[20:21], residual[19::-1]])
    reached = residual <= 1e-8
    write(tmp_path / "a.npz", "a", 0, Cells(reached, reached, residual))
    back = read(tmp_path / "a.npz", "a", 0, np.zeros(residual.shape, dtype=bool)).residual
    np.testing.assert_array_equal(back <= 1e-8, reached)
    assert not (back <= 0).any()
    np.testing.assert_allclose(back, residual.clip(1e-17), rtol=0.02)


def test_only_finished_maps_are_shipped(folder):
    with pytest.raises(ValueError, match="only finished maps are shipped"):
        save(reach_map(SMALL, RESOLUTION, SEED, effort=Effort(seconds=0)), SEED)


# Files that are not what they should be.


def test_a_missing_file_and_a_missing_folder_are_named(folder, monkeypatch, caplog):
    assert load(SMALL, RESOLUTION, SEED) is None
    monkeypatch.setattr(geometry.reach.shipped, "FOLDER", folder / "gone")
    assert load(SMALL, RESOLUTION, SEED) is None
    one, other = warnings_of(caplog)
    assert str(folder / "PermutationMixture-n-2.npz") in one
    assert str(folder / "gone" / "PermutationMixture-n-2.npz") in other
    assert "missing" in one
    assert "missing" in other


def bomb(name):
    """A zip of a few hundred bytes that unpacks to 100 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(100_000_000))
    return file.getvalue()[: 2 * MOST_BYTES]


def huge_header():
    """An array that says of itself that it has a million million entries."""
    file, member = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(member, {"descr": "|u1", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("name.npy", member.getvalue())
    return file.getvalue()


FOREIGN = {
    "empty": b"",
    "text": b"not a map",
    "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 4942\n",
    "large": bytes(MOST_BYTES + 1),
    "bomb": bomb("reached.npy"),
    "bomb of another name": bomb("other.npy"),
    "header": huge_header(),
    "no arrays": b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_named_and_done_without(folder, content, caplog):
    path_of(SMALL).write_bytes(content)
    assert load(SMALL, RESOLUTION, SEED) is None
    (warning,) = warnings_of(caplog)
    assert str(path_of(SMALL)) in warning
    assert "damaged" in warning


def spoilt(arrays, **changes):
    return {name: change(arrays[name].copy()) for name, change in changes.items()}


def put(places, value):
    def change(array):
        array[places] = value
        return array

    return change


MIDDLE = RESOLUTION // 2
SPOILT = {
    "of another projector": {"name": lambda name: np.frombuffer(b"PermutationMixture(n=3)", np.uint8)},
    "of another seed": {"seed": lambda seed: seed + 1},
    "of another resolution": {"digits": lambda digits: digits[:51, :51]},
    "of another dtype": {"digits": lambda digits: digits.astype(float)},
    "of objects": {"digits": lambda digits: digits.astype(object)},
    "of fewer bits": {"touched": lambda touched: touched[:-1]},
    "nan where a residual must be": {"digits": put((MIDDLE, MIDDLE + 3), np.nan)},
    "nan where no cell is reached": {"digits": put((slice(MIDDLE - 1, MIDDLE + 2, 2), MIDDLE), np.nan)},
    "infinitely certain": {"digits": put((MIDDLE, MIDDLE + 3), np.inf)},
    "reached beyond its residual": {"digits": put((MIDDLE, MIDDLE + 3), 7.0)},
    "certain and not reached": {"digits": put((slice(MIDDLE - 1, MIDDLE + 2, 2), MIDDLE), 9.0)},
    "not symmetric": {"digits": put((MIDDLE + 1, MIDDLE), 2.0)},
    "reached and not touched": {"touched": lambda touched: touched * 0},
}


@pytest.mark.parametrize("changes", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_map_is_named_and_done_without(folder, found, changes, caplog):
    save(found, SEED)
    arrays = arrays_of(path_of(SMALL))
    np.savez_compressed(path_of(SMALL), **arrays)
    assert load(SMALL, RESOLUTION, SEED) is not None
    np.savez_compressed(path_of(SMALL), **{**arrays, **spoilt(arrays, **changes)})
    assert load(SMALL, RESOLUTION, SEED) is None
    (warning,) = warnings_of(caplog)
    assert str(path_of(SMALL)) in warning


def test_truncated_and_overwritten_files_never_raise_and_never_lie(folder, found, caplog):
    save(found, SEED)
    whole = path_of(SMALL).read_bytes()
    generator = np.random.default_rng(0)
    places = generator.choice(len(whole), 150, replace=False)
    cut = [whole[:place] for place in places]
    flipped = [whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :] for place in places]
    for content in (*cut, *flipped):
        path_of(SMALL).write_bytes(content)
        back = load(SMALL, RESOLUTION, SEED)
        assert back is None or np.array_equal(back.reached, found.reached)
    assert len(warnings_of(caplog)) > 200
