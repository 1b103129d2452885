"""A reader's own files in Chromium: uploaded, judged, clicked, laid over another page, and forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect
from safetensors.torch import save_file

from tests.browser import hand

pytestmark = pytest.mark.browser

Settled = Callable[[Page], None]


@pytest.fixture
def checkpoint(tmp_path: Path) -> list[Path]:
    """A model of two layers whose last site is close to a cycle of its streams, with its configuration."""
    tensors = {}
    for number, name in enumerate(("0.hc_attn", "0.hc_ffn", "1.hc_attn", "1.hc_ffn")):
        logits = (torch.eye(4).roll(number // 3, 1) * 3).flatten()
        tensors |= {f"layers.{name}_base": torch.cat([torch.zeros(8), logits]), f"layers.{name}_scale": torch.ones(3)}
    save_file(tensors, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"hc_sinkhorn_iters": 20, "hc_eps": 1e-6}))
    return [tmp_path / "model.safetensors", tmp_path / "config.json"]


def test_own_files_are_judged_clicked_laid_over_and_forgotten(
    page: Page, server: str, errors: list, settled: Settled, checkpoint: list[Path]
) -> None:
    page.goto(f"{server}/your_matrices?own=files")
    settled(page)
    page.set_input_files("input[type=file]", checkpoint)
    expect(page.get_by_text("1 of 4 rotates")).to_be_visible()
    settled(page)
    hand.click(page, "plane", 0, 0.8336)  # the last site's eigenvalue, i (e^3 - 1) / (e^3 + 3)
    expect(page.get_by_role("heading", name=re.compile("layers.1.hc_ffn"))).to_be_visible()
    expect(page).to_have_url(re.compile("site=3"))
    assert "model.safetensors" not in page.url
    settled(page)
    page.get_by_role("link", name="Spectral reach").click()
    expect(page.get_by_text("Your matrices (4)")).to_be_visible()
    settled(page)
    page.get_by_text("Your matrices (4)").click()
    traces = "document.querySelector('.st-key-plane .js-plotly-plot')?.data ?? []"
    own = f"({traces}).find(trace => trace.name == 'your matrices')"
    page.wait_for_function(f"{own}?.customdata.length == {4 * 3}")
    settled(page)
    page.get_by_role("link", name="Your matrices").click()
    expect(page.get_by_text("1 of 4 rotates")).to_be_visible()  # another page has not lost it
    settled(page)
    page.get_by_role("button", name="Forget them").click()
    expect(page.get_by_text("Choose an example, upload a file or paste a matrix.")).to_be_visible()
    assert errors == []


def test_a_file_that_is_no_checkpoint_gets_a_sentence(
    page: Page, server: str, errors: list, settled: Settled, tmp_path: Path
) -> None:
    bad = tmp_path / "model.safetensors"
    bad.write_bytes(b"<html>Access denied</html>")
    page.goto(f"{server}/your_matrices?own=files")
    settled(page)
    page.set_input_files("input[type=file]", bad)
    expect(
        page.get_by_text("must begin with the length of its header").or_(page.get_by_text("is a web page"))
    ).to_be_visible()
    assert errors == []
