"""What every page lets people take home: the Python shown beside it makes the very arrays of its archive."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from geometry.grid import WHOLE
from geometry.spectra import eigenvalues
from geometry.survey import survey
from projectors import Orthostochastic
from tests.pages.page import ROOT, run
from ui.recipes import Recipe
from ui.spectrum.plane import Plane, take
from ui.take import Taken

SMALL = {"matrices": 1000, "each": 1000, "points": 500}
CASES: dict[str, tuple[str, dict[str, object]]] = {
    "density": ("app.py", {"n": 4}),
    "density of the exact region": ("app.py", {"n": 3, "measure": "target"}),
    "certified reach, shipped": ("app.py", {"n": 3, "s": 1, "show": "certified reach"}),
    "certified reach, searched": ("app.py", {"n": 3, "s": 1, "show": "certified reach", "seed": 1}),
    "both": ("app.py", {"n": 5, "show": "both", "method": "mHC-lite"}),
    "methods": ("pages/compare_methods.py", {"n": 3, "s": 3}),
    "window, both": ("app.py", {"n": 4, "s": 1, "show": "both", "window": "0.1~0.5~0.3"}),
    "sweep over s, pinned": (
        "app.py",
        {
            "n": 3,
            "sweep": "s",
            "window": "0~0.4~0.3",
            "pins": "mHC;4;2;;3;initial;1000;5~KromHC;6;2;2x3;20;edges;1000;0",
        },
    ),
    "gains": ("pages/stream_mixing.py", {"preset": "B.4, gains", "n": 3}),
    "equal layers": ("pages/stream_mixing.py", {"preset": "B.8, equal layers", "n": 3}),
    "compare, window": ("pages/compare_methods.py", {"n": 4, "window": "0.1~0.6~0.05"}),
    "target": ("pages/target_eigenvalue.py", {"n": 4, "method": "KromHC", "re": 0.2, "im": 0.3}),
    "plane, projection": ("pages/inside_the_polytope.py", {"n": 5, "frequency": 2}),
    "plane, both, with rivals": (
        "pages/inside_the_polytope.py",
        {"n": 3, "s": 1, "layer": "both", "versus": "same budget~mHC"},
    ),
    "plane, chosen": (
        "pages/inside_the_polytope.py",
        {"n": 3, "s": 1, "plane": "chosen", "chosen": "123 213 231", "versus": "go-mHC, s = 2"},
    ),
    "plane, odd, slice": ("pages/inside_the_polytope.py", {"n": 3, "plane": "odd", "layer": "certified slice"}),
    "plane, window, with rivals": (
        "pages/inside_the_polytope.py",
        {"n": 3, "s": 2, "layer": "both", "frame": "0.3~0.3~0.1", "versus": "go-mHC, s = 1~mHC"},
    ),
    "plane, window, projection": (
        "pages/inside_the_polytope.py",
        {"n": 4, "s": 2, "frame": "0.3~-0.3~0.1", "versus": "mHC"},
    ),
    "space, turned": ("pages/inside_the_polytope.py", {"n": 3, "aspect": "space", "space": "order3", "odd": 20}),
    "space, slice": (
        "pages/inside_the_polytope.py",
        {"n": 3, "s": 1, "aspect": "space", "space": "diagonal", "layer": "certified slice"},
    ),
    "real or complex": (
        "pages/inside_the_polytope.py",
        {"n": 3, "s": 1, "aspect": "real or complex", "gap_iterations": 300},
    ),
    "own experiment": (
        "pages/stream_mixing.py",
        {"preset": "your own", "n": 3, "mix_iterations": 100, "mix_count": 4},
    ),
    "preset": ("pages/stream_mixing.py", {"preset": "Fig. A3", "length": "tenth"}),
    "depth": ("pages/stream_mixing.py", {"preset": "Fig. A9", "n": 3}),
    "gradients": ("pages/stream_mixing.py", {"preset": "B.10, gradients", "n": 3}),
    "trained matrices": ("pages/your_matrices.py", {}),
    "known answers, in a window": (
        "pages/your_matrices.py",
        {"example": "known answers", "n": 5, "window": "-0.3~0.75~0.05", "transposed": "yes"},
    ),
    "density, with own matrices": ("app.py", {"n": 4, "s": 1, "mine": "yes"}),
    "target, with own matrices": ("pages/target_eigenvalue.py", {"n": 4, "s": 1, "mine": "yes", "own_iterations": 100}),
    "plane, with own matrices": ("pages/inside_the_polytope.py", {"n": 5, "mine": "yes", "example": "known answers"}),
    "space, with own matrices": (
        "pages/inside_the_polytope.py",
        {"n": 3, "s": 1, "aspect": "space", "mine": "yes", "example": "quark and lepton mixing"},
    ),
    "pasted": ("pages/your_matrices.py", {"own": "text"}),
    "complexity": ("pages/complexity.py", {"n": 4, "s": 3}),
    "complexity, newer ones": ("pages/complexity.py", {"n": 3, "s": 1, "family": "newer"}),
    "all methods": ("pages/compare_methods.py", {"n": 3, "s": 1, "family": "all"}),
    "language models": ("pages/language_model.py", {"family": "newer", "lm_told": "rotation"}),
    "judges": ("pages/language_model.py", {"model": "judges"}),
    "choose": ("pages/choose.py", {"n": 4, "most_numbers": 16, "prefer": "learning"}),
    "choose, without a map": ("pages/choose.py", {"n": 2, "must_be_exact": "no"}),
}
WORKER = """
import json, sys
import numpy as np
for number, code in enumerate(json.load(open(sys.argv[1]))):
    made = {}
    exec(compile(code, f"snippet {number}", "exec"), made)
    np.savez(f"{sys.argv[2]}/{number}.npz", **{key: np.asarray(value) for key, value in made["arrays"].items()})
