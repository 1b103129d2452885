"""Every example runs as it stands, and what it prints is what its text says."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SAID = {
    "plug_into_what_you_have.py": ["torch.Size([8, 10, 16])", "Orthostochastic(n=4, s=2) wants 28"],
    "train_a_layer.py": [
        "KromHC with 4 numbers reaches 0.95i: False",
        "go-mHC with 28 numbers reaches 0.95i: True",
        "3 keeps",
    ],
}


def test_every_example_is_run() -> None:
    assert [path.name for path in EXAMPLES] == list(SAID)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_it_says_what_its_text_says(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert path.read_text(encoding="utf-8").startswith("# %% [markdown]\n# # ")
    found = runpy.run_path(str(path))
    said = capsys.readouterr().out
    assert [line for line in SAID[path.name] if line not in said] == []
    if "losses" in found:
        assert found["losses"][-1] < 0.5 * found["losses"][0]
