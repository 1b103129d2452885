"""Imports point one way, the first paint does not wait for torch, randomness is explicit, every cited source exists.

Each rule is a function from source text to a list of complaints. It is tried on planted sources first, so that a rule
that has stopped seeing anything fails here, and then on every file there is.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Which layer may import which of ours. `app` and `pages` are scripts: nothing imports them.
LIBRARY = {"ui", "figures", "inspector", "geometry", "learning", "networks", "projectors", "sweeps"}
MAY_IMPORT = {
    "app": LIBRARY,
    "pages": LIBRARY,
    "ui": LIBRARY,
    "figures": {"figures", "projectors"},
    "inspector": {"inspector", "geometry", "projectors"},
    "geometry": {"geometry", "projectors"},
    "learning": {"learning", "geometry", "projectors"},
    "networks": {"networks", "learning", "geometry", "projectors"},
    "projectors": {"projectors"},
    "sweeps": {"sweeps", "learning", "geometry", "projectors"},
}
# Where a layer may import one module of another layer only: methods by name, with their colours, and none of the torch.
MAY_IMPORT_ONLY = {("figures", "projectors"): "projectors.table"}
# The one file of the library that draws: a command line, which works without pictures where there is no figures.
MAY_ALSO_IMPORT = {"inspector/__main__.py": {"figures"}}
# Which other people's packages a layer may import, the standard library aside. A layer not named here may import any.
MAY_IMPORT_OUTSIDE = {
    "figures": {"plotly", "numpy", "kaleido", "choreographer", "fontTools", "PIL", "pypdf"},
    "inspector": {"torch", "numpy", "scipy", "safetensors", "huggingface_hub", "h5py"},
    "geometry": {"torch", "numpy", "scipy", "shapely", "contourpy", "flint"},
    "learning": {"torch", "numpy", "scipy"},
    "networks": {"torch", "numpy", "safetensors", "tqdm", "tiktoken", "datasets", "openai", "pingouin", "pandas"},
    "projectors": {"torch", "numpy"},
    "sweeps": {"torch", "numpy", "distributed", "fsspec", "pyarrow", "tqdm"},
}
# Layers that a reader waits for before anything is on the screen. torch takes seconds to import, scipy half of one.
PAINTS_FIRST = {"app", "pages", "ui", "figures"}
SLOW = ("torch", "scipy")


def files(*layers: str) -> list[Path]:
    """Layer names -> their files: `ui` is ui.py or everything under ui/."""
    candidates = [path for layer in layers for path in [ROOT / f"{layer}.py", *sorted((ROOT / layer).rglob("*.py"))]]
    return [path for path in candidates if path.is_file()]


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


SOURCES = files(*MAY_IMPORT)
every_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def test_there_are_sources_to_check() -> None:
    assert {layer_of(path) for path in SOURCES} >= {"projectors", "geometry"}


# --- imports --------------------------------------------------------------------------------------------------------


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def statements(node: ast.AST, at_import_time: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """A syntax tree -> its imports; `at_import_time` leaves out function bodies and what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif at_import_time and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        elif at_import_time and is_type_checking(child):
            assert isinstance(child, ast.If)
            for alternative in child.orelse:
                yield from statements(ast.Module([alternative], []), at_import_time)
        else:
            yield from statements(child, at_import_time)


def imported_packages(source: str, layer: str, at_import_time: bool = False) -> set[str]:
    """Source text -> the top-level packages that it imports; a relative import counts as its own layer."""
    found: set[str] = set()
    for statement in statements(ast.parse(source), at_import_time):
        if isinstance(statement, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in statement.names}
        elif statement.level:
            found.add(layer)
        else:
            found.add((statement.module or "").partition(".")[0])
    return found


def imported_names(source: str) -> set[str]:
    """Source text -> what it imports, absolute and dotted: `from a.b import c` is a.b.c."""
    found: set[str] = set()
    for statement in statements(ast.parse(source), at_import_time=False):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif not statement.level:
            found |= {f"{statement.module}.{alias.name}" for alias in statement.names}
    return found


