"""From a key press to the picture, in headless Chromium: the first new one, and the complete one.

    python benchmarks/latency.py [CHECKOUT]

CHECKOUT is another checkout of the app, the baseline, measured in turn with this one on the same machine: for every
change a page with a seed of its own is opened in each, until it rests; then the change is made. By the page's own
clock, from its first key or button down, *first* is when a figure names the new setting, *complete* when the page last
came to rest. Medians of REPEATS; *lost* is how often no figure ever did, because a key press was lost. The browser
takes of the server's time, as it does not for a visitor from elsewhere; a network's delay is left out.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, TimeoutError, sync_playwright

from benchmarks.harness import report
from deploy.local import ROOT, SETTLED, chromium, served

REPEATS, TRIES = 3, 4
WATCHED = """() => {
  const seen = { begun: null, news: [] };
  const begin = () => { seen.begun ??= performance.now(); };
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, begin, true);
  let before = "";
  new MutationObserver(() => {
    const labels = [...document.querySelectorAll("[role=figure]")].map(figure => figure.getAttribute("aria-label"));
    const state = document.querySelector("[data-testid=stApp]").getAttribute("data-test-script-state");
    const now = JSON.stringify([labels, state]);
    const time = performance.now() - seen.begun;
    if (seen.begun !== null && now !== before) seen.news.push([time, labels.join(" "), state]);
    before = now;
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
  window.seen = seen;
}"""
"""JavaScript that notes, from the first key or button down on, when figures are named anew and when the page rests."""

BASELINES = {"latency": "the same change in the other checkout, in turn on the same machine"}


@dataclass(frozen=True)
class Change:
    """Its name, the page before it with room for a seed, the act, and what a figure then says."""

    name: str
    before: str
    act: Callable[[Page], None]
    told: str


def typed(n: int) -> Callable[[Page], None]:
    """n -> an act that types it into the box."""

    def act(page: Page) -> None:
        box = page.get_by_role("spinbutton", name="or type n")
        box.fill(str(n))
        box.press("Enter")

    return act


def pressed(slider: str, key: str, times: int = 1) -> Callable[[Page], None]:
    """Slider, key -> an act that presses it so many times as fast as it goes."""

    def act(page: Page) -> None:
        page.get_by_role("slider", name=slider).focus()
        for _ in range(times):
            page.keyboard.press(key)

    return act


def clicked(page: Page) -> None:
    """Click the plane of a target, somewhere else every time."""
    box = page.locator(".st-key-square .nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.42 * box["height"])


CHANGES = (
    *(Change(f"n to {n}", f"?n={5 if n < 5 else 4}&s=2&seed={{}}", typed(n), f"n = {n}, s = 2") for n in (3, 4, 8, 16)),
    *(
        Change(f"s to {s}", f"?n=4&s={s - 1}&seed={{}}", pressed("Rank s", "ArrowRight"), f"n = 4, s = {s}")
        for s in (2, 4, 8)
    ),
    Change("8 presses, n = 4 to 12", "?n=4&s=2&seed={}", pressed("Streams n", "ArrowRight", 8), "n = 12, s = 2"),
    Change(
        "click on a target",
        "target_eigenvalue?n=4&s=2&re=0&im=0.1&seed={}",
        clicked,
        r"Target eigenvalue 0\.[12]\d+\+0\.1[2-9]",
    ),
)


def rest(page: Page) -> None:
    """Wait until the page has nothing to do, and has had nothing for a moment."""
    for _ in range(2):
        page.locator(SETTLED).wait_for(state="attached", timeout=120_000)
        page.wait_for_timeout(150)


def measured(page: Page, address: str, change: Change, seed: int) -> tuple[float, float]:
    """Page, address, change -> seconds to the first new picture, and until the page rests."""
    page.goto(f"{address}/{change.before.format(seed)}")
    page.get_by_role("figure").first.wait_for(timeout=60_000)
    rest(page)
    page.wait_for_timeout(700)
    page.evaluate(WATCHED)
    change.act(page)
    page.get_by_role("figure", name=re.compile(change.told)).first.wait_for(timeout=20_000)
    rest(page)
    news = page.evaluate("window.seen.news")
    first = next(time for time, labels, _ in news if re.search(change.told, labels))
    complete = max(time for time, _, state in news if state == "notRunning")
    return first / 1000, complete / 1000


def main(other: str | None = None) -> None:
    """Measure, and report."""
    roots = {"ours": ROOT} | ({"baseline": Path(other).resolve()} if other else {})
    seeds, table = count(1000), []
    with ExitStack() as stack:
        browser = chromium(stack.enter_context(sync_playwright()))
        pages = {name: browser.new_page(viewport={"width": 1360, "height": 900}) for name in roots}
        addresses = {name: stack.enter_context(served(root)).address for name, root in roots.items()}
        for name in roots:
            measured(pages[name], addresses[name], CHANGES[0], next(seeds))  # the browser's cache, and torch
        for change in CHANGES:
            row: dict[str, Any] = {"change": change.name}
            times: dict[str, list[tuple[float, float]]] = {name: [] for name in roots}
            lost = dict.fromkeys(roots, 0)
            for _ in range(REPEATS):
                for name in roots:
                    for _ in range(TRIES):  # the baseline lost key presses
                        try:
                            times[name].append(measured(pages[name], addresses[name], change, next(seeds)))
                            break
                        except TimeoutError:
                            lost[name] += 1
            row |= {f"{name}_lost": number for name, number in lost.items() if number}
            for name, pairs in times.items():
                row[f"{name}_first_s"], row[f"{name}_complete_s"] = (median(part) for part in zip(*pairs, strict=True))
            table.append(row)
        browser.close()
    report("latency", BASELINES, table)


if __name__ == "__main__":
    main(*sys.argv[1:])
