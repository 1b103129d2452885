"""A training step of the paper's language model with every method, against the plain one and against hyper-connections.

Every pair is timed in turn in one run: the network of Table 9 (6 layers, width 384, 50,304 tokens, n = 4), forwards,
backwards, clipped and stepped by AdamW, on the same 512 tokens of noise, in float32; and for mHC the same transformer
with hyper-connections 0.4.11 around its branches, both of its versions. Left out: reading the text, evaluation,
dropout, kernels for GPUs. Embedding and head, two thirds of the parameters, cost the same for all and make every
overhead smaller than that of a block alone, which `benchmarks/layers.py` measures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from hyper_connections import mHCv2
from hyper_connections.manifold_constrained_hyper_connections import ManifoldConstrainedHyperConnections
from torch import Generator, Tensor, nn

from benchmarks.harness import THREADS, pair, report
from benchmarks.layers import Theirs
from networks import HyperConnection
from networks.language_model import Architecture, LanguageModel
from networks.language_model.methods import names

BASELINES = {
    "residual": "the same transformer, each branch as x + branch(x)",
    "hyper-connections v1": "the same in hyper-connections 0.4.11, ManifoldConstrainedHyperConnections, 20 iterations",
    "hyper-connections v2": "the same in hyper-connections 0.4.11, mHCv2, 20 iterations",
}
VOCABULARY, BATCH = 50_304, 4
NETWORK = Architecture(context=128, dropout=0.0, coefficients="implemented")


def step(model: LanguageModel) -> Callable[[], None]:
    """Network -> what does one training step."""
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, (0.9, 0.95), weight_decay=0.1)
    tokens = torch.randint(VOCABULARY, (BATCH, NETWORK.context + 1), generator=Generator().manual_seed(0))

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss: Tensor = model.loss(tokens)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return run


def theirs(*, first: bool) -> LanguageModel:
    """The same network with their layers around its branches."""
    model = LanguageModel(replace(NETWORK, method="mHC"), VOCABULARY)
    kind = ManifoldConstrainedHyperConnections if first else mHCv2.ManifoldConstrainedHyperConnections
    sites = [name for name, module in model.named_modules() if isinstance(module, HyperConnection)]
    for number, name in enumerate(sites):
        ours = model.get_submodule(name)
        assert isinstance(ours, HyperConnection)
        around = kind(ours.n, dim=ours.width, branch=ours.branch, layer_index=number)
        model.set_submodule(name, Theirs(around, first=first))
    return model


def measured(method: str, against: str) -> dict[str, Any]:
    """Method, baseline -> the times of both."""
    ours = LanguageModel(replace(NETWORK, method=method), VOCABULARY)
    if against == "residual":
        plain = LanguageModel(replace(NETWORK, method="residual"), VOCABULARY)
    else:
        plain = theirs(first=against.endswith("v1"))
    times = pair(step(ours), step(plain), repeats=9, patience=20)
    tokens = BATCH * NETWORK.context
    return {"method": method, "against": against, "parameters": ours.parameter_count, "tokens": tokens, **times}


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    rows = [measured("mHC", name) for name in BASELINES if name != "residual"]
    rows += [measured(name, "residual") for name in names() if name != "residual"]
    report("language_model", BASELINES, rows)