def import_complaints(source: str, layer: str, also: set[str] = frozenset()) -> list[str]:
    complaints = []
    for package in sorted(imported_packages(source, layer) - sys.stdlib_module_names):
        if package in MAY_IMPORT:
            allowed = package in MAY_IMPORT[layer] | also
        else:
            allowed = layer not in MAY_IMPORT_OUTSIDE or package in MAY_IMPORT_OUTSIDE[layer]
        if not allowed:
            complaints.append(f"{layer} must not import {package}")
    for (ours, theirs), module in MAY_IMPORT_ONLY.items():
        names = {name for name in imported_names(source) if layer == ours and f"{name}.".startswith(f"{theirs}.")}
        beyond = sorted(name for name in names if not f"{name}.".startswith(f"{module}."))
        complaints += [f"{ours} may import {module} only, not {name}" for name in beyond]
    if layer in PAINTS_FIRST:
        slow = imported_packages(source, layer, at_import_time=True) & set(SLOW)
        complaints += [f"{layer} must import {package} inside the function that needs it" for package in sorted(slow)]
    return complaints


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        ("app", "import pages.cyclic_slice"),
        ("pages", "from app import main"),
        ("ui", "import app"),
        ("ui", "def f():\n    from pages import cyclic_slice"),
        ("figures", "import torch"),
        ("figures", "from geometry.spectra import density"),
        ("figures", "from projectors import Sinkhorn"),
        ("figures", "from projectors import table, Sinkhorn"),
        ("figures", "import projectors"),
        ("figures", "from projectors.tables import row"),
        ("figures", "def f():\n    from projectors.base import Projector"),
        ("figures", "import streamlit as st"),
        ("figures", "import scipy.spatial"),
        ("geometry", "import streamlit"),
        ("geometry", "from figures import plane"),
        ("geometry", "from learning import cost"),
        ("geometry", "import plotly.graph_objects as go"),
        ("inspector", "from figures.files import html"),
        ("inspector", "from learning import depth"),
        ("learning", "from networks import HyperConnection"),
        ("networks", "import hyper_connections"),
        ("inspector", "import transformers"),
        ("learning", "import streamlit"),
        ("learning", "import ui.frame"),
        ("projectors", "from geometry import spectra"),
        ("projectors", "import scipy"),
        ("projectors", "def f():\n    import streamlit"),
        ("app", "import torch"),
        ("pages", "from torch.linalg import eigvals"),
        ("ui", "try:\n    import torch\nexcept ImportError:\n    torch = None"),
        ("ui", "class A:\n    import torch.nn"),
        ("ui", "from scipy.optimize import brentq"),
        ("ui", "if TYPE_CHECKING:\n    pass\nelse:\n    import torch"),
    ],
)
def test_a_breach_is_seen(layer: str, source: str) -> None:
    assert import_complaints(source, layer)


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        ("app", "import streamlit as st\nfrom ui import frame\nfrom geometry.regions import karpelevich"),
        ("pages", "import ui.frame, figures.spectrum.plane, learning.cost, projectors"),
        ("ui", "from .frame import page\nimport pandas"),
        ("ui", "def f():\n    import torch"),
        ("ui", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch"),
        ("figures", "import numpy as np\nimport plotly.graph_objects as go\nfrom . import plane\nimport math"),
        ("figures", "from projectors import table\nfrom projectors.table import METHODS\nimport projectors.table"),
        ("geometry", "import torch\nfrom projectors.base import Projector\nfrom . import spectra\nimport shapely"),
        ("learning", "from geometry.sampling import sample\nfrom projectors import methods\nimport torch"),
        ("projectors", "from __future__ import annotations\nimport torch, math\nfrom .base import Projector"),
    ],
)
def test_what_is_allowed_is_let_through(layer: str, source: str) -> None:
    assert not import_complaints(source, layer)


@every_source
def test_imports_point_one_way(path: Path) -> None:
    also = MAY_ALSO_IMPORT.get(str(path.relative_to(ROOT)), set())
    assert not import_complaints(path.read_text(encoding="utf-8"), layer_of(path), also)


# --- what is slow to import stays out of the first paint, also by way of other modules ------------------------------


