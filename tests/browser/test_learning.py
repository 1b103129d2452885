"""Learning and cost as a person meets them: train, cancel, keep, export, afford; in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from networks.language_model import runs
from networks.language_model.text import in_memory
from networks.language_model.training import Training
from tests.networks.language_model.small import SCHEDULE, network, text

pytestmark = pytest.mark.browser

Settled = Callable[[Page], None]
SMALL = "preset=your+own&n=3&mix_iterations=100&mix_count=4"


def figure(page: Page, pattern: str):
    return page.get_by_role("figure", name=re.compile(pattern))


def test_a_preset_is_trained_to_its_end_and_exported(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/stream_mixing?length=tenth&seed=11")
    expect(figure(page, "Fig. 6: n = 4, 1,000 of 1,000 iterations of mHC-lite, KromHC")).to_be_visible()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "run,method,iteration,target,loss"
    assert lines[-1].startswith('n = 4,"go-mHC, s = 3",1000,63,')
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG", exact=True).click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_training_is_cancelled_half_way_and_starts_again(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/stream_mixing?preset=your+own&n=8&s=3&mix_iterations=10000&mix_count=64&seed=3")
    page.get_by_role("button", name="Start").click()
    expect(figure(page, "own experiment: n = 8, [1-9][\\d,]* of 10,000 iterations")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Partial. Cancelled: the curves end where training stopped.")).to_be_visible()
    settled(page)
    expect(figure(page, "own experiment: n = 8, [1-9][\\d,]* of 10,000 iterations")).to_be_visible()
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("progressbar")).to_be_visible()


def test_a_language_model_writes_while_it_trains_and_is_cancelled(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/language_model?model=train&lm_second=&lm_first=KromHC")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("KromHC, after iteration")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()  # it would leave the progress standing
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Partial. Cancelled: the curves end where training stopped.")).to_be_visible()
    settled(page)
    expect(figure(page, "loss of held out text of KromHC")).to_be_visible()


def test_a_run_is_opened_and_its_weights_are_looked_at(
    page: Page, server: str, errors: list, settled: Settled, tmp_path: Path
) -> None:
    training = Training(network("go-mHC", layers=2), SCHEDULE, in_memory(text(tmp_path).read_text()))
    for name, content in runs.files(training, list(training.steps())).items():
        (tmp_path / name).write_bytes(content)
    page.goto(f"{server}/language_model?model=run")
    names = (runs.SETTINGS, runs.METRICS, runs.WEIGHTS)
    page.locator("input[type=file]").set_input_files([tmp_path / name for name in names])
    expect(figure(page, "of 4 sites of go-mHC, s = 1 after iteration 12")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Its weights on Your matrices").click()
    expect(figure(page, "Eigenvalues of model.safetensors: 4 sites, n = 3")).to_be_visible()
    settled(page)


def test_runs_are_kept_while_settings_change(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/stream_mixing?{SMALL}")
    expect(figure(page, "100 of 100 iterations")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Keep for comparison").click()
    expect(page.get_by_role("heading", name="Kept in this visit")).to_be_visible()
    page.get_by_role("slider", name="Streams n").focus()
    page.keyboard.press("ArrowRight")
    expect(figure(page, "n = 4, 100 of 100 iterations")).to_be_visible()
    settled(page)
    expect(figure(page, "Kept runs: own experiment, n = 3")).to_be_visible()


def test_a_law_and_its_export(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/stream_mixing?preset=Fig.+A9&n=3")
    expect(figure(page, "Fig. A9 at n = 3")).to_be_visible()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="NPZ", exact=True).click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")


def test_a_budget_changes_what_is_affordable(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/complexity?n=4&afford=5")
    expect(page.get_by_text("3 of 15 candidates")).to_be_visible()
    settled(page)
    box = page.get_by_role("spinbutton", name="At most this many numbers R for a matrix")
    box.fill("30")
    box.press("Enter")
    expect(page.get_by_text("13 of 15 candidates")).to_be_visible()
    settled(page)


@pytest.mark.parametrize(
    "path", [f"stream_mixing?{SMALL}", "stream_mixing?preset=B.10,+gradients&n=3", "complexity?n=3"]
)
def test_pages_fit_a_narrow_screen_in_the_dark(narrow_page: Page, server: str, settled: Settled, path: str) -> None:
    narrow_page.goto(f"{server}/{path}")
    expect(narrow_page.get_by_role("figure").first).to_be_visible()
    settled(narrow_page)
