"""What is shown of texts that others wrote."""

from __future__ import annotations

import re

import pytest

from ui.words import literal, sentence


@pytest.mark.parametrize("text", ["re~im~half, ~", r"a *b* `c` [d](e) \$f$ _g_", "plain: 1,000.5 (x)"])
def test_text_shown_literally_loses_its_marks_and_nothing_else(text: str) -> None:
    marked = literal(text)
    assert re.sub(r"\\(.)", r"\1", marked) == text
    assert not re.search(r"(?<!\\)[*_~$`\[\]]", marked.replace(r"\\", ""))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a run has no end", "A run has no end."),
        ("model.safetensors holds no mixing", "model.safetensors holds no mixing."),
        ("n must be 2", "n must be 2."),
        ("", "."),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_it_begins_with_a_name(said: str, shown: str) -> None:
    assert sentence(ValueError(said)) == shown
