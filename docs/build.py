"""Every module of the library, and the texts beside this file, as pages in build/docs; `make docs` runs this.

pdoc shows what a package's `__all__` names where the package holds it. The classes of `projectors` are imported when
they are first asked for, so they are asked for here; and it leaves out modules that `__all__` does not name, in which
the mathematics behind the classes stands as functions, so every module is named to it.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from pdoc.doc import Module
from pdoc.render import configure, html_index, html_module, search_index

ROOT = Path(__file__).parents[1]
LIBRARY = ("projectors", "geometry", "learning", "networks", "inspector", "sweeps")


def module_names() -> list[str]:
    """Every module of the library, by its dotted name."""
    folders = [str(ROOT / package) for package in LIBRARY]
    inside = [
        found.name
        for package, folder in zip(LIBRARY, folders, strict=True)
        for found in walk_packages([folder], f"{package}.")
    ]
    return sorted([*LIBRARY, *inside])


def resolved(module: ModuleType) -> ModuleType:
    """Module -> itself, with all that its `__all__` promises in its namespace."""
    for name in getattr(module, "__all__", ()):
        vars(module).setdefault(name, getattr(module, name))
    return module


def pages() -> dict[str, Module]:
    """Every page by its dotted name: the modules, and the texts in docs."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
    modules = {name: Module(resolved(import_module(name))) for name in module_names()}
    return modules | {name: Module(ModuleType(name, text)) for name, text in texts.items()}


def write(found: dict[str, Module], output: Path) -> None:
    """Pages, folder -> an HTML file each, an index and a search."""
    configure(docformat="markdown", footer_text="Birkhoff Explorer")
    texts = {f"{name.replace('.', '/')}.html": html_module(page, found) for name, page in found.items()}
    texts |= {"index.html": html_index(found), "search.js": search_index(found)}
    for name, text in texts.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    warnings.simplefilter("error")  # a name that does not resolve is a page that lacks it
    write(pages(), ROOT / "build" / "docs")
    print(ROOT / "build" / "docs" / "index.html")
