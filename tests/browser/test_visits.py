"""The app as a person meets it: open, slide, follow a link, go back, export; in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hand

pytestmark = pytest.mark.browser

PAGES = {
    "": "Spectral reach",
    "compare_methods": "Compare methods",
    "target_eigenvalue": "Target eigenvalue",
    "inside_the_polytope": "Inside the polytope",
    "your_matrices": "Your matrices",
    "stream_mixing": "Stream mixing",
    "language_model": "Language model",
    "complexity": "Complexity",
    "choose": "Choose",
}
SMALL = "matrices=1000&each=1000&preset=your+own&mix_iterations=100&mix_count=2"
Settled = Callable[[Page], None]


def plane(page: Page, n: int, s: int | None = None, method: str = "go-mHC"):
    rank = f", s = {s}" if s else ""
    return page.get_by_role("figure", name=re.compile(rf"of {re.escape(method)}, n = {n}{rank}\b.*: [\d,]+ matrices"))


def slide(page: Page, name: str, key: str = "ArrowRight") -> None:
    page.get_by_role("slider", name=name).focus()
    page.keyboard.press(key)


def test_a_newcomer_opens_the_app_and_slides_n_and_s(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", name="Spectral reach")).to_be_visible()
    expect(plane(page, 4, 2)).to_be_visible()
    settled(page)
    slide(page, "Streams n")
    expect(plane(page, 5, 2)).to_be_visible()
    settled(page)
    slide(page, "Rank s")
    expect(plane(page, 5, 3)).to_be_visible()
    settled(page)
    assert "n=5" in page.url
    assert "s=3" in page.url
    page.reload()
    expect(plane(page, 5, 3)).to_be_visible()
    settled(page)


def test_no_quick_key_press_is_lost(page: Page, server: str, errors: list, settled: Settled) -> None:
    for seed in range(5):
        page.goto(f"{server}/?n=4&s=1&seed={seed}")
        expect(plane(page, 4, 1)).to_be_visible()
        settled(page)
        page.get_by_role("slider", name="Streams n").focus()
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        expect(plane(page, 12, 1)).to_be_visible()


def test_a_link_reproduces_values_at_the_ends_of_their_ranges(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(server)
    expect(plane(page, 4, 2)).to_be_visible()
    for name, told in {"Streams n": "n=2", "Rank s": "s=1", "Matrices": "matrices=1000"}.items():
        slide(page, name, "Home")
        if name == "Matrices":  # where the first is "auto"
            slide(page, name)
        expect(page).to_have_url(re.compile(rf"\b{told}\b"))
    expect(page.get_by_role("figure", name=re.compile("n = 2, s = 1: 1,000 matrices"))).to_be_visible()
    settled(page)
    page.goto(page.url)
    expect(page.get_by_role("figure", name=re.compile("n = 2, s = 1: 1,000 matrices"))).to_be_visible()


def test_links_work_from_the_first_on_a_server_that_has_just_started(
    page: Page, fresh_server: str, errors: list, settled: Settled
) -> None:
    """The first is of a page that is not the app's first."""
    for path, title in reversed(PAGES.items()):
        page.goto(f"{fresh_server}/{path}?n=6&s=3&seed=7&measure=initial&{SMALL}")
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        for other in PAGES.values():
            expect(page.get_by_test_id("stPageLink").get_by_text(other)).to_be_visible()
        expect(page.get_by_role("figure").first).to_be_visible()
        settled(page)
        if path in ("your_matrices", "language_model"):  # which have an n of their own, and pass the other on
            expect(page.get_by_test_id("stPageLink").first.get_by_role("link")).to_have_attribute(
                "href", re.compile("n=6")
            )
            continue
        expect(page.get_by_role("spinbutton", name="or type n")).to_have_value("6")
        if path not in ("complexity", "choose"):  # where nothing is drawn by lot
            expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("7")


def test_the_former_address_of_a_page_leads_to_it_with_all_its_settings(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/complexity")
    expect(page.get_by_role("heading", name="Complexity")).to_be_visible()
    page.goto(f"{server}/cyclic_slice?n=3&s=1&aspect=space&points=500")
    expect(page.get_by_role("heading", name="Inside the polytope")).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile("in space: 500 matrices"))).to_be_visible()
    expect(page).to_have_url(re.compile("inside_the_polytope.*n=3"))
    settled(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Complexity")).to_be_visible()


def test_settings_travel_with_the_link_to_the_other_page_and_back(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/?n=6&s=3&seed=7&method=KromHC&factors=2x3&{SMALL}")
    expect(plane(page, 6, method="KromHC")).to_be_visible()
    settled(page)
    page.get_by_test_id("stPageLink").get_by_text("Compare methods").click()
    expect(page.get_by_role("heading", name="Compare methods")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="or type n")).to_have_value("6")
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("7")
    expect(page).to_have_url(re.compile("n=6"))
    slide(page, "Streams n")
    expect(page.get_by_role("figure", name=re.compile("at n = 7")).first).to_be_visible()
    settled(page)
    page.get_by_test_id("stPageLink").get_by_text("Spectral reach").click()
    expect(page.get_by_role("heading", name="Spectral reach")).to_be_visible()
    expect(plane(page, 7, 3)).to_be_visible()
    expect(page).to_have_url(re.compile("n=7&s=3|s=3.*n=7"))
    page.go_back()
    expect(page.get_by_role("heading", name="Compare methods")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="or type n")).to_have_value("7")
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("7")
    settled(page)
    page.go_forward()
    expect(plane(page, 7, 3)).to_be_visible()
    settled(page)
    page.reload()
    expect(plane(page, 7, 3)).to_be_visible()


