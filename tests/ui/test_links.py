"""What a link may say."""

from __future__ import annotations

import pytest

from ui.link import links, settings


@pytest.mark.parametrize(("key", "default"), links.DEFAULTS.items())
def test_every_default_but_the_empty_ones_survives_a_link(key: str, default: object) -> None:
    if default != "" or key not in ("factors", "hidden", "window", "at", "frame", "pins", "layout"):
        assert settings.SETTINGS[key][1](str(default)) == default


def test_grouped_digits_are_read() -> None:
    assert settings.SETTINGS["matrices"][1]("100,000") == 100_000
    assert settings.SETTINGS["seed"][1]("1_000") == 1000


@pytest.mark.parametrize(
    ("key", "texts"),
    {
        "n": ["1", "65", "-4", "4.0", "", "four", "٤", "9" * 5000, "0x4", "4\n4"],
        "s": ["0", "9"],
        "method": ["", "mhc", "go-mHC "],
        "measure": ["Edges"],
        "matrices": ["999", "1e5", "1000001"],
        "seed": ["-1", str(2**31)],
        "factors": ["x", "2x", "22x2", "2x2x2x2x2x2x2x2x2x2", "2x²"],
        "iterations": ["0", "1001"],
    }.items(),
)
def test_everything_else_is_refused_with_what_was_wanted(key: str, texts: list[str]) -> None:
    for text in texts:
        with pytest.raises(ValueError, match="must"):
            settings.SETTINGS[key][1](text)


def test_hostile_text_is_shown_short_and_harmless() -> None:
    shown = links.shown("`</script>\n" + "x" * 10_000)
    assert len(shown) < 50
    assert shown.count("`") == 2
    assert "\n" not in shown
