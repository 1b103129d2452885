"""No page keeps anybody out: no serious finding of axe-core, in the light and in the dark; data without a pointer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

SMALL = "matrices=1000&each=1000&points=500&preset=your+own&mix_iterations=100&mix_count=2"
VIEWS = (
    "?at=0.2~0.3&",
    "?n=5&show=both&window=-0.3~0.75~0.05&",
    "compare_methods?",
    "target_eigenvalue?others=yes&",
    "inside_the_polytope?",
    "inside_the_polytope?aspect=space&",
    "inside_the_polytope?aspect=real+or+complex&",
    "your_matrices?",
    "your_matrices?own=text&",
    "stream_mixing?",
    "language_model?",
    "language_model?model=train&",
    "language_model?model=judges&",
    "complexity?",
    "choose?",
    "paper_companion?",
)
Settled = Callable[[Page], None]


def violations(page: Page, rules: dict[str, object]) -> list[tuple[str, str]]:
    """What axe finds serious or critical on a page as it is: the rule, and the element."""
    found = Axe().run(page, options=rules).response["violations"]
    grave = [each for each in found if each["impact"] in ("serious", "critical")]
    return [(finding["id"], node["html"][:200]) for finding in grave for node in finding["nodes"]]


@pytest.mark.parametrize(
    ("scheme", "rules"), [("light", {}), ("dark", {"runOnly": ["color-contrast"]})], ids=["light", "dark"]
)
def test_axe_finds_nothing_serious(
    browser: Browser, server: str, settled: Settled, scheme: str, rules: dict[str, object]
) -> None:
    """In the dark nothing but colours differs."""
    with browser.new_context(viewport={"width": 1360, "height": 900}, color_scheme=scheme) as context:
        page, found = context.new_page(), []
        for view in VIEWS:
            page.goto(f"{server}/{view}{SMALL}")
            expect(page.get_by_text("Birkhoff Explorer")).to_be_visible()
            settled(page)
            page.wait_for_timeout(500)  # until fades have ended: half-drawn words are pale
            if here := violations(page, rules):
                page.wait_for_timeout(2000)  # a fade on a busy machine ends, a fault stays
                here = violations(page, rules)
            found += [(view, *each) for each in here]
    assert not found


def test_what_a_picture_shows_is_a_table_for_the_keyboard(
    page: Page, server: str, errors: list, settled: Settled
) -> None:
    page.goto(f"{server}/?n=3&s=1&matrices=1000")
    settled(page)
    page.get_by_role("switch", name="Data as a table").focus()
    page.keyboard.press("Space")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    settled(page)
