"""One file of words: every one that a page explains is there, and the tour's steps are settings."""

from __future__ import annotations

import pytest

from projectors import table
from ui import glossary, tour
from ui.link.settings import SETTINGS


def test_every_word_is_explained_once_in_a_sentence() -> None:
    lines = [line for line in glossary.FILE.read_text(encoding="utf-8").splitlines() if line]
    assert len(glossary.words()) == len(lines)
    assert all(text.endswith(".") for text in glossary.words().values())
    assert {"certified", "seen", "stream", "rank s", "witness"} <= set(glossary.words())
    assert {method.name for method in table.METHODS[:4]} <= set(glossary.words())
    with pytest.raises(KeyError):
        glossary.explained("touched")


@pytest.mark.parametrize("step", tour.STEPS, ids=lambda step: step.text[:20])
def test_a_step_of_the_tour_is_settings(step: tour.Step) -> None:
    for key, text in step.query.items():
        assert str(SETTINGS[key][1](text)) == text
