"""`make docs` finds every module and every public name."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import projectors

ROOT = Path(__file__).parents[1]
LIBRARY = ("projectors", "geometry", "learning", "networks", "inspector", "sweeps")


def load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_module_and_every_lazy_class_is_shown(tmp_path: Path) -> None:
    build = load("build")
    found = build.pages()
    sources = [path.relative_to(ROOT) for top in LIBRARY for path in (ROOT / top).rglob("*.py")]
    modules = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in sources}
    assert set(found) == modules | {"bibliography", "comparison", "conventions", "corrections"}
    # Asking for members is what warns of a name that does not resolve, and warnings are errors here.
    assert all(page.members or page.docstring for page in found.values())
    build.write(
        {name: found[name] for name in ("projectors", "projectors.balanced.sinkhorn", "bibliography")}, tmp_path
    )
    page = (tmp_path / "projectors.html").read_text(encoding="utf-8")
    assert [name for name in projectors.__all__ if f'id="{name}"' not in page] == []
    assert (tmp_path / "projectors" / "balanced" / "sinkhorn.html").is_file()
    assert "arXiv:2604.02309" in (tmp_path / "bibliography.html").read_text(encoding="utf-8")


def test_every_picture_of_the_readme_can_be_taken_anew() -> None:
    """`make pictures` takes those that the README shows, and no other lies there."""
    taken = {f"assets/screenshots/{name}.png" for name in load("pictures").VIEWS}
    assert taken == set(re.findall(r"!\[[^]]*\]\((assets/screenshots/[^)]+)\)", (ROOT / "README.md").read_text()))
    assert taken == {str(path.relative_to(ROOT)) for path in (ROOT / "assets" / "screenshots").iterdir()}
