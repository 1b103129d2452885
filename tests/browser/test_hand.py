"""What a reader does to a picture: look closely, click at the pointer's precision, by keys too; in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hand

pytestmark = pytest.mark.browser

Settled = Callable[[Page], None]


def window(page: Page, setting: str = "window") -> list[float]:
    """The window that the address says: centre and half the side."""
    expect(page).to_have_url(re.compile(rf"\b{setting}="))
    told = re.search(rf"\b{setting}=([^&]+)", page.url)
    assert told is not None
    return [float(number) for number in told[1].split("~")]


def test_a_window_is_refined_and_stays_while_everything_else_changes(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/?n=4&s=1&show=both&matrices=1000")
    settled(page)
    expect(page.locator(".st-key-plane .nsewdrag").first).to_be_attached()
    hand.drag(page, "plane", (-0.2, 0.8), (0.2, 0.4))
    re_, im, half = window(page)
    assert abs(re_) < 0.03
    assert abs(im - 0.6) < 0.03
    assert 0.17 < half < 0.24
    expect(page.get_by_text("PM₄ in the window certified")).to_be_visible()
    settled(page)
    page.get_by_role("slider", name="Rank s").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("figure", name=re.compile("n = 4, s = 2"))).to_be_visible()
    settled(page)
    assert window(page) == [re_, im, half]
    seen = hand.view(page, "plane")
    assert abs(seen["x"][0] - (re_ - half)) < 1e-6
    page.reload()
    expect(page.get_by_text("PM₄ in the window certified")).to_be_visible()
    settled(page)
    x, y = (sum(hand.view(page, "plane")[axis]) / 2 for axis in "xy")
    hand.click(page, "plane", x, y, times=2)
    expect(page).not_to_have_url(re.compile("window="))
    expect(page.get_by_text("PM₄ certified")).to_be_visible()


def test_keys_move_the_window_and_pick_its_middle(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/?n=4&s=2&matrices=1000&window=0.3~0.4~0.1")
    settled(page)
    page.locator(".st-key-plane [role=figure]").first.focus()
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("window=0.3~0.4~0.05"))
    settled(page)
    page.keyboard.press("ArrowRight")  # the picture is another one and has kept the focus
    expect(page).to_have_url(re.compile("window=0.32~0.4~0.05"))
    settled(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The matrix at λ = 0.32 + 0.4i")).to_be_visible()
    settled(page)
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("window="))


def test_a_click_has_the_pointers_precision(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/target_eigenvalue?n=3&s=2&re=0&im=0.1&window=0.2~0.3~0.01")
    settled(page)
    expect(page.locator(".st-key-square .nsewdrag").first).to_be_attached()
    width = hand.pixel(page, "square")
    assert width < 1e-4
    hand.click(page, "square", 0.2021, 0.3043)
    expect(page.get_by_role("spinbutton", name="Re λ")).not_to_have_value("0.000000")
    expect(page.get_by_text("go-mHC reaches it")).to_be_visible()
    settled(page)
    assert abs(float(page.get_by_role("spinbutton", name="Re λ").input_value()) - 0.2021) < 2 * width
    assert abs(float(page.get_by_role("spinbutton", name="Im λ").input_value()) - 0.3043) < 2 * width
    assert window(page) == [0.2, 0.3, 0.01]


def test_a_click_on_the_first_page_shows_a_matrix_to_take_along(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/?n=4&s=2&matrices=1000")
    settled(page)
    hand.click(page, "plane", 0.2, 0.3)
    expect(page.get_by_role("heading", name="The matrix at λ")).to_be_visible()
    expect(page.get_by_text("reaches it: the matrix shown has this eigenvalue")).to_be_visible()
    settled(page)
    page.get_by_role("tab", name="LaTeX").click()
    expect(page.get_by_text("begin{pmatrix}")).to_be_visible()
    told = re.search(r"at=([^&]+)", page.url)
    assert told is not None
    page.get_by_role("link", name="Open in Target eigenvalue").click()
    expect(page.get_by_role("heading", name="Target eigenvalue")).to_be_visible()
    settled(page)
    point = [float(page.get_by_role("spinbutton", name=name).input_value()) for name in ("Re λ", "Im λ")]
    assert point == [round(float(number), 6) for number in told[1].split("~")]


def test_a_click_on_a_panel_shows_the_matrix_of_its_method(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/compare_methods?n=4&s=1&each=1000")
    expect(page.locator(".st-key-panel_2 .nsewdrag").first).to_be_attached()
    settled(page)
    hand.click(page, "panel_2", 0.3, 0.0)
    expect(page.get_by_text("KromHC reaches it")).to_be_visible()
    expect(page).to_have_url(re.compile("of=KromHC"))


def test_the_frame_of_a_slice_stays(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/inside_the_polytope?n=4&s=1&matrices=1000")
    expect(page.locator(".st-key-square .nsewdrag").first).to_be_attached()
    settled(page)
    hand.drag(page, "square", (-0.2, 0.5), (0.3, 0.0))
    before = window(page, "frame")
    settled(page)
    page.get_by_role("slider", name="Rank s").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("figure", name=re.compile("s = 2"))).to_be_visible()
    settled(page)
    assert window(page, "frame") == before
    page.get_by_text("certified slice", exact=True).click()
    expect(page.get_by_text("Slice filled in the window")).to_be_visible()
    assert window(page, "frame") == before


def test_a_space_turned_by_hand_stays_turned(page: Page, server: str, errors: list, settled: Settled) -> None:
    page.goto(f"{server}/inside_the_polytope?n=4&s=1&aspect=space&points=500")
    expect(page.get_by_role("figure", name=re.compile("in space: 500 matrices"))).to_be_visible()
    settled(page)
    page.wait_for_timeout(2000)  # the canvas of the space
    box = page.locator(".st-key-square .js-plotly-plot").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 90, box["y"] + box["height"] / 2 - 60, steps=8)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"turn=\d+"))
    settled(page)
    told = re.search(r"turn=\d+&tilt=-?\d+", page.url)
    assert told is not None
    page.get_by_role("slider", name="Rank s").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("figure", name=re.compile("n = 4, s = 2"))).to_be_visible()
    settled(page)
    assert told[0] in page.url


def test_a_target_that_is_dragged_takes_its_matrix_along(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/target_eigenvalue?n=4&s=2&re=0.2&im=0.3")
    expect(page.locator(".st-key-square .nsewdrag").first).to_be_attached()
    settled(page)
    before = hand.view(page, "square")["x"]
    width = hand.pixel(page, "square")
    places = page.evaluate("history.length")
    page.mouse.move(*hand.place(page, "square", 0.2, 0.3))
    page.mouse.down()
    for stop in ((0.3, 0.5), (0.1, 0.6), (-0.3, 0.4)):
        page.mouse.move(*hand.place(page, "square", *stop))
        page.wait_for_timeout(500)  # the matrix follows
    assert "re=0.2&im=0.3" in page.url
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"re=-0\.(29|30|3)"))
    assert page.evaluate("history.length") == places + 1  # Back leads to where the target was taken
    settled(page)
    assert abs(float(page.get_by_role("spinbutton", name="Re λ").input_value()) + 0.3) < 2 * width
    assert abs(float(page.get_by_role("spinbutton", name="Im λ").input_value()) - 0.4) < 2 * width
    assert hand.view(page, "square")["x"] == before  # no rectangle was drawn
    assert "window=" not in page.url


def test_two_entries_that_are_clicked_trade_and_eigenvalues_move(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/target_eigenvalue?n=4&s=2&re=0.2&im=0.3")
    settled(page)
    page.get_by_text("Move entries of this matrix").click()
    expect(page.locator(".st-key-square_exchange .nsewdrag").first).to_be_attached()
    settled(page)
    hand.click(page, "square_exchange", 1, 2)
    expect(page.get_by_role("figure", name=re.compile(r"between entries \(1, 1\) and \(2, 1\)"))).to_be_visible()
    settled(page)
    hand.click(page, "square_exchange", 3, 0)
    expect(page.get_by_role("figure", name=re.compile(r"between entries \(2, 1\) and \(0, 3\)"))).to_be_visible()
    settled(page)
    page.get_by_role("slider", name="Traded").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("figure", name=re.compile(r"^Eigenvalues while 0\.00\d\d"))).to_be_visible()
    settled(page)
