"""`make docs` finds every module and every public name."""

import subprocess
import sys
from pathlib import Path

import projectors

ROOT = Path(__file__).parents[1]
LIBRARY = ("projectors", "geometry", "learning")


def test_every_module_and_every_lazy_class_has_its_page(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "docs/build.py", str(tmp_path)], check=True, cwd=ROOT, timeout=300)
    sources = [path.relative_to(ROOT) for top in LIBRARY for path in (ROOT / top).rglob("*.py")]
    expected = {path.parent if path.name == "__init__.py" else path.with_suffix("") for path in sources}
    found = {path.relative_to(tmp_path).with_suffix("") for path in tmp_path.rglob("*.html")}
    assert found == expected | {Path("index"), Path("bibliography")}
    page = (tmp_path / "projectors.html").read_text(encoding="utf-8")
    assert [name for name in projectors.__all__ if f'id="{name}"' not in page] == []
    assert "arXiv:2604.02309" in (tmp_path / "bibliography.html").read_text(encoding="utf-8")
