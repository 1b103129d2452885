"""Files that figures become."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from figures import files as render
from ui import exports

ROOT = Path(__file__).parents[2]
SIX_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
import plotly.graph_objects as go
from ui import render

figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]), layout={"template": "none", "width": 200, "height": 200})
kinds = ["png", "svg", "pdf"] * 2
with ThreadPoolExecutor(6) as pool:
    files = list(pool.map(lambda kind: render.image(figure, kind), kinds))
print([kind for kind, data in zip(kinds, files, strict=True) if data.startswith(render.MAGIC[kind])])
"""


@pytest.mark.browser
def test_concurrent_images_have_their_own_formats_and_leave_nothing_behind(tmp_path: Path) -> None:
    """In a process of their own, whose end is silent and takes Chrome and its temporary folders with it."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", SIX_AT_ONCE]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.strip() == str(["png", "svg", "pdf"] * 2)
    assert list(tmp_path.iterdir()) == []


def test_other_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="png, svg, pdf, not 'exe'"):
        render.image(go.Figure(), "exe")


def test_html_needs_no_network() -> None:
    page = render.html(go.Figure(go.Scatter(y=[1])))
    assert b"cdn.plot.ly" not in page.split(b"<script")[1][:200]
    assert len(page) > 3_000_000


def test_cells_list_what_is_not_empty() -> None:
    counts = np.array([[0, 2, 0], [0, 0, 0], [1, 0, 0]])
    text = render.cells({"go-mHC, n = 4": counts}, np.array([-0.5, 0, 0.5])).decode()
    assert text.splitlines() == [
        "method,re,im,count",
        '"go-mHC, n = 4",0.000000,-0.500000,2',
        '"go-mHC, n = 4",-0.500000,0.500000,1',
    ]


def test_an_archive_carries_its_recipe() -> None:
    counts = np.arange(9).reshape(3, 3)
    packed = np.load(io.BytesIO(render.archive({"counts": counts}, {"n": 4, "seed": 0})))
    np.testing.assert_array_equal(packed["counts"], counts)
    assert json.loads(str(packed["recipe"])) == {"n": 4, "seed": 0}


def test_missing_chrome_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/nonexistent")
    monkeypatch.setenv("PATH", "/nonexistent")
    reason = render.chrome_missing()
    assert reason is None or "Chrome" in reason


def test_the_snippet_makes_the_data_of_the_picture() -> None:
    from geometry.survey import survey
    from projectors import Mixture, methods

    table = methods(4, 2) | {"mixture": Mixture(methods(4)["KromHC"], 2, weights=(0.25, 0.75))}
    namespace: dict = {}
    exec(exports.survey_snippet(table, 1000, "edges", 5, 101), namespace)
    *_, expected = survey(table["mixture"], 1000, "edges", 5, bins=101)
    np.testing.assert_array_equal(namespace["counts"], expected.density.counts)
