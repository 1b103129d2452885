"""Every Python block in the README runs, in order, as one session: what a reader would paste."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```\s*$", re.DOTALL | re.MULTILINE)


def python_blocks(text: str) -> list[str]:
    """Markdown -> its Python blocks, each padded with empty lines so that a traceback names the README's own line."""
    return ["\n" * text.count("\n", 0, found.start(1)) + found.group(1) for found in BLOCK.finditer(text)]


def run(text: str, name: str) -> dict[str, object]:
    namespace: dict[str, object] = {"__name__": "readme"}
    for block in python_blocks(text):
        exec(compile(block, name, "exec"), namespace)
    return namespace


def test_blocks_share_one_namespace_and_run_in_order() -> None:
    text = "# T\n```python\nx = 1\n```\n```sh\nnot python\n```\n```python\nx += 1\n```\n"
    assert run(text, "planted")["x"] == 2


def test_a_broken_block_is_reported_at_its_own_line() -> None:
    text = "# T\n\n```python\nfine = 1\n1 / 0\n```\n"
    with pytest.raises(ZeroDivisionError) as raised:
        run(text, "planted")
    assert [entry.lineno + 1 for entry in raised.traceback][-1] == 5


def test_readme_runs() -> None:
    text = README.read_text(encoding="utf-8")
    assert python_blocks(text), "README.md shows no Python block"
    run(text, str(README))
