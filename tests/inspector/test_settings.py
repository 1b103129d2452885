"""Settings count for what they were saved with, and for nothing beside it."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch

import inspector
from inspector import Settings
from inspector.uploads import uploaded

LOGITS = torch.tensor([[0.0, -1.0], [-1.0, 0.0]])
FIRST, SECOND = {"sinkhorn_tau": 1.0, "sinkhorn_iters": 20}, {"sinkhorn_tau": 0.5, "sinkhorn_iters": 7}
ASSUMED = "10 iterations, τ 0.05"


def pt(held: dict[str, Any]) -> bytes:
    file = BytesIO()
    torch.save(held, file)
    return file.getvalue()


def state(name: str = "H_res_logits") -> dict[str, Any]:
    return {name: LOGITS}


@pytest.mark.parametrize("alike", [True, False], ids=["names alike", "names apart"])
def test_each_of_several_files_is_read_as_it_is_alone(alike: bool, tmp_path: Path) -> None:
    files = {
        f"{letter}.pt": pt({"model": state(f"h.{0 if alike else number}.H_res_logits"), **said})
        for number, (letter, said) in enumerate([("a", {"config": FIRST}), ("b", {"config": SECOND}), ("c", {})])
    }
    alone = [uploaded({name: data}, Settings())[0] for name, data in files.items()]
    assert [site.settings for site in alone] == ["20 iterations", "7 iterations, τ 0.5", ASSUMED]
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    for found in (uploaded(files, Settings()), inspector.open(tmp_path)):
        assert [site.settings for site in found] == [site.settings for site in alone]
        assert all(torch.equal(site.matrix, own.matrix) for site, own in zip(found, alone, strict=True))
    beside = uploaded({**files, "config.json": b'{"sinkhorn_tau": 2.0}'}, Settings())
    assert [site.temperature for site in beside] == [1, 0.5, 2]
    told = inspector.open(tmp_path, config={"sinkhorn_tau": 2.0})
    assert [(site.temperature, site.iterations) for site in told] == [(2, 20), (2, 7), (2, 10)]
    with pytest.raises(ValueError, match=r"at most one config\.json"):
        uploaded({**files, "config.json": b'{"a": 1}', "b/config.json": b'{"a": 2}'}, Settings())


@pytest.mark.parametrize(
    "held", [{"H_res_logits": LOGITS}, {"hc_attn_base": torch.arange(8.0), "hc_attn_scale": torch.ones(3)}]
)
def test_files_that_are_one_site_each_stay_apart(held: dict[str, Any]) -> None:
    (alone,) = uploaded({"a.pt": pt(held)}, Settings())
    sites = uploaded({"a.pt": pt(held), "b.pt": pt(held)}, Settings())
    assert [site.layout for site in sites] == [alone.layout] * 2
    assert all(torch.equal(site.matrix, alone.matrix) for site in sites)


@pytest.mark.parametrize(
    ("held", "settings"),
    [
        ({"model": state(), "config": FIRST, "teacher": {"config": SECOND}}, ["20 iterations"]),
        (
            {"model": state(), "config": FIRST, "teacher": {"model": state(), "config": SECOND}},
            ["20 iterations", "7 iterations, τ 0.5"],
        ),
        ({"model": state(), "config": FIRST, "default_config": SECOND}, ["20 iterations"]),
        ({"model": state(), "default_config": SECOND, "config": FIRST}, ["20 iterations"]),
        ({"model": state(), "config": {"inner": SECOND, **FIRST}}, ["20 iterations"]),
        ({"model": state(), "one": FIRST, "other": SECOND}, [ASSUMED]),  # nobody knows whose they are
        ({"model": state(), "one": FIRST, "other": FIRST}, ["20 iterations"]),
    ],
)
def test_settings_are_those_of_the_dictionary_around_them(held: dict[str, Any], settings: list[str]) -> None:
    assert [site.settings for site in inspector.open(pt(held))] == settings


@pytest.mark.parametrize(
    "held",
    [
        {"model": {"H": torch.eye(2)}, "state_dict": {"H": torch.eye(2).flip(0)}},
        {"a": {"H": torch.eye(2)}, "module": {"a": {"H": torch.eye(2).flip(0)}}},
        {"_orig_mod.H": torch.eye(2), "H": torch.eye(2).flip(0)},
    ],
)
def test_no_tensor_is_lost_to_another_of_its_name(held: dict[str, Any]) -> None:
    first, second = inspector.open(held)
    assert torch.equal(first.matrix.flip(0), second.matrix)
    assert first.name != second.name
    with pytest.raises(ValueError, match="two tensors by one name"):
        inspector.open({"a.b": torch.eye(2), "a": {"b": torch.eye(2)}})
