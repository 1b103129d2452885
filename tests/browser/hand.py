"""A hand on a chart: where a point of the plane is on the screen, and what a chart shows."""

from __future__ import annotations

from playwright.sync_api import Page

VIEW = """
key => {
  const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`);
  const drawn = plot?.querySelector(".nsewdrag");
  if (!drawn) return null;
  const box = drawn.getBoundingClientRect();
  const { xaxis, yaxis } = plot._fullLayout;
  return { left: box.left, top: box.top, width: box.width, height: box.height, x: xaxis.range, y: yaxis.range };
}
"""


def view(page: Page, key: str) -> dict:
    """Key of a chart's container -> the ranges x and y that it shows, and where on the screen."""
    page.locator(f".st-key-{key} .nsewdrag").first.scroll_into_view_if_needed()
    return page.wait_for_function(VIEW, arg=key).json_value()  # a picture may just be drawn anew


def pixel(page: Page, key: str) -> float:
    """Key of a chart's container -> the width of a pixel, in units of its axis."""
    seen = view(page, key)
    return (seen["x"][1] - seen["x"][0]) / seen["width"]


def place(page: Page, key: str, x: float, y: float) -> tuple[float, float]:
    """Key of a chart's container, and a point of its plane -> where that is on the screen."""
    seen = view(page, key)
    across = (x - seen["x"][0]) / (seen["x"][1] - seen["x"][0])
    up = (y - seen["y"][0]) / (seen["y"][1] - seen["y"][0])
    return seen["left"] + across * seen["width"], seen["top"] + (1 - up) * seen["height"]


def click(page: Page, key: str, x: float, y: float, times: int = 1) -> None:
    """Click a point of a chart's plane, so many times in a row."""
    page.mouse.click(*place(page, key, x, y), click_count=times)


def drag(page: Page, key: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press at one point of a chart's plane and let go at another."""
    first, last = place(page, key, *start), place(page, key, *end)
    page.mouse.move(*first)
    page.mouse.down()
    page.mouse.move(*last, steps=8)
    page.mouse.up()
