"""What the inspector reads is what the libraries themselves apply to the streams, token by token.

Models are made, saved and run by transformers 5.24 and hyper-connections 0.4.11; branches return zeros, so that all
that is left of a layer is its mixing.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import inspector

TOKENS = torch.arange(12).reshape(2, 6)


def randomized(module: nn.Module, seed: int = 0) -> nn.Module:
    """A module with standard normal parameters: whatever it starts with, every part of a formula now counts."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return module


@pytest.fixture(scope="module")
def deepseek() -> Any:
    """A tiny DeepSeek-V4, whose hyper-connections are random and whose attention and experts return zeros."""
    from transformers import DeepseekV4Config
    from transformers.models.deepseek_v4.modeling_deepseek_v4 import DeepseekV4Model

    config = DeepseekV4Config(
        vocab_size=64,
        hidden_size=32,
        num_hidden_layers=11,  # so that "10" comes after "2"
        num_attention_heads=2,
        head_dim=16,
        qk_rope_head_dim=8,
        q_lora_rank=16,
        o_groups=2,
        o_lora_rank=16,
        n_routed_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=16,
        index_n_heads=2,
        index_head_dim=16,
        index_topk=8,
        hc_sinkhorn_iters=7,
        hc_eps=1e-5,
    )
    model = DeepseekV4Model(config).eval()
    for layer in model.layers:
        randomized(layer.attn_hc)
        randomized(layer.ffn_hc)
        layer.self_attn.forward = lambda hidden_states, *_, **__: (torch.zeros_like(hidden_states), None)
        layer.mlp.forward = lambda hidden_states, *_, **__: torch.zeros_like(hidden_states)
    return model


def streams_through(model: Any) -> tuple[Tensor, Tensor]:
    """A model -> the streams (..., n, d) that enter its layers, and those that leave the last one."""
    seen: list[Tensor] = []
    hooks = [
        model.layers[0].register_forward_pre_hook(lambda _, given: seen.append(given[0])),
        model.layers[-1].register_forward_hook(
            lambda _, __, out: seen.append(out[0] if isinstance(out, tuple) else out)
        ),
    ]
    with torch.no_grad():
        model(TOKENS)
    for hook in hooks:
        hook.remove()
    return seen[0], seen[1]


def test_recorded_matrices_of_deepseek_carry_its_streams_from_the_first_layer_to_the_last(deepseek: Any) -> None:
    with inspector.record(deepseek) as seen:
        first, last = streams_through(deepseek)
    sites = seen.collection()
    assert [(site.layer, site.site) for site in sites] == [(k, part) for k in range(11) for part in ("attn", "ffn")]
    assert {(site.iterations, site.epsilon, site.last) for site in sites} == {(7, 1e-5, "rows")}
    carried, flipped = first.double().flatten(0, 1), first.double().flatten(0, 1)
    for site in sites:
        assert site.dynamic
        assert site.row_error < 2e-5 < site.column_error
        carried, flipped = site.matrix @ carried, site.matrix.mT @ flipped
    wanted = last.double().flatten(0, 1)
    assert (carried - wanted).abs().max() < 1e-4 * wanted.abs().max()
    assert (flipped - wanted).abs().max() > 0.1 * wanted.abs().max()