def first_to_load(package: str, lines: list[str]) -> str | None:
    """Package, import statements -> the first one after which it is loaded, in a fresh interpreter; None if none is."""
    program = (
        "import json, sys\n"
        "for line in json.load(sys.stdin):\n"
        "    exec(line, {})\n"
        f"    if {package!r} in sys.modules:\n"
        "        print(line)\n"
        "        break\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(lines), capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip() or None


def first_paint_imports() -> list[str]:
    """Every ui and figures module, and what app.py and the pages import before they draw anything."""
    lines = {f"import {module_of(path)}" for path in files("ui", "figures")}
    for path in files("app", "pages"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lines |= {ast.unparse(statement) for statement in statements(tree, at_import_time=True)}
    return sorted(lines)


@pytest.mark.parametrize(
    ("package", "behind"), [("torch", "from projectors import Sinkhorn"), ("scipy", "import geometry.slices.hulls")]
)
def test_a_module_that_loads_something_slow_behind_another_is_seen(package: str, behind: str) -> None:
    assert first_to_load(package, ["import json", behind, "import csv"]) == behind
    assert first_to_load(package, ["import json", "import numpy"]) is None


@pytest.mark.parametrize("package", SLOW)
def test_first_paint_does_not_wait(package: str) -> None:
    assert first_to_load(package, first_paint_imports()) is None


# --- a page is functions with locals --------------------------------------------------------------------------------

PARTS = {"choose", "work", "figure", "take"}
ASPECTS = ["ui/polytope/plane.py", "ui/polytope/space.py", "ui/polytope/real_or_complex.py", "ui/mixing/laws.py"]
"""Files that are pages of their own, within one that only chooses among them."""

CHOOSERS = {"inside_the_polytope.py", "cyclic_slice.py", "paper_companion.py"}


def page_complaints(source: str) -> list[str]:
    """Source of a page -> what in it is neither an import, a constant, a definition, nor the call that draws it."""
    complaints = []
    for node in ast.parse(source).body:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
                continue
            case ast.Assign(targets=[ast.Name(id=name)]) if name.isupper():
                continue
            case ast.Expr(value=ast.Constant() | ast.Call()):
                continue
            case ast.If() if is_type_checking(node):
                continue
        complaints.append(f"line {node.lineno}: {ast.unparse(node)[:60]}")
    return complaints


def names_of(source: str) -> set[str]:
    """Source -> the functions that it defines or imports at the top."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return imported | {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    "source",
    ["n = 4", "n, s = choose()", "for k in range(3):\n    draw(k)", "with st.sidebar:\n    pass", "if n:\n    pass"],
)
def test_work_outside_of_functions_is_seen(source: str) -> None:
    assert page_complaints(source)


@pytest.mark.parametrize("path", files("app", "pages"), ids=lambda path: path.name)
def test_a_page_is_functions_with_locals(path: Path) -> None:
    assert not page_complaints(path.read_text(encoding="utf-8"))


PAGES = [path for path in files("app", "pages") if path.name not in CHOOSERS] + [ROOT / name for name in ASPECTS]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_page_has_the_same_four_parts(path: Path) -> None:
    assert names_of(path.read_text(encoding="utf-8")) >= PARTS


# --- randomness is always somebody's generator ----------------------------------------------------------------------


@pytest.mark.parametrize("path", files("app", "pages", "ui"), ids=lambda path: str(path.relative_to(ROOT)))
def test_tables_are_drawn_in_one_place(path: Path) -> None:
    """Where all of them say the same of what is missing."""
    assert ("st.dataframe(" in path.read_text()) == (path == ROOT / "ui" / "tables.py")


# Which ask LAPACK for eigenvalues: two that go on where it gives up, and a list of polynomials whose roots it finds.
ASK_LAPACK = {"spectra/closed_forms.py", "spectra/derivatives.py", "regions/perfect_mirsky_exception.py"}


@every_source
def test_lapack_is_asked_where_somebody_goes_on_when_it_gives_up(path: Path) -> None:
    asks = "linalg.eig" in path.read_text(encoding="utf-8").replace("linalg.eigh", "")
    assert asks == (path in {ROOT / "geometry" / name for name in ASK_LAPACK})


NUMPY_EXPLICIT = {"default_rng", "Generator", "SeedSequence", "BitGenerator", "PCG64", "Philox"}
# The one process of ours whose global state is its own: dropout draws from nothing else.
MAY_SEED = {ROOT / "networks" / "language_model" / "__main__.py"}
TORCH_STATE = {"manual_seed", "seed", "initial_seed", "random", "set_rng_state", "distributions"}
TORCH_DRAWS = {"rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial", "poisson"}
TORCH_DRAWS |= {"rand_like", "randn_like", "randint_like"}
TENSOR_DRAWS = {"normal_", "uniform_", "exponential_", "bernoulli_", "random_", "log_normal_", "cauchy_", "geometric_"}


def dotted(node: ast.expr, names: dict[str, str]) -> str:
    """An expression `a.b.c` -> its dotted name, import aliases resolved; empty for any other expression."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def import_aliases(tree: ast.AST) -> dict[str, str]:
    names: dict[str, str] = {}
    for statement in statements(tree, at_import_time=False):
        if isinstance(statement, ast.Import):
            names |= {alias.asname: alias.name for alias in statement.names if alias.asname}
        else:
            names |= {alias.asname or alias.name: f"{statement.module}.{alias.name}" for alias in statement.names}
    return names


def randomness_complaints(source: str) -> list[str]:
    tree = ast.parse(source)
    names = import_aliases(tree)
    complaints = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            match dotted(node, names).split("."):
                case ["numpy", "random", name, *_] if name not in NUMPY_EXPLICIT:
                    complaints.append(f"line {node.lineno}: numpy.random.{name} draws from the global state")
                case ["torch", name, *_] if name in TORCH_STATE:
                    complaints.append(f"line {node.lineno}: torch.{name} is the global state")
                case ["random", name, *_] if name != "Random" and "random" in imported_packages(source, ""):
                    complaints.append(f"line {node.lineno}: random.{name} draws from the global state")
        if isinstance(node, ast.Call) and not any(keyword.arg == "generator" for keyword in node.keywords):
            called = dotted(node.func, names)
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called in {f"torch.{name}" for name in TORCH_DRAWS} or method in TENSOR_DRAWS:
                complaints.append(f"line {node.lineno}: {called or method} has no generator")
    return complaints


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.manual_seed(0)",
        "import torch\nwith torch.random.fork_rng(): ...",
        "import torch\nx = torch.randn(3)",
        "from torch import randn\nx = randn(3)",
        "import torch as t\nx = t.rand(3, dtype=t.float64)",
        "import torch\nx = torch.empty(3).normal_()",
        "import numpy as np\nnp.random.seed(0)",
        "import numpy as np\nx = np.random.rand(3)",
        "from numpy import random\nx = random.rand(3)",
        "from numpy.random import rand\nx = rand(3)",
        "import random\nx = random.random()",
        "from random import shuffle\nshuffle([])",
    ],
)
def test_global_randomness_is_seen(source: str) -> None:
    assert randomness_complaints(source)


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ng = torch.Generator().manual_seed(0)\nx = torch.randn(3, generator=g).normal_(generator=g)",
        "import numpy as np\ng = np.random.default_rng(0)\nx = g.normal(size=3)\ndef f(g: np.random.Generator): ...",
        "import random\nx = random.Random(0).random()",
        "def f(random): return random.choice",
    ],
)
def test_explicit_generators_are_let_through(source: str) -> None:
    assert not randomness_complaints(source)


