"""What has gone wrong in a checkpoint is shown with its warning, beside what has not."""

from io import BytesIO
from pathlib import Path

import pytest
import torch
from safetensors.torch import save, save_file
from torch import Tensor

import inspector
from inspector.__main__ import main
from inspector.composites import gaps


def pt(held: object) -> bytes:
    file = BytesIO()
    torch.save(held, file)
    return file.getvalue()


def spoilt(how: str) -> Tensor:
    matrix = torch.full((4, 4), 0.25)
    matrix[1, 1] = {"nan": torch.nan, "negative": -0.5, "far": 3.0}[how]
    return matrix


@pytest.mark.parametrize("how", ["nan", "negative", "far"])
@pytest.mark.parametrize("stacked", [False, True], ids=["layers", "one tensor"])
def test_a_layer_of_a_checkpoint_that_went_astray_is_shown(how: str, stacked: bool) -> None:
    layers = [torch.full((4, 4), 0.25), torch.eye(4), spoilt(how), torch.eye(4)]
    held = {"H_res": torch.stack(layers)} if stacked else {f"h.{k}.H_res": layer for k, layer in enumerate(layers)}
    held |= {"h.0.attn.weight": torch.eye(4) - 1, "h.0.attn.bias": torch.zeros(4)}
    for file in (pt(held), save(held)):
        sites = inspector.open(file)
        assert len(sites) == 4
        assert [bool(site.warnings) for site in sites] == [False, False, True, False]


def test_layers_have_no_depth_without_one_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = {f"h.{k}.mix": torch.eye(2) for k in range(3)}
    whole, broken = inspector.open(layers), inspector.open({**layers, "h.1.mix": torch.full((2, 2), torch.nan)})
    assert list(inspector.stacks(whole)) == ["h"]
    assert inspector.stacks(broken) == {}
    assert gaps(whole) == {}
    assert gaps(broken) == {"h": "h.1.mix"}
    save_file({**layers, "h.1.mix": torch.full((2, 2), torch.nan)}, tmp_path / "a.safetensors")
    assert main([str(tmp_path / "a.safetensors")]) == 0
    assert "depth of h: none, since h.1.mix is not finite" in capsys.readouterr().out


def test_what_is_numbered_is_a_stack_and_what_is_named_is_none() -> None:
    several = inspector.parse("1 0\n0 1\n\n0 1\n1 0")
    assert inspector.stacks(several)["matrix"].names == ("matrix.0", "matrix.1")
    assert inspector.stacks(inspector.open({"a": torch.eye(2), "b": torch.eye(2)})) == {}


def test_what_is_alone_in_a_file_is_meant() -> None:
    """An orthogonal matrix mixes nothing and is all there is; beside others, it is a weight."""
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    assert inspector.open(pt(turn))[0].matrix.tolist() == turn.tolist()
    with pytest.raises(ValueError, match="1 square tensors of that size do not mix"):
        inspector.open(pt({"turn": turn, "bias": torch.zeros(2)}))