def test_a_saved_deepseek_is_read_shard_by_shard_with_its_own_settings(deepseek: Any, tmp_path: Path) -> None:
    deepseek.save_pretrained(tmp_path, max_shard_size="40KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 2
    on_disk, in_memory = inspector.open(tmp_path), inspector.open(deepseek)
    assert len(on_disk) == 22
    assert on_disk.layouts == ("DeepSeek-V4",)
    for saved, site in zip(on_disk, in_memory, strict=True):
        assert (saved.layer, saved.site, saved.settings) == (site.layer, site.site, "7 iterations, ε 1e-05")
        assert torch.equal(saved.matrix, site.matrix)
        assert not any("Assumed" in warning for warning in saved.warnings)
    # The static part is what the library itself makes of streams of zeros.
    layer = deepseek.layers[3]
    comb = layer.attn_hc(torch.zeros(1, 1, 4, 32))[1][0, 0]
    assert (on_disk[6].matrix - comb.double().mT).abs().max() < 1e-6


def test_without_a_configuration_what_is_assumed_is_said_and_can_be_said(deepseek: Any, tmp_path: Path) -> None:
    deepseek.save_pretrained(tmp_path / "model")
    bare = (tmp_path / "model" / "model.safetensors").rename(tmp_path / "bare.safetensors")
    sites = inspector.open(bare)
    assert sites[0].iterations == 20
    assert any("iterations 20, epsilon 1e-06" in warning for warning in sites[0].warnings)
    told = inspector.open(bare, config=tmp_path / "model" / "config.json")
    said = inspector.open(bare, iterations=7, epsilon=1e-5)
    assert torch.equal(told[5].matrix, said[5].matrix)
    assert not torch.equal(told[5].matrix, sites[5].matrix)


@pytest.mark.parametrize("family", ["hy_v4", "qwen4_exp"])
def test_families_without_mixing_are_the_identity_and_say_so(family: str, tmp_path: Path) -> None:
    if family == "hy_v4":
        from transformers import HYV4Config
        from transformers.models.hy_v4.modeling_hy_v4 import HYV4HyperConnection

        part = HYV4HyperConnection(HYV4Config(hidden_size=16, hc_mult=3))
        state = {f"model.layers.0.attn_hc.{name}": value for name, value in part.state_dict().items()}
    else:
        from transformers.models.qwen4_exp.modeling_qwen4_exp import Qwen4ExpTextConfig, Qwen4ExpTextGatedResidual

        part = Qwen4ExpTextGatedResidual(Qwen4ExpTextConfig(hidden_size=16, hc_count=3, hc_lowrank=8))
        state = {f"model.layers.0.attn_hyper_connection.{name}": value for name, value in part.state_dict().items()}
    save_file({name: torch.ones_like(value) for name, value in state.items()}, tmp_path / "model.safetensors")
    (site,) = inspector.open(tmp_path)
    assert torch.equal(site.matrix, torch.eye(3).double())
    assert not site.mixing
    assert site.warnings == ("No mixing: in this family H_res is the identity by construction.",)
    assert (site.layer, site.site) == (0, "attn")


def test_glm_is_read_as_deepseek_with_the_settings_of_its_text_model(tmp_path: Path) -> None:
    from transformers.models.glm5_next.configuration_glm5_next import Glm5NextTextConfig
    from transformers.models.glm5_next.modeling_glm5_next import Glm5NextTextHyperConnection

    config = Glm5NextTextConfig(hidden_size=16, hc_sinkhorn_iters=3)
    part = randomized(Glm5NextTextHyperConnection(config))
    state = {f"model.language_model.layers.0.attn_hc.{name}": value for name, value in part.state_dict().items()}
    save_file(
        {name: value.bfloat16() if name.endswith("fn") else value for name, value in state.items()},
        tmp_path / "a.safetensors",
    )
    (tmp_path / "config.json").write_text(json.dumps({"text_config": {"hc_sinkhorn_iters": 3, "hc_eps": 1e-6}}))
    (site,) = inspector.open(tmp_path)
    comb = part(torch.zeros(1, 1, 4, 16))[1][0, 0]
    assert (site.matrix - comb.double().mT).abs().max() < 1e-6
    assert site.iterations == 3


# --- hyper-connections ----------------------------------------------------------------------------------------------


def lucidrains(version: int) -> tuple[nn.Module, Tensor, Any]:
    """A layer of either version, what enters it, and what makes streams (..., s, d) of that."""
    if version == 1:
        from hyper_connections import mHC
    else:
        from hyper_connections.mHCv2 import ManifoldConstrainedHyperConnections as mHC

    layer = randomized(mHC(4, dim=16, layer_index=0, num_dynamic_alpha_proposals=2, sinkhorn_iters=5))
    generator = torch.Generator().manual_seed(1)
    if version == 1:
        return layer, torch.randn(8, 5, 16, generator=generator), lambda x: x.unflatten(0, (2, 4)).movedim(1, -2)
    return layer, torch.randn(2, 5, 4, 16, generator=generator), lambda x: x


@pytest.mark.parametrize("version", [1, 2])
def test_recorded_matrices_of_hyper_connections_are_what_it_applies(version: int) -> None:
    layer, entering, streams = lucidrains(version)
    with inspector.record(layer, iterations=5) as seen, torch.no_grad():
        layer(entering)
        mixed = layer.width_connection(entering)[1]  # type: ignore[operator]
    (site,) = seen.collection()
    assert site.last == "columns"
    before, wanted = (streams(x).double() for x in (entering, mixed))
    matrix = site.matrix.reshape(2, 5, 4, 4)
    assert (matrix @ before - wanted).abs().max() < 1e-5
    assert (matrix.mT @ before - wanted).abs().max() > 0.1


@pytest.mark.parametrize("version", [1, 2])
def test_a_state_dict_of_hyper_connections_survives_ddp_compile_and_nanogpt(version: int, tmp_path: Path) -> None:
    layer, entering, _ = lucidrains(version)
    zeros = torch.zeros_like(entering)
    with torch.no_grad():
        alpha = layer.residual_mix_constraint_fn(layer.static_alpha[:, -4:].float())  # type: ignore[operator, index]
    state = {
        f"_orig_mod.module.transformer.h.{h}.hc_mlp.{k}": v for h in (10, 2) for k, v in layer.state_dict().items()
    }
    torch.save(
        {"model": state, "config": {"sinkhorn_iters": 5}, "optimizer": {"state": {0: {"exp_avg": zeros}}}},
        tmp_path / "ckpt.pt",
    )
    sites = inspector.open(tmp_path / "ckpt.pt")
    assert [site.name for site in sites] == ["transformer.h.2.hc_mlp", "transformer.h.10.hc_mlp"]
    assert (sites[0].matrix - alpha.double().mT).abs().max() < 1e-6
    assert not any("Assumed" in warning for warning in sites[0].warnings)