@pytest.mark.parametrize(
    "path", [*SOURCES, *files("benchmarks", "tests")], ids=lambda path: str(path.relative_to(ROOT))
)
def test_randomness_is_explicit(path: Path) -> None:
    complaints = randomness_complaints(path.read_text(encoding="utf-8"))
    assert bool(complaints) == (path in MAY_SEED), complaints


# --- every cited source is in the bibliography ----------------------------------------------------------------------

BIBLIOGRAPHY = ROOT / "docs" / "bibliography.md"
ENTRY = re.compile(r"^- \*\*\[(\w+)\]\*\*", re.MULTILINE)
BRACKETS = re.compile(r"\[([^\[\]]+)\]")
KEY = re.compile(r"[A-Za-z]{2,}\d{4}[a-z]?")


def cited_keys(source: str) -> set[str]:
    """Source text -> keys cited in its docstrings: [Gutkin2013], [Gutkin2013, section 2], [Gutkin2013; Nechita2023]."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    texts = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    parts = [part.strip() for text in texts for inside in BRACKETS.findall(text) for part in re.split("[,;]", inside)]
    return {found.group() for part in parts if (found := KEY.match(part))}


def test_keys_are_found_in_docstrings_and_nowhere_else() -> None:
    source = (
        '"""Module [Gutkin2013]."""\n'
        "x = 'a string [NotCited2000]'  # a comment [NorHere2000]\n"
        'def f():\n    """[goMHC2026, section 3] and [Ito1997; Djokovic1990a], for n in [0, 2026] and [n, 2n]."""\n'
    )
    assert cited_keys(source) == {"Gutkin2013", "goMHC2026", "Ito1997", "Djokovic1990a"}


def test_each_key_is_defined_once() -> None:
    keys = ENTRY.findall(BIBLIOGRAPHY.read_text(encoding="utf-8"))
    assert len(keys) > 20
    assert sorted(keys) == sorted(set(keys))
    assert all(KEY.fullmatch(key) for key in keys)


@every_source
def test_every_cited_source_is_in_the_bibliography(path: Path) -> None:
    defined = set(ENTRY.findall(BIBLIOGRAPHY.read_text(encoding="utf-8")))
    assert cited_keys(path.read_text(encoding="utf-8")) <= defined
