"""The address in the browser: Back is followed, an address that is merely late is not."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.page import run
from ui.link import links


def moved() -> AppTest:
    """The main page opened at n = 3 and slid to n = 5; its address says so."""
    at = run(n=3, matrices=1000)
    at.number_input(key="n").set_value(5).run()
    assert at.query_params["n"] in ("5", ["5"])
    return at


def at_the_address(at: AppTest, n: int) -> AppTest:
    """The page after a run without any change of a setting, which the browser asked for at another address."""
    at.query_params["n"] = str(n)
    return at.run()


def test_an_address_that_is_late_does_not_undo_what_the_reader_did() -> None:
    at = at_the_address(moved(), 3)
    assert at.number_input(key="n").value == 5
    assert at.query_params["n"] in ("5", ["5"])


def test_back_leads_to_where_the_reader_was(monkeypatch: pytest.MonkeyPatch) -> None:
    at = moved()
    monkeypatch.setattr(links, "through_history", lambda: True)
    assert at_the_address(at, 3).number_input(key="n").value == 3
