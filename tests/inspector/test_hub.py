"""Models on the Hub: a local server answers as it does, and what it sends is counted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import inspector
from tests.inspector.hub import REPO, REVISION, served

HEADER_FIRST = 100_000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of three shards with hyper-connections beside 2 MB of weights each, and one shard without."""
    folder, names = tmp_path_factory.mktemp("model"), {}
    generator = torch.Generator().manual_seed(0)
    for shard in range(4):
        tensors = {f"model.big.{shard}": torch.randn(512, 1024, generator=generator)}
        for layer in (2 * shard, 2 * shard + 1) if shard < 3 else ():
            for part in ("attn", "ffn"):
                tensors[f"model.layers.{layer}.{part}_hc.base"] = torch.randn(24, generator=generator)
                tensors[f"model.layers.{layer}.{part}_hc.scale"] = torch.ones(3)
        name = f"model-{shard}-of-4.safetensors"
        save_file(tensors, folder / name)
        names |= dict.fromkeys(tensors, name)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    (folder / "config.json").write_text(json.dumps({"hc_sinkhorn_iters": 7, "hc_eps": 1e-5}))
    return folder


def opened(address: str, endpoint: str) -> list[object]:
    """Names, settings and matrices as another process reads them: huggingface_hub reads HF_ENDPOINT once, at import."""
    program = f"""
import json, inspector
try:
    sites = inspector.open({address!r})
    print(json.dumps([[site.name, site.settings, site.matrix.tolist()] for site in sites]))
except ValueError as error:
    print(json.dumps(str(error)))
"""
    ours = {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_TELEMETRY": "1", "HOME": "/nonexistent"}
    environment = os.environ | ours  # what chooses torch's kernels stays: matrices are compared to the last bit
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_a_model_is_read_by_its_headers_and_parameters_alone(model: Path) -> None:
    with served(model) as sent:
        found = opened(f"hf://{REPO}@{REVISION}", sent.address)
    wanted = [[site.name, site.settings, site.matrix.tolist()] for site in inspector.open(model)]
    assert len(wanted) == 12
    assert found == wanted
    assert "model-3-of-4.safetensors" not in sent.count  # nothing of interest in it
    for shard in range(3):
        assert sent.count[f"model-{shard}-of-4.safetensors"] <= HEADER_FIRST + 4 * 24 * 4


def test_a_site_that_two_files_share_is_read_from_both(tmp_path: Path) -> None:
    recipe = torch.tensor(list(b"Identity(n=3)"), dtype=torch.uint8)
    parts = [
        {
            "layers.0.hc_attn_base": torch.zeros(24),
            "layers.1.mlp.static_alpha": torch.eye(4, 5),
            "h.3.recipe.text": recipe,
        },
        {"layers.0.hc_attn_scale": torch.ones(3), "layers.1.mlp.dynamic_alpha_scale": torch.ones(1)},
        {"h.3.bias": torch.zeros(6)},
        {"layers.0.attn.weight": torch.zeros(4, 2), "h.4.bias": torch.zeros(6)},
    ]
    names = {}
    for number, tensors in enumerate(parts):
        save_file(tensors, tmp_path / f"{number}.safetensors")
        names |= dict.fromkeys(tensors, f"{number}.safetensors")
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    with served(tmp_path) as sent:
        found = opened(f"hf://{REPO}@{REVISION}", sent.address)
    assert found == [[site.name, site.settings, site.matrix.tolist()] for site in inspector.open(tmp_path)]
    assert len(found) == 3
    assert "3.safetensors" not in sent.count


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("hf://name", "must be hf://owner/name or hf://owner/name@revision"),
        ("hf://org/name/model.safetensors", "must be hf://owner/name"),
        ("hf://../name@x y", "must be hf://owner/name"),
        ("hf://org/other", "cannot be read"),
    ],
)
def test_what_is_not_there_is_said(model: Path, address: str, sentence: str) -> None:
    with served(model) as sent:
        assert sentence in str(opened(address, sent.address))


def test_without_a_connection_a_sentence_says_so() -> None:
    assert "hf://org/name cannot be read" in str(opened("hf://org/name", "http://127.0.0.1:9"))