def test_back_leaves_a_link_that_had_to_be_corrected(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/compare_methods?n=3&{SMALL}")
    expect(page.get_by_role("figure", name=re.compile("at n = 3")).first).to_be_visible()
    settled(page)
    page.goto(f"{server}/?n=7&method=KromHC&{SMALL}")  # 7 is prime: there is no KromHC
    expect(plane(page, 7, 2)).to_be_visible()
    settled(page)
    page.go_back()
    expect(page.get_by_role("heading", name="Compare methods")).to_be_visible()


def test_a_hostile_link_falls_back_with_a_sentence(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(
        f"{server}/?n=999999999999&s=-3&method=%3Cscript%3Ealert(1)%3C/script%3E&measure=`x`&matrices=1e99&seed=%F0%9F%92%A5"
        "&factors=99999999x99999&iterations=1000000000"
    )
    expect(plane(page, 4, 2)).to_be_visible()
    settled(page)
    warnings = page.get_by_test_id("stAlert").all_inner_texts()
    assert len(warnings) == 8
    assert any("999999999999" in text and "from 2 to 64" in text for text in warnings)


def test_a_method_that_does_not_exist_at_this_n_is_explained(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/?n=8&method=mHC-lite&matrices=1000")
    expect(plane(page, 8, method="mHC-lite")).to_be_visible()
    settled(page)
    slide(page, "Streams n")
    expect(plane(page, 9, 2)).to_be_visible()
    expect(page.get_by_text("mHC-lite needs n ≤ 8")).to_be_visible()


def test_n_is_typed_beyond_the_slider(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/?n=16&s=1&{SMALL}")
    expect(plane(page, 16, 1)).to_be_visible()
    settled(page)
    box = page.get_by_role("spinbutton", name="or type n")
    box.fill("64")
    box.press("Enter")
    expect(plane(page, 64, 1)).to_be_visible()


MAGIC = {
    "PNG": b"\x89PNG",
    "SVG": b"<svg",
    "PDF": b"%PDF",
    "HTML": b"<!doctype html>",
    "CSV": b"method,re,im",
    "NPZ": b"PK",
}


def test_exports_download_in_their_own_format(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/?n=3&s=2&{SMALL}")
    expect(plane(page, 3, 2)).to_be_visible()
    settled(page)
    for kind, magic in MAGIC.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).click()
        name = download.value.suggested_filename
        assert name == f"spectral-reach_go-mHC_n3_s2_edges_matrices1000_seed0.{kind.lower()}"
        assert Path(download.value.path()).read_bytes().startswith(magic)
        settled(page)


def test_a_slider_moved_during_long_work_is_obeyed_at_once(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/?n=16&s=4&matrices=100000&measure=initial")
    expect(plane(page, 16, 4)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("slider", name="Matrices").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")  # the first is "auto"
    expect(plane(page, 16, 4)).to_be_visible()
    settled(page)
    expect(page.get_by_role("figure", name=re.compile("1,000 matrices"))).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_drawn_in_the_dark_and_on_a_narrow_screen(
    narrow_page: Page, server: str, settled: Settled, path: str
) -> None:
    narrow_page.goto(f"{server}/{path}?{SMALL}")
    expect(narrow_page.get_by_role("figure").first).to_be_visible()
    settled(narrow_page)
    expect(narrow_page.locator(".js-plotly-plot .xtick text").first).to_have_css("fill", "rgb(231, 233, 242)")


def test_the_certified_reach_follows_the_sliders_and_can_be_cancelled(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/?n=4&s=2&show=certified+reach")
    reach = page.get_by_role(
        "figure", name=re.compile(r"Certified reach of go-mHC, n = 4, s = 2; [\d,]+ cells certified")
    )
    expect(reach).to_be_visible()
    settled(page)
    slide(page, "Rank s")
    expect(page.get_by_role("figure", name=re.compile("n = 4, s = 3; .* certified"))).to_be_visible()
    page.goto(f"{server}/?n=64&s=2&show=certified+reach&seed=1")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("figure", name=re.compile("n = 64"))).to_be_visible(timeout=120_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Partial. Cancelled: cells may be missing.")).to_be_visible()
    settled(page)
    expect(page.get_by_role("figure", name=re.compile("n = 64"))).to_be_visible()


def test_a_click_on_the_plane_finds_its_matrix(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/target_eigenvalue?n=3&s=1&re=0&im=0.1")
    expect(page.get_by_role("figure", name=re.compile("Target eigenvalue"))).to_be_visible()
    settled(page)
    page.wait_for_timeout(1500)
    hand.click(page, "square", 0.3, 0.4)
    expect(page.get_by_role("spinbutton", name="Re λ")).not_to_have_value("0.000000")
    expect(page.get_by_text("was not seen to reach it")).to_be_visible()
    settled(page)
    assert abs(float(page.get_by_role("spinbutton", name="Re λ").input_value()) - 0.3) < 0.04
    assert abs(float(page.get_by_role("spinbutton", name="Im λ").input_value()) - 0.4) < 0.04
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert len(Path(download.value.path()).read_text().splitlines()) == 4


def test_two_visitors_at_once_each_get_their_own_picture(
    page: Page, narrow_page: Page, server: str, settled: Settled
) -> None:
    pages = (page, narrow_page)
    for n, page in zip((6, 7), pages, strict=True):
        page.goto(f"{server}/?n={n}&s=1&seed=1&show=both&matrices=100000")
    for n, page in zip((6, 7), pages, strict=True):
        expect(
            page.get_by_role("figure", name=re.compile(rf"n = {n}, s = 1: 100,000 matrices.*certified"))
        ).to_be_visible()
        settled(page)
