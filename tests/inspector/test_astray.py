"""What has gone wrong in a checkpoint is shown with its warning, beside what has not."""

from io import BytesIO

import pytest
import torch
from safetensors.torch import save
from torch import Tensor

import inspector


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


def test_what_is_alone_in_a_file_is_meant() -> None:
    """An orthogonal matrix mixes nothing and is all there is; beside others, it is a weight."""
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    assert inspector.open(pt(turn))[0].matrix.tolist() == turn.tolist()
    with pytest.raises(ValueError, match="1 square tensors of that size do not mix"):
        inspector.open(pt({"turn": turn, "bias": torch.zeros(2)}))
