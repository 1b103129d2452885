"""Every module of the library, and the bibliography, as pages in build/docs or a given folder: `make docs`.

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
LIBRARY = ("projectors", "geometry", "learning")


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


def write(output: Path) -> int:
    """Folder -> the number of pages written to it."""
    bibliography = ModuleType("bibliography", (ROOT / "docs" / "bibliography.md").read_text(encoding="utf-8"))
    pages = {name: Module(resolved(import_module(name))) for name in module_names()}
    pages["bibliography"] = Module(bibliography)
    configure(docformat="markdown", footer_text="Birkhoff Explorer")
    texts = {f"{name.replace('.', '/')}.html": html_module(page, pages) for name, page in pages.items()}
    texts |= {"index.html": html_index(pages), "search.js": search_index(pages)}
    for name, text in texts.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text(text, encoding="utf-8")
    return len(texts)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    warnings.simplefilter("error")  # a name that does not resolve is a page that lacks it
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "docs"
    print(f"{write(folder)} files: {folder / 'index.html'}")
