"""One server and one browser for all browser tests, and what they wait for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from deploy.local import SETTLED, chromium, served

NARROW = 420
"""Width of a narrow screen in pixels."""
PATIENCE = 60_000
"""Milliseconds that a page may take to do what a test waits for, however busy the machine is."""

expect.set_options(timeout=PATIENCE)


def pytest_unconfigure() -> None:
    """Close the temporary folder that streamlit's AppTest opens when it is imported, and leaves to the interpreter."""
    if (app_test := sys.modules.get("streamlit.testing.v1.app_test")) is not None:
        app_test.TMP_DIR.cleanup()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = chromium(playwright)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def wide(browser: Browser) -> Iterator[BrowserContext]:
    """One context for all pages of a desktop's size: what the first has loaded of the app's scripts, the next reuse."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="session")
def dark(browser: Browser) -> Iterator[BrowserContext]:
    """One context for all pages in the dark on a narrow screen."""
    context = browser.new_context(color_scheme="dark", viewport={"width": NARROW, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(wide: BrowserContext) -> Iterator[Page]:
    """A visit of its own: a new tab is a new session of the app."""
    opened = wide.new_page()
    yield opened
    opened.close()


@pytest.fixture
def narrow_page(dark: BrowserContext) -> Iterator[Page]:
    """A visit in the dark on a narrow screen, which at its end must not have been wider than the screen."""
    opened = dark.new_page()
    yield opened
    opened.wait_for_function(f"document.documentElement.scrollWidth <= {NARROW}")
    opened.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with served() as app:
        yield app.address


@pytest.fixture
def fresh_server() -> Iterator[str]:
    """A server that nobody has visited yet."""
    with served() as app:
        yield app.address


@pytest.fixture
def errors(page: Page) -> Iterator[list[str]]:
    """Whatever the browser complains about; a test that uses this fails if there is any at its end.

    Streamlit asks for two paths below a page that do not exist and then finds them at the root: those 404 are known.
    """
    seen: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "404" not in message.text:
            seen.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: seen.append(str(error)))
    yield seen
    assert seen == []


@pytest.fixture
def settled() -> Callable[[Page], None]:
    """Wait until the script has ended and the page shows no traceback."""

    def wait(page: Page) -> None:
        expect(page.locator(SETTLED)).to_be_attached()
        expect(page.get_by_test_id("stException")).to_have_count(0)

    return wait
