"""What pages say of their pictures holds in the light and in the dark."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXTS = [ROOT / "assets" / "glossary.md", *sorted((ROOT / "assets" / "reading").glob("*.md"))]
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "ui").rglob("*.py"))]
SHADES = re.compile(r"\b(pale|paler|dark|darker|black|white) (cells?|lines?|dots?|ones?)\b|cells?\W+(are )?paler?\b")
"""Words for what is bright on a dark ground and dark on a bright one, beside what is drawn."""


def test_no_text_names_a_shade_that_the_other_theme_turns_round() -> None:
    found = {path.name: SHADES.search(path.read_text(encoding="utf-8")) for path in [*TEXTS, *PAGES]}
    assert len(found) > 50
    assert not {name: match.group() for name, match in found.items() if match}
