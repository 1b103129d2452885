"""The paper's companion: nothing of the paper is left out, and every link opens what it promises."""

from __future__ import annotations

import pytest

from learning.stream_mixing.presets import PRESETS
from tests.pages.page import run
from ui.frame import PAGES
from ui.link.settings import SETTINGS
from ui.mixing.laws import LAWS
from ui.paper.claims import _flats, _starting_losses
from ui.paper.entries import CLAIMS, FIGURES, TABLES, Entry

EVERY = [*FIGURES, *TABLES, *CLAIMS]


def test_every_figure_and_table_is_there_once_in_order() -> None:
    numbers = [*range(1, 10), *(f"A{number}" for number in range(1, 22))]
    assert [entry.name for entry in FIGURES] == [f"Fig. {number}" for number in numbers]
    assert [entry.name for entry in TABLES] == [f"Table {number}" for number in range(1, 10)]


@pytest.mark.parametrize("entry", EVERY, ids=lambda entry: entry.name)
def test_a_link_says_what_its_page_understands_and_no_link_says_why(entry: Entry) -> None:
    assert entry.page in PAGES if entry.page else entry.different
    for key, text in entry.query.items():
        assert str(SETTINGS[key][1](text)).removesuffix(".0") == text
        assert key != "preset" or text in {**PRESETS, **LAWS}


@pytest.mark.parametrize("name", ["Fig. 2", "Fig. 3", "Fig. A12", "Fig. A21", "Prop. B.1", "Prop. B.3"])
def test_pictures_open_without_a_complaint(name: str) -> None:
    (entry,) = [entry for entry in EVERY if entry.name == name]
    at = run(entry.page, **({"matrices": 1000} | entry.query))
    assert not at.exception
    assert not at.warning
    assert at.get("plotly_chart")


def test_the_page_is_drawn_with_what_was_computed() -> None:
    at = run("pages/paper_companion.py")
    assert not at.exception
    losses, flats = _starting_losses(), _flats()
    assert 1.8 < losses["mHC-lite"][-1] / losses["mHC-lite"][0] < 2.4
    assert losses["go-mHC, s = 1"][-1] > 4 * losses["go-mHC, s = 1"][0]
    assert flats["Dimension of all means"] == [3, 9, 7, 24]
    assert at.dataframe[1].value["Dimension of all means"].tolist() == [3, 9, 7, 24]
