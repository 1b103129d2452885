"""Links and citations point at what is shown."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.pages.page import run
from ui.take import Taken
from ui.take.citation import PAPERS, bibtex

BIBLIOGRAPHY = (Path(__file__).parents[2] / "docs" / "bibliography.md").read_text(encoding="utf-8")


def titled(title: str) -> Taken:
    return Taken(name="x", title=title, arrays={}, columns=dict, recipe={}, code="")


def test_the_link_on_a_page_is_the_address_of_its_settings() -> None:
    at = run(n=5, s=3, seed=7, matrices=1000)
    (told,) = [code.value for code in at.code if "matrices=1000" in code.value and not code.value.startswith("@")]
    assert parse_qs(told.partition("?")[2]) == {"n": ["5"], "s": ["3"], "seed": ["7"], "matrices": ["1000"]}
    (cited,) = [code.value for code in at.code if code.value.startswith("@")]
    assert told in cited
    assert "go-mHC, n = 5, s = 3" in cited


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("go-mHC, n = 4, s = 2: density", []),
        ("mHC, n = 4", ["mHC2025"]),
        ("mHC-lite, n = 4", ["mHClite2026"]),
        ("mHC, mHC-lite, KromHC and go-mHC at n = 4", ["mHC2025", "mHClite2026", "KromHC2026"]),
    ],
)
def test_papers_of_the_methods_that_are_shown_are_cited(title: str, keys: list[str]) -> None:
    assert re.findall(r"@misc\{(\w+2\d{3}),", bibtex(titled(title), "/")) == ["goMHC2026", *keys]


def test_papers_are_those_of_the_bibliography() -> None:
    for key, (title, _, number) in PAPERS.items():
        entry = " ".join(BIBLIOGRAPHY.partition(f"**[{key}]**")[2].partition("\n- **")[0].split())
        assert title in entry
        assert number in entry


def test_braces_and_backslashes_cannot_end_a_field() -> None:
    entry = bibtex(titled("a}, evil = {\\input{x}"), "/?method=}")
    assert entry.count("{") == entry.count("}")
    assert "\\" not in entry


def test_what_one_page_offers_has_keys_of_its_own() -> None:
    keys = [re.findall(r"@misc\{(birkhoff-[^,]+),", bibtex(titled(title), "/?n=4")) for title in ("one", "two", "one")]
    assert keys[0] == keys[2] != keys[1]
