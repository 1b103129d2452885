"""The first screen as a newcomer meets it: examples to click, a picture to look into, also on a phone; in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ui.examples import EXAMPLES

pytestmark = pytest.mark.browser

Settled = Callable[[Page], None]


def test_examples_lead_to_their_pictures_and_back_leads_here(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/?matrices=1000")
    settled(page)
    page.get_by_role("button", name=EXAMPLES[0].label).click()
    expect(page.get_by_role("figure", name=re.compile("n = 3, s = 1"))).to_be_visible()
    expect(page).to_have_url(re.compile("n=3"))
    settled(page)
    page.go_back()
    expect(page.get_by_role("figure", name=re.compile("n = 4, s = 2: 1,000"))).to_be_visible()
    page.get_by_role("button", name=EXAMPLES[4].label).click()
    expect(page.get_by_text("mHC-lite, n = 5 reaches it")).to_be_visible()
    settled(page)
    page.get_by_role("link", name=EXAMPLES[6].label).click()
    expect(page.get_by_role("heading", name="Inside the polytope")).to_be_visible()


def test_ticks_follow_the_zoom(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/?n=5&matrices=1000")
    settled(page)
    drawn = page.locator(".nsewdrag").first.bounding_box()
    assert drawn is not None
    corner = drawn["x"] + 0.2 * drawn["width"], drawn["y"] + 0.1 * drawn["height"]
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0] + 40, corner[1] + 40, steps=8)
    page.mouse.up()
    ticks = page.locator(".xtick text")
    expect(ticks.filter(has_text=re.compile(r"\.\d\d"))).not_to_have_count(0)
    assert ticks.count() >= 3
    places = [float(text.replace("−", "-")) for text in ticks.all_text_contents()]
    assert max(places) - min(places) < 0.3


def test_on_a_phone_the_picture_comes_before_the_controls(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    for path in ("", "target_eigenvalue", "inside_the_polytope"):
        page.goto(f"{server}/{path}?n=3&matrices=1000")
        picture = page.get_by_role("figure").first
        expect(picture).to_be_visible()
        settled(page)
        above, below = picture.bounding_box(), page.get_by_role("spinbutton", name="or type n").bounding_box()
        assert above is not None
        assert below is not None
        assert above["y"] + above["height"] <= below["y"] + 1


@pytest.mark.parametrize("width", [768, 1024, 1360])
def test_the_box_for_n_is_whole_on_every_screen(
    page: Page, server: str, errors: list, settled: Settled, width: int
) -> None:
    """What is cut off is wider than the row that holds it."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server}/?matrices=1000")
    settled(page)
    expect(page.get_by_role("spinbutton", name="or type n")).to_be_visible()
    row = page.locator('[data-testid="stHorizontalBlock"]').filter(
        has=page.locator(".st-key-n"), has_not=page.locator(".st-key-plane")
    )
    beyond = "row => row.scrollWidth - row.clientWidth"
    # The page may still be laid out anew for the size it has got.
    page.wait_for_function(f"row => ({beyond})(row) <= 1", arg=row.element_handle())
    assert row.evaluate(beyond) <= 1


def test_the_shipped_picture_stands_where_the_live_one_will_until_that_is_drawn(
    page: Page, server: str, settled: Settled
) -> None:
    drawing = re.compile("PlotlyChart")
    page.route(drawing, lambda route: route.abort())
    page.goto(server)
    plane = page.locator(".st-key-plane")
    expect(plane).to_be_visible()
    settled(page)
    expect(plane).to_have_css("background-image", re.compile(r'^url\("data:image/png'))
    page.unroute(drawing)
    page.goto(server)
    expect(plane.locator(".nsewdrag").first).to_be_attached()
    settled(page)
    expect(plane).to_have_css("background-image", "none")
    page.goto(f"{server}/?n=3&matrices=1000")
    settled(page)
    expect(plane).to_have_css("background-image", "none")