"""


@pytest.fixture(scope="module")
def taken() -> dict[str, list[Taken]]:
    """By case, what its page offers, top down."""
    found: dict[str, list[Taken]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.work.limits.SHORT", 600.0)  # however busy the machine is
        for case, (page, query) in CASES.items():
            offered: list[Taken] = []
            patch.setattr("ui.take.downloads.buttons", offered.append)
            at = run(page, **(SMALL | query))
            assert not at.exception, case
            found[case] = offered
    return found


@pytest.fixture(scope="module")
def remade(taken: dict[str, list[Taken]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict]]:
    """By case, the arrays that the Python of each offer makes in a process that knows the library alone."""
    folder = tmp_path_factory.mktemp("snippets")
    flat = [offer.snippet for offers in taken.values() for offer in offers]
    (folder / "codes.json").write_text(json.dumps(flat))
    command = [sys.executable, "-c", WORKER, str(folder / "codes.json"), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    numbers = iter(range(len(flat)))
    return {case: [_loaded(folder / f"{next(numbers)}.npz") for _ in offers] for case, offers in taken.items()}


def _loaded(file: Path | io.BytesIO) -> dict[str, np.ndarray]:
    return dict(np.load(file))


@pytest.mark.parametrize("case", CASES)
def test_the_python_makes_the_arrays_of_the_archive(case: str, taken: dict, remade: dict) -> None:
    assert taken[case]
    for offer, made in zip(taken[case], remade[case], strict=True):
        kept = _loaded(io.BytesIO(offer.npz()))
        recipe = json.loads(str(kept.pop("recipe")))
        assert recipe["python"] == offer.snippet
        assert not offer.partial
        assert kept.keys() == made.keys()
        for key, array in kept.items():
            if array.dtype.kind in "US":
                assert array.tolist() == made[key].tolist(), key
            else:
                np.testing.assert_allclose(made[key], array, rtol=0, atol=1e-12, err_msg=key)


@pytest.mark.parametrize("case", CASES)
def test_its_table_and_its_name_are_for_everybody(case: str, taken: dict) -> None:
    for offer in taken[case]:
        _header, *lines = offer.csv().decode().splitlines()
        assert lines
        assert offer.stem.isascii()
        assert not set(offer.stem) & set(' /\\:*?"<>|')
        assert all(str(value) for value in offer.recipe.values())


def test_both_tables_of_a_language_model_are_offered(taken: dict) -> None:
    assert {"layer-cost", "language-model"} <= {offer.name for offer in taken["complexity"]}


def test_names_differ_where_data_do(taken: dict) -> None:
    offers = [offer for each in taken.values() for offer in each]
    named: dict[str, Taken] = {}
    for offer in offers:
        same = named.setdefault(offer.stem, offer)
        assert offer.arrays.keys() == same.arrays.keys()
        for key, array in offer.arrays.items():
            np.testing.assert_array_equal(np.asarray(array), np.asarray(same.arrays[key]))
    assert len(named) > len(offers) - 3  # what does not depend on a choice is offered under each


def test_an_unfinished_sample_is_that_of_as_many_matrices_as_it_has() -> None:
    projector = Orthostochastic(16, 3)
    part = next(survey(projector, 20_000, "edges", 3))
    recipe = Recipe("go-mHC", projector, "edges", 20_000, 3)
    offer = take(Plane(recipe, (), WHOLE, part))
    assert offer.partial
    assert offer.recipe["matrices"] == part.matrices < 20_000
    assert f"{part.matrices:,} matrices" in offer.title
    *_, same = survey(projector, part.matrices, "edges", 3)
    np.testing.assert_array_equal(same.density.counts, offer.arrays["counts"])


def test_one_thing_changed_is_another_name() -> None:
    """For every setting that a picture depends on: a link that differs in it alone offers files of another name."""
    base = {"n": 3, "s": 1, "matrices": 1000, "points": 500, "aspect": "space", "space": "order3", "odd": 20}
    with pytest.MonkeyPatch.context() as patch:
        offered: list[Taken] = []
        patch.setattr("ui.take.downloads.buttons", offered.append)
        changes = [{}, {"odd": 60}, {"s": 2}, {"seed": 1}, {"measure": "initial"}, {"points": 1000}, {"method": "mHC"}]
        for change in [*changes, {"space": "diagonal"}, {"space": "chosen"}, {"layer": "certified slice"}]:
            run("pages/inside_the_polytope.py", **(base | change))
        assert len({offer.stem for offer in offered}) == len(changes) + 3


@pytest.mark.parametrize(
    ("page", "query", "column", "array"),
    [
        ("app.py", {"n": 3, "s": 1, "show": "both"}, "certified", "reached"),
        ("pages/inside_the_polytope.py", {"n": 3, "s": 1, "layer": "both"}, "member", "member"),
    ],
)
def test_the_table_of_two_layers_holds_both(page: str, query: dict, column: str, array: str) -> None:
    offered: list[Taken] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.take.downloads.buttons", offered.append)
        run(page, matrices=1000, **query)
    columns, arrays = offered[0].columns(), offered[0].arrays
    assert sum(filter(None, columns[column])) == np.sum(arrays[array])
    assert sum(filter(None, columns["count"])) == np.sum(arrays["counts"])
    assert len(set(map(len, columns.values()))) == 1
    assert ("x" in columns) == (page != "app.py")


def test_a_map_is_taken_home_with_its_witnesses_where_they_fit_a_file() -> None:
    offered: list[Taken] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.take.downloads.buttons", offered.append)
        run(n=3, s=1, show="certified reach", window="0~0.4~0.05")
        run(n=8, method="mHC-lite", show="certified reach")
        run(n=3, s=1, matrices=1000)
    assert [offer.witnesses is None for offer in offered] == [False, True, True]
    archive = np.load(io.BytesIO(offered[0].npz(offered[0].witnesses())))
    projector, cell = Orthostochastic(3, 1), archive["centres"][1] - archive["centres"][0]
    plane = archive["centre"] + archive["centres"] + 1j * archive["centres"][:, None]
    found = archive["witness"] >= 0
    assert found.sum() >= archive["reached"].sum() > 1000
    for z, number in list(zip(plane[found], archive["witness"][found], strict=True))[::500]:
        values = eigenvalues(projector(torch.from_numpy(archive["theta"][number]))).numpy()
        assert np.abs(values - z).min() < cell
    assert json.loads(str(archive["recipe"]))["seed"] == 0
