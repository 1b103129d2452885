"""Shipped maps are what the recipe makes today, and a file that is not what it should be is done without, aloud."""

import io
import logging
import zipfile

import numpy as np
import pytest

import geometry.reach.shipped
from geometry.reach import Effort, Ended, reach_map
from geometry.reach.atlas_files import MASKS, MOST_BYTES, MOST_UNPACKED, Cells, read, write
from geometry.reach.shipped import FILE, RESOLUTION, SEED, load, save, shipped
from geometry.regions import perfect_mirsky
from projectors import Identity, IteratedOrthostochastic, Orthostochastic, PermutationMixture, Unistochastic

SMALL, OTHER = PermutationMixture(2), PermutationMixture(3)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file of shipped maps of one's own, which is not there yet."""
    path = tmp_path / "atlas.npz"
    monkeypatch.setattr(geometry.reach.shipped, "FILE", path)
    forget()
    yield path
    forget()


def forget():
    """As another process would, which reads the file again."""
    geometry.reach.shipped._atlas.cache_clear()


@pytest.fixture(scope="module")
def found():
    return [reach_map(projector, RESOLUTION, SEED) for projector in (OTHER, SMALL)]


def warnings_of(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def arrays_of(path):
    with np.load(path) as stored:
        return dict(stored)


# What is shipped.


def test_every_promised_map_is_there_and_no_other():
    assert list(read(FILE, SEED, RESOLUTION).rows) == [repr(projector) for projector in shipped()]


def test_the_whole_atlas_is_small():
    assert FILE.stat().st_size < 3_000_000
    assert FILE.parent.joinpath("__init__.py").is_file()  # of the library


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
        assert (stored.residual[stored.reached] == 1e-8).all()
        assert not (stored.residual[~stored.reached] <= 1e-8).any()
        # Five Newton-Schulz steps leave sums off, and the eigenvalue of the identity is no centre of a cell.
        assert stored.reached.any() != isinstance(projector, Identity | IteratedOrthostochastic)
        assert stored.has_witnesses == (not stored.touched.any())
        if projector.n <= 4:
            assert perfect_mirsky(projector.n).contains(stored.plane[stored.reached], 1e-7).all()
    assert warnings_of(caplog) == []


def test_a_share_of_the_region_needs_a_doubly_stochastic_matrix():
    """The identity reaches nothing of the area: 0. Newton-Schulz has no sums of 1: there is no share."""
    for projector, share in ((Identity(4), 0), (IteratedOrthostochastic(4), np.nan)):
        stored = load(projector, RESOLUTION, SEED)
        assert stored is not None
        assert stored.coverage(perfect_mirsky(4)).certified == pytest.approx(share, nan_ok=True)
        assert stored.has_matrices == (share == 0)


def test_other_recipes_and_other_projectors_are_not_shipped(caplog):
    for wanted in ((SMALL, RESOLUTION, 1), (SMALL, 51, SEED), (Unistochastic(2), RESOLUTION, SEED)):
        assert load(*wanted) is None
    assert warnings_of(caplog) == []


# Written and read.


def test_maps_are_written_and_read_back(file, found):
    save(found, SEED)
    for each in found:
        back = load(each.projector, RESOLUTION, SEED)
        assert back is not None
        np.testing.assert_array_equal(back.reached, each.reached)
        np.testing.assert_array_equal(back.touched, each.touched)
        np.testing.assert_array_equal(np.isnan(back.residual), np.isnan(each.residual))
        missed = np.isfinite(each.residual) & ~each.reached
        np.testing.assert_allclose(back.residual[missed], each.residual[missed], rtol=0.02)
        assert back.theta.shape == (0, each.projector.parameter_count)
        assert back.ended is Ended.CONVERGED
        assert back.counts() == each.counts()


def test_residuals_keep_their_size_and_their_side_of_the_tolerance(tmp_path):
    """From what is barely too far off to 2; at the tolerance itself; what is not a number stays what it is."""
    values = np.geomspace(1.001e-8, 2, 20 * 41).reshape(20, 41)
    edges = [1e-8, np.nextafter(1e-8, 1), np.nextafter(1e-8, 0), 1.0001e-8, 1e-12, 1e-17, np.inf, np.nan, 1e-300]
    half = np.concatenate([np.resize(edges, (1, 41)), values])
    residual = np.concatenate([half[:0:-1], half])
    reached = residual <= 1e-8
    write(tmp_path / "a.npz", 0, {"a": Cells(reached, reached, residual)})
    back = read(tmp_path / "a.npz", 0, 41).cells("a")
    np.testing.assert_array_equal(back.residual <= 1e-8, reached)
    np.testing.assert_allclose(back.residual, residual.clip(1e-8), rtol=0.02)


def test_only_finished_maps_are_shipped(file):
    with pytest.raises(ValueError, match="only finished maps are shipped"):
        save([reach_map(SMALL, RESOLUTION, SEED, effort=Effort(seconds=0))], SEED)


@pytest.mark.parametrize("what", ["not symmetric", "reached and not touched", "reached beyond its residual"])
def test_what_is_no_map_is_not_written(tmp_path, what):
    reached = np.zeros((5, 5), dtype=bool)
    reached[2, 2] = True
    touched, residual = reached.copy(), np.where(reached, 1e-9, 0.1)
    write(tmp_path / "a.npz", 0, {"a": Cells(reached, touched, residual)})
    if what == "not symmetric":
        residual[1, 1] = 0.2
    elif what == "reached and not touched":
        touched[:] = False
    else:
        residual[2, 2] = 1e-7
    with pytest.raises(ValueError, match=r"not symmetric|not touched"):
        write(tmp_path / "a.npz", 0, {"a": Cells(reached, touched, residual)})


def test_the_file_is_read_once(file, found, monkeypatch):
    """Lazily, and whatever is asked for: a page draws dozens of maps."""
    reads = []
    original = geometry.reach.shipped.read
    monkeypatch.setattr(geometry.reach.shipped, "read", lambda *a: reads.append(1) or original(*a))
    save(found, SEED)
    assert not reads
    for _ in range(3):
        assert load(SMALL, RESOLUTION, SEED) is not None
        assert load(Unistochastic(5), RESOLUTION, SEED) is None
    assert len(reads) == 1


# Files that are not what they should be.


def test_a_missing_file_is_named_once(file, caplog):
    for _ in range(3):
        assert load(SMALL, RESOLUTION, SEED) is None
    (warning,) = warnings_of(caplog)
    assert str(file) in warning
    assert "missing" in warning


def bomb(name):
    """A zip of a hundred kilobytes that unpacks to 100 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(100_000_000))
    assert MOST_UNPACKED < 100_000_000
    return packed.getvalue()


def huge_header():
    """An array that says of itself that it has a million million entries."""
    packed, member = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(member, {"descr": "<i8", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("seed.npy", member.getvalue())
    return packed.getvalue()


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
def test_a_foreign_file_is_named_and_done_without(file, content, caplog):
    file.write_bytes(content)
    assert load(SMALL, RESOLUTION, SEED) is None
    (warning,) = warnings_of(caplog)
    assert str(file) in warning
    assert "damaged" in warning


def put(places, value):
    def change(array):
        array[places] = value
        return array

    return change


SPOILT = {
    "of another seed": {"seed": lambda seed: seed + 1},
    "of another resolution": {"bins": lambda bins: bins + 2},
    "of one name twice": {"names": lambda names: np.frombuffer(b"a\na", np.uint8)},
    "of a name too many": {"names": lambda names: np.append(names, np.frombuffer(b"\nb", np.uint8))},
    "of no words": {"names": lambda names: np.full_like(names, 255)},
    "of another dtype": {"digits": lambda digits: digits.astype(float)},
    "of objects": {"digits": lambda digits: digits.astype(object)},
    "of more dimensions": {"digits": lambda digits: digits[:, None]},
    "of fewer digits": {"digits": lambda digits: digits[:-1]},
    "of fewer bits": {"touched": lambda touched: touched[:, :-1]},
    "of fewer maps": {"sought": lambda sought: sought[:-1]},
    "of other ends": {"ends": lambda ends: ends[::-1].copy()},
    "nan where a residual must be": {"digits": put(3, np.nan)},
    "certain and not reached": {"digits": put(3, 9.0)},
    "infinitely certain": {"digits": put(3, np.inf)},
    "reached and not sought": {"sought": lambda sought: sought * 0},
    "reached and not touched": {"touched": lambda touched: touched * 0},
}


@pytest.mark.parametrize("changes", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_atlas_is_named_and_done_without(file, found, changes, caplog):
    save(found, SEED)
    arrays = arrays_of(file)
    assert set(MASKS) < set(arrays)
    np.savez_compressed(file, **arrays)
    assert load(SMALL, RESOLUTION, SEED) is not None
    forget()
    np.savez_compressed(file, **{**arrays, **{name: change(arrays[name].copy()) for name, change in changes.items()}})
    assert load(SMALL, RESOLUTION, SEED) is None
    (warning,) = warnings_of(caplog)
    assert str(file) in warning


def test_truncated_and_overwritten_files_never_raise_and_never_lie(file, found, caplog):
    save(found, SEED)
    whole = file.read_bytes()
    generator = np.random.default_rng(0)
    places = generator.choice(len(whole), 150, replace=False)
    cut = [whole[:place] for place in places]
    flipped = [whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :] for place in places]
    for content in (*cut, *flipped):
        file.write_bytes(content)
        forget()
        back = load(SMALL, RESOLUTION, SEED)
        assert back is None or np.array_equal(back.reached, found[1].reached)
    assert len(warnings_of(caplog)) > 200
