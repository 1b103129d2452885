"""The order in which a signal meets sites does not depend on what stands around their layers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import inspector
from inspector.names import in_order
from networks import Expand, HyperConnection
from projectors import Orthostochastic

SITES = [f"{layer}.{part}" for layer in range(12) for part in ("hc_attn", "hc_mlp")]


def mixtures(names: list[str]) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    projector = Orthostochastic(3, 1)
    matrices = projector(projector.initial(len(names), generator=generator))
    return dict(zip(names, matrices, strict=True))


@pytest.mark.parametrize("around", ["h.", "", "model.0.h.", "2.", "1.h.", "params.layers_0.layers_", "net.7."])
def test_a_number_around_all_layers_changes_nothing(around: str) -> None:
    """As files have them, sorted as texts, so that 10 comes before 2."""
    plain, wrapped = mixtures(SITES), {around + name: matrix for name, matrix in mixtures(SITES).items()}
    found = inspector.open(dict(sorted(wrapped.items())))
    assert [site.name for site in found] == [around + name for name in plain]
    assert [(site.layer, site.site) for site in found] == [(k, part) for k in range(12) for part in ("attn", "mlp")]
    (stack,) = inspector.stacks(found).values()
    product = torch.linalg.multi_dot(list(plain.values())[::-1])
    assert (stack.composites[-1] - product).abs().max() < 1e-12


def test_layers_of_stages_are_counted_through_all_of_them() -> None:
    names = [f"stages.{k}.blocks.{i}.{part}" for k in range(2) for i in range(11) for part in ("attn", "mlp")]
    placed = in_order(sorted(names))
    assert [name for name, _ in placed] == names
    assert [place.layer for _, place in placed] == [layer for layer in range(22) for _ in range(2)]
    assert {place.stack for _, place in placed} == {"stages"}


def test_layers_in_a_list_within_a_sequence_follow_each_other() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attn, self.mlp = (HyperConnection(8, Orthostochastic(4, 2)) for _ in range(2))

    sites = inspector.open(nn.Sequential(nn.Linear(8, 8), Expand(4), nn.ModuleList([Block(), Block()])))
    assert [(site.name, site.layer) for site in sites] == [
        ("2.0.attn", 0),
        ("2.0.mlp", 0),
        ("2.1.attn", 1),
        ("2.1.mlp", 1),
    ]


def test_sublayers_without_a_name_are_parts_of_their_layer() -> None:
    placed = in_order([f"blocks.{layer}.{part}" for layer in range(2) for part in range(2)])
    assert [(place.layer, place.site) for _, place in placed] == [(0, "0"), (0, "1"), (1, "0"), (1, "1")]


def test_checkpoints_of_one_training_do_not_follow_each_other(tmp_path: Path) -> None:
    for step in (1000, 20000, 3000):
        np.savez(tmp_path / f"ckpt_{step}.npz", **{f"h.{k}.mix": np.eye(2) for k in range(2)})
    sites = inspector.open(tmp_path)
    names = [[f"ckpt_{step}.npz: h.{k}.mix" for k in range(2)] for step in (1000, 3000, 20000)]
    assert [list(stack.names) for stack in inspector.stacks(sites).values()] == names
    assert [site.layer for site in sites] == [0, 1] * 3
    (tmp_path / "arrays").mkdir()
    for step in (1, 2):
        np.save(tmp_path / "arrays" / f"ckpt_{step}.npy", np.eye(2))
    assert inspector.stacks(inspector.open(tmp_path / "arrays")) == {}


@pytest.mark.parametrize("name", ["layer_{}", "block{}", "h.{}"])
def test_files_that_are_layers_follow_each_other(tmp_path: Path, name: str) -> None:
    for layer in (10, 2):
        np.save(tmp_path / f"{name.format(layer)}.npy", np.eye(2))
    sites = inspector.open(tmp_path)
    assert [site.layer for site in sites] == [2, 10]
    assert [len(stack.names) for stack in inspector.stacks(sites).values()] == [2]
