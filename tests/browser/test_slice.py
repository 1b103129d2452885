"""Inside the polytope as a person meets it: slide, click the plane, turn the space, cancel, export; in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hand

pytestmark = pytest.mark.browser

Settled = Callable[[Page], None]


def open_page(page: Page, server: str, query: str) -> None:
    page.goto(f"{server}/inside_the_polytope?{query}")
    expect(page.get_by_role("heading", name="Inside the polytope")).to_be_visible()


def figure(page: Page, pattern: str):
    return page.get_by_role("figure", name=re.compile(pattern))


def slide(page: Page, name: str, key: str = "ArrowRight") -> None:
    page.get_by_role("slider", name=name).focus()
    page.keyboard.press(key)


def test_the_slice_follows_the_sliders_and_is_exported(page: Page, server: str, errors: list, settled: Settled) -> None:
    open_page(page, server, "n=3&s=1&layer=certified+slice")
    expect(figure(page, "s = 1; 0 of 3,043 cells of the slice belong")).to_be_visible()
    settled(page)
    slide(page, "Rank s")
    expect(figure(page, "s = 2; 2,3.. of 3,043 cells of the slice belong")).to_be_visible()
    settled(page)
    expect(page).not_to_have_url(re.compile("s=1"))  # s = 2 is the default
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "x,y,member,touched,distance"
    assert len(lines) == 3044
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF", exact=True).click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_a_click_finds_the_nearest_matrix(page: Page, server: str, errors: list, settled: Settled) -> None:
    open_page(page, server, "n=3&s=1&matrices=1000&x=0&y=0")
    expect(figure(page, "shadows of 1,000 matrices")).to_be_visible()
    settled(page)
    page.wait_for_timeout(1500)
    hand.click(page, "square", 0.2, 0.1)
    expect(page.get_by_role("spinbutton", name="Point x")).not_to_have_value("0.0000")
    settled(page)
    assert abs(float(page.get_by_role("spinbutton", name="Point x").input_value()) - 0.2) < 0.04
    assert abs(float(page.get_by_role("spinbutton", name="Point y").input_value()) - 0.1) < 0.04
    expect(page.get_by_text("was not seen to reach it")).to_be_visible()
    page.reload()
    expect(page.get_by_text("was not seen to reach it")).to_be_visible()


def test_the_space_is_turned_and_kept_while_s_moves(page: Page, server: str, errors: list, settled: Settled) -> None:
    open_page(page, server, "n=4&s=1&aspect=space&space=klein&points=500&measure=initial")
    expect(figure(page, "Klein four-group in space: 500 matrices of go-mHC, n = 4, s = 1")).to_be_visible(
        timeout=60_000
    )
    settled(page)
    slide(page, "Turn", "End")
    expect(page).to_have_url(re.compile("turn=360"))
    slide(page, "Rank s")
    expect(figure(page, "500 matrices of go-mHC, n = 4, s = 2")).to_be_visible()
    settled(page)
    assert "turn=360" in page.url
    page.get_by_text("certified slice", exact=True).click()
    expect(figure(page, "matrices of the space, by distance to go-mHC, n = 4, s = 2")).to_be_visible()
    settled(page)


def test_another_aspect_at_work_shows_nothing_of_the_last(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/inside_the_polytope?aspect=space&n=6&s=3&points=500&gap_iterations=3000")
    expect(page.get_by_role("slider", name="Turn")).to_be_visible()
    settled(page)
    page.get_by_text("real or complex", exact=True).click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    assert page.get_by_role("slider", name="Turn").count() == 0


def test_learning_is_cancelled_and_keeps_its_curves(page: Page, server: str, errors: list, settled: Settled) -> None:
    open_page(page, server, "n=8&s=3&aspect=real+or+complex&gap_iterations=10000")
    page.get_by_role("button", name="Start").click()
    expect(figure(page, "Real and complex matrices of order 8")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Partial. Cancelled: the curves end where training stopped.")).to_be_visible()
    settled(page)
    expect(figure(page, "Real and complex matrices of order 8")).to_be_visible()


@pytest.mark.parametrize("aspect", ["plane", "space", "real or complex"])
def test_every_aspect_fits_a_narrow_screen_in_the_dark(
    narrow_page: Page, server: str, settled: Settled, aspect: str
) -> None:
    query = f"n=3&s=1&matrices=1000&points=500&gap_iterations=300&aspect={aspect.replace(' ', '+')}"
    open_page(narrow_page, server, query)
    expect(narrow_page.get_by_role("figure").first).to_be_visible()
    settled(narrow_page)
