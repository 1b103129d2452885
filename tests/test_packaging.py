"""What `pip install .` puts on a machine: the library alone, with its maps and types, and without the app.

The wheel is built from a copy, so that nothing is left behind in the checkout, and without a network.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.test_readme import README, python_blocks

ROOT = Path(__file__).parents[1]
LIBRARY = ("projectors", "geometry", "learning", "networks", "inspector", "sweeps")
ATLAS = "geometry/reach/atlas.npz"
DATA = (
    (".npz", ATLAS),
    (".json.gz", "geometry/proofs/certificates/"),
    (".json", "inspector/examples/"),
    (".json", "learning/choosing/"),
    (".npz", "networks/language_model/results/"),
    (".xz", "networks/language_model/text/"),
)
"""What a wheel holds besides code, by its ending and its folder."""
APP = ("streamlit", "plotly", "kaleido", "choreographer", "orjson", "pandas")


def file_complaints(names: list[str]) -> list[str]:
    """Names of the files in a wheel -> what is there and should not be, and what is missing."""
    tops = {name.partition("/")[0] for name in names}
    strangers = sorted(top for top in tops - set(LIBRARY) if not top.endswith(".dist-info"))
    complaints = [f"{top} would be installed at the top level" for top in strangers]
    complaints += [f"{top} is missing" for top in LIBRARY if top not in tops]
    complaints += [f"{name} is not code, type marker or map" for name in names if not is_ours(name)]
    complaints += [f"{top}/py.typed is missing" for top in LIBRARY if f"{top}/py.typed" not in names]
    return complaints


def is_ours(name: str) -> bool:
    if ".dist-info/" in name or name.endswith((".py", "/py.typed")):
        return True
    return any(name.endswith(ending) and folder in name for ending, folder in DATA)


def requirement_complaints(required: list[str]) -> list[str]:
    """Requires-Dist lines of a wheel -> those that ask for too much: the app's packages, or one release alone."""
    complaints = []
    for line in required:
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        if wanted.name in APP:
            complaints.append(f"the library must not need {wanted.name}")
        if {"==", "==="} & {each.operator for each in wanted.specifier} or not bounded(wanted.specifier):
            complaints.append(f"{line} is no range")
    return complaints


def bounded(specifier: SpecifierSet) -> bool:
    return {">=", "<"} <= {each.operator for each in specifier}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy that has every file at the root and every folder with Python in it: tests and app too."""
    copy, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for entry in ROOT.iterdir():
        if entry.is_file():
            shutil.copy(entry, copy)
        elif not entry.name.startswith(".") and any(entry.glob("*.py")):
            shutil.copytree(entry, copy / entry.name, ignore=shutil.ignore_patterns("__pycache__"))
    pip("wheel", "--no-build-isolation", "--no-cache-dir", "--wheel-dir", str(out), str(copy))
    (built,) = out.glob("*.whl")
    return built


def pip(command: str, *arguments: str) -> None:
    offline = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([sys.executable, "-m", "pip", command, *offline, *arguments], check=True, timeout=120)


def metadata(wheel: Path) -> dict[str, list[str]]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        parsed = Parser().parsestr(archive.read(name).decode())
    return {key: parsed.get_all(key, []) for key in parsed}


GOOD = [*(f"{top}/{name}" for top in LIBRARY for name in ("__init__.py", "py.typed")), ATLAS]


@pytest.mark.parametrize(
    "names",
    [
        [*GOOD, "ui/frame.py"],
        [*GOOD, "tests/conftest.py"],
        [*GOOD, "app.py"],
        [*GOOD, "geometry/notes.txt"],
        [*GOOD, "geometry/other.npz"],
        [*GOOD, "geometry/other.json"],
        [name for name in GOOD if "learning" not in name],
        [name for name in GOOD if name != "projectors/py.typed"],
    ],
)
def test_a_wrong_wheel_is_seen(names: list[str]) -> None:
    assert file_complaints([*GOOD, "birkhoff_explorer-1.dist-info/METADATA"]) == []
    assert file_complaints(names)


@pytest.mark.parametrize(
    "line",
    ["streamlit==1.67.0", "streamlit>=1,<2", "torch==2.13.0", "torch", "torch>=2.6", 'plotly; python_version>"3"'],
)
def test_a_requirement_of_too_much_is_seen(line: str) -> None:
    assert requirement_complaints(["torch>=2.6,<3", 'streamlit==1.67.0; extra == "app"']) == []
    assert requirement_complaints([line])


def test_the_wheel_holds_the_library_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert file_complaints(names) == []
    modules = {str(path.relative_to(ROOT)) for top in LIBRARY for path in (ROOT / top).rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == modules


def test_the_wheel_holds_all_that_is_shipped(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if any(name.endswith(ending) for ending, _ in DATA)}
    ours = {path for top in LIBRARY for ending, _ in DATA for path in (ROOT / top).rglob(f"*{ending}")}
    assert shipped == {str(path.relative_to(ROOT)) for path in ours}
    assert ATLAS in shipped


def test_the_library_asks_for_ranges_and_the_app_for_its_pins(wheel: Path) -> None:
    told = metadata(wheel)
    assert requirement_complaints(told["Requires-Dist"]) == []
    assert set(told["Provides-Extra"]) == {
        "app",
        "hub",
        "contacts",
        "train",
        "gpt2",
        "stories",
        "judges",
        "proofs",
        "sweeps",
    }
    library = [Requirement(line) for line in told["Requires-Dist"] if "extra" not in line]
    assert {wanted.name for wanted in library} == {"torch", "numpy", "scipy", "shapely", "contourpy", "safetensors"}


def test_the_pins_of_the_app_are_told_twice_alike() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {wanted.name: wanted for wanted in map(Requirement, (line for line in lines if line[:1] not in {"", "#"}))}
    app = [Requirement(line) for line in project["optional-dependencies"]["app"]]
    library = [Requirement(line) for line in project["dependencies"]]
    assert {wanted.name for wanted in app + library} == set(pinned)
    assert [wanted for wanted in app if wanted != pinned[wanted.name]] == []
    exact = [(wanted, each) for wanted in library for each in pinned[wanted.name].specifier if each.operator == "=="]
    assert all(wanted.specifier.contains(each.version) for wanted, each in exact)


PROGRAM = """
import importlib, json, sys
blocks, strangers, library, folder = json.load(sys.stdin)
sys.modules.update(dict.fromkeys(strangers))  # importing one of these raises ImportError from here on
for name in library:
    file = importlib.import_module(name).__file__
    assert file.startswith(folder), f"{name} comes from {file}"
namespace = {"__name__": "readme"}
for block in blocks:
    exec(compile(block, "README.md", "exec"), namespace)
from geometry.reach.shipped import load
from projectors import Orthostochastic
assert load(Orthostochastic(4, 2), 101, 0) is not None, "the shipped maps are not found"
"""


def test_the_readme_runs_from_the_installed_library(wheel: Path, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip("install", "--no-compile", "--target", str(folder), str(wheel))
    told = [python_blocks(README.read_text(encoding="utf-8")), [*APP, "ui", "figures", "tests"], LIBRARY, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        cwd=elsewhere,
        env=environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
