"""Links that nobody would send in good faith, 154 of them: each bad value gets its sentence, and nothing breaks."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest

from tests.pages.page import ROOT, run, told
from ui.frame import PAGES
from ui.link import links
from ui.link.settings import SETTINGS

TEXTS = [
    *(
        "",
        " ",
        "-1",
        "-0",
        "0",
        "1e309",
        "nan",
        "inf",
        "-inf",
        "٤",
        "9" * 5000,
        "1" * 400 + ".5",
        "0x10",
        "1_0",
        "4\n4",
    ),
    *("<script>alert(1)</script>", "'; DROP TABLE n; --", "../../etc/passwd", "{{7*7}}", "%00", "\0", "𝕏" * 100),
    *("None", "true", "[1]", "`code`", "![x](https://evil.test/x)", "$\\frac{1}{0}$", "2147483648", "1,000", "~~", "x"),
]
CHEAP = {"n": "3", "s": "1", "matrices": "1000", "each": "1000", "points": "500", "gap_iterations": "300"}
LINKS, BATCH = 14, 7
"""Links for every page, with a dozen bad values or more each, and how many a test opens."""

HEAVY = [
    {"n": "64", "s": "8", "matrices": "1000000", "each": "300000", "show": "both"},
    {"n": "64", "s": "8", "aspect": "space", "layer": "certified slice", "points": "5000"},
    {"n": "64", "s": "8", "method": "go-mHC, unitary", "layer": "both", "versus": "same budget~mHC~go-mHC, unitary"},
    {"n": "8", "s": "8", "aspect": "real or complex", "gap_iterations": "10000"},
    {"n": "64", "method": "mHC", "iterations": "1000", "show": "certified reach"},
    {"n": "64", "s": "8", "preset": "own", "mix_count": "256", "mix_samples": "10000", "mix_iterations": "40000"},
    {"n": "16", "s": "8", "model": "train", "lm_first": "mHC-lite", "lm_second": "go-mHC", "lm_iterations": "800"},
    {"n": "64", "s": "8", "lm_layers": "1000", "lm_width": "100000", "lm_vocabulary": "10000000"},
]
MOST_MEGABYTES = 2000

PROGRAM = """
import resource
from tests.pages.page import run
from tests.pages.test_hostile_links import HEAVY
from ui.frame import PAGES
from ui.work import limits
limits.UNASKED = 1.0  # what takes longer is the reader's to start
for page in PAGES:
    for query in HEAVY:
        at = run(page, **query)
        assert not at.exception, (page, query, at.exception)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def refused(key: str, text: str) -> bool:
    """Whether the setting cannot be that; a sentence is owed then."""
    try:
        SETTINGS[key][1](text)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("batch", range(LINKS // BATCH))
@pytest.mark.parametrize("page", PAGES)
def test_every_bad_value_gets_its_sentence(page: str, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.work.limits.UNASKED", 0.3)
    monkeypatch.setattr("ui.work.limits.SHORT", 0.3)
    for number in range(batch * BATCH, (batch + 1) * BATCH):
        chance = random.Random(f"{page} {number}")
        bad = {key: chance.choice(TEXTS) for key in SETTINGS if chance.random() < 0.3}
        at = run(page, **(CHEAP | bad))
        assert not at.exception, bad
        warnings = [warning.value for warning in at.warning]
        for key, text in bad.items():
            complaint = f"The link said {key} = {links.shown(text)}, but"
            assert any(said.startswith(complaint) for said in warnings) == refused(key, text), (key, text)
        assert not any(len(said) > 1000 for said in warnings)
        plain = [re.sub(r"`[^`]*`|\\~", "", said) for said in warnings]
        assert not any("~" in said for said in plain)  # two of them strike out what is between
        assert all("<script" not in said.replace("`<script>alert(1)</script>`", "") for said in told(at))


def test_the_heaviest_legal_links_start_nothing_that_fills_the_memory() -> None:
    """In a process of its own, all pages one after the other: what one leaves behind counts for the next."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < MOST_MEGABYTES
