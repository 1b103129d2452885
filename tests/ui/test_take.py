"""What is taken home: names, files and Python all come from one value."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from projectors import Orthostochastic, Unistochastic
from ui.take import Taken, slug, stacked
from ui.take.code import HOMES, python
from ui.take.files import csv

TAKEN = Taken(
    name="spectral reach",
    title="go-mHC",
    arrays={"counts": np.arange(3)},
    columns=lambda: {"method": ["go-mHC, n = 4"] * 2, "re": np.array([0.1, 1 / 3])},
    recipe={"projector": Orthostochastic(4, 2), "measure": "edges", "matrices": 100, "seed": 0, "rate": 0.25},
    code="arrays = {'counts': np.arange(3)}",
    figure=lambda _: go.Figure(),
)


def test_a_file_name_is_ascii_and_carries_every_value() -> None:
    assert TAKEN.stem == "spectral-reach_Orthostochastic-n4_s2_edges_matrices100_seed0_rate0.25"
    assert replace(TAKEN, recipe={"of": "Spectral reach", "seed": 1}).stem == "spectral-reach_seed1"  # said once
    hostile = replace(TAKEN, name="Z₄ plane/../", recipe={"label": "a/b\\c:d é 😀"})
    assert hostile.stem.isascii()
    assert not set(hostile.stem) & set('/\\:*?"<>| ')


def test_file_names_differ_where_recipes_do() -> None:
    changes = [
        {},
        {"projector": Orthostochastic(4, 3)},
        {"projector": Unistochastic(4, 2)},
        {"measure": "initial"},
        {"matrices": 1000},
        {"seed": 1},
        {"rate": 0.5},
        {"long": "x" * 1000},
        {"long": "x" * 1001},
    ]
    stems = {replace(TAKEN, recipe={**TAKEN.recipe, **change}).stem for change in changes}
    assert len(stems) == len(changes)
    assert max(map(len, stems)) < 200
    assert replace(TAKEN, partial=True).stem not in stems


def test_words_that_others_imply_stay_out_of_the_name_and_in_the_file() -> None:
    implied = replace(TAKEN, implied=("projector",))
    assert "Orthostochastic" not in implied.stem
    recipe = json.loads(str(np.load(io.BytesIO(implied.npz()))["recipe"]))
    assert eval(recipe["projector"], {"Orthostochastic": Orthostochastic}) == Orthostochastic(4, 2)


def test_the_archive_carries_arrays_recipe_and_python() -> None:
    packed = np.load(io.BytesIO(TAKEN.npz()))
    np.testing.assert_array_equal(packed["counts"], np.arange(3))
    recipe = json.loads(str(packed["recipe"]))
    assert (recipe["matrices"], recipe["rate"], recipe["partial"]) == (100, 0.25, False)
    assert recipe["python"] == TAKEN.snippet


def test_columns_become_csv_with_all_their_digits() -> None:
    lines = TAKEN.csv().decode().splitlines()
    assert lines[0] == "method,re"
    assert lines[1].startswith('"go-mHC, n = 4",')
    assert float(lines[2].rpartition(",")[2]) == 1 / 3
    with pytest.raises(ValueError, match="one length, not a: 1, b: 2"):
        replace(TAKEN, columns=lambda: {"a": [1], "b": [1, 2]}).csv()


@pytest.mark.parametrize(
    ("text", "plain"),
    {
        "KromHC, n = 8, factors 2 × 4": "KromHC_n8_factors-2x4",
        "Z₅ plane, frequency 2": "Z5-plane_frequency-2",
        "B.10, gradients": "B.10_gradients",
        "../../etc/passwd": "etc-passwd",
        "+0.3-0.4i": "+0.3-0.4i",
    }.items(),
)
def test_slugs(text: str, plain: str) -> None:
    assert slug(text) == plain


def test_python_imports_what_it_uses_and_nothing_else() -> None:
    made = python("found = survey(Orthostochastic(n=4, s=2), 3)\narrays = {'x': [k for k in range(3)]}")
    assert made.splitlines()[:6] == [
        "import torch",
        "",
        "from geometry.survey import survey",
        "from projectors import Orthostochastic",
        "",
        "torch.set_num_threads(1)",
    ]
    with pytest.raises(ValueError, match="no module is known for unheard_of"):
        python("arrays = unheard_of()")


@pytest.mark.parametrize("module", HOMES)
def test_every_name_that_snippets_may_use_is_where_they_import_it_from(module: str) -> None:
    namespace: dict = {}
    exec(f"from {module} import {', '.join(HOMES[module].split())}", namespace)


def test_a_picture_of_what_is_not_finished_says_so() -> None:
    assert not TAKEN.picture().layout.annotations
    (note,) = replace(TAKEN, partial=True).picture().layout.annotations
    assert note.text == "partial"
    with pytest.raises(ValueError, match="has no picture"):
        replace(TAKEN, figure=None).picture()


def test_tables_below_each_other_lose_nothing_and_make_nothing_up() -> None:
    first, second = {"re": np.array([0.5]), "count": np.array([3])}, {"re": [0.25, 1.0], "certified": [1, 0]}
    whole = stacked([first, second])
    assert {name: list(column) for name, column in whole.items()} == {
        "re": [0.5, 0.25, 1.0],
        "count": [3, None, None],
        "certified": [None, 1, 0],
    }
    assert csv(whole).decode().splitlines() == ["re,count,certified", "0.5,3,", "0.25,,1", "1.0,,0"]
    assert {name: list(column) for name, column in stacked([first]).items()} == {"re": [0.5], "count": [3]}
    assert stacked([]) == {}
