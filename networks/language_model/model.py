"""A decoder-only transformer whose residual stream may be n streams: nanoGPT's network with any method in it."""

from __future__ import annotations

from math import sqrt

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from networks.blocks import block
from networks.language_model.methods import connection, projector
from networks.language_model.settings import Architecture
from networks.streams import Contract, Expand
from projectors.checks import instance, whole_number

SPREAD = 0.02
"""Standard deviation of weights at the start, that of GPT-2."""

LARGEST_VOCABULARY = 2**16
"""Tokens are kept in 16 bits."""


class LanguageModel(nn.Module):
    """Tokens (batch, T), T <= context -> logits of the next ones (batch, T, vocabulary).

    No biases; the embedding of tokens is the read-out, too. In the state_dict: `tokens.weight` (vocabulary, C),
    `places.weight` (context, C), `blocks.l.0` (attention) and `blocks.l.1` (MLP) of layer l, each a `Residual` or a
    `HyperConnection`, and `norm.weight` (C). Weights are drawn by `generator`, by default torch's own. Raises
    ValueError for a network that does not exist, and for tokens of another shape.

    >>> from networks.language_model import Architecture
    >>> model = LanguageModel(Architecture("go-mHC", n=4, s=2, layers=2, heads=2, width=32, context=16), vocabulary=65)
    >>> model(torch.zeros(1, 16, dtype=torch.long)).shape
    torch.Size([1, 16, 65])
    """

    def __init__(self, architecture: Architecture, vocabulary: int, generator: Generator | None = None) -> None:
        super().__init__()
        self.architecture = of = instance(architecture, Architecture, "the network")
        self.vocabulary = whole_number(vocabulary, "the number of tokens", 2, LARGEST_VOCABULARY)
        mixing = projector(of)
        connect = connection(of.width, mixing, generator)
        self.tokens = nn.Embedding(vocabulary, of.width)
        self.places = nn.Embedding(of.context, of.width)
        self.expand = nn.Identity() if mixing is None else Expand(mixing.n)
        layers = [block(of.width, of.heads, connect, layer, dropout=of.dropout) for layer in range(of.layers)]
        self.blocks = nn.Sequential(*layers)
        self.contract = nn.Identity() if mixing is None else Contract()
        self.norm = nn.LayerNorm(of.width, bias=False)
        self._draw(generator)

    def _draw(self, generator: Generator | None) -> None:
        """Weights as GPT-2 starts: what is added to the stream is smaller, the more there is to add."""
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                added = name.endswith("outwards")
                spread = SPREAD / sqrt(2 * self.architecture.layers) if added else SPREAD
                nn.init.normal_(module.weight, std=spread, generator=generator)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens (batch, T) -> logits (batch, T, vocabulary)."""
        self._check(tokens)
        places = torch.arange(tokens.shape[-1], device=tokens.device)
        x = self.tokens(tokens) + self.places(places)  # (batch, T, C)
        x = functional.dropout(x, self.architecture.dropout if self.training else 0.0)
        streams = self.blocks(self.expand(x))  # (batch, T, n, C), or (batch, T, C) where there is one
        return functional.linear(self.norm(self.contract(streams)), self.tokens.weight)  # (batch, T, vocabulary)

    def loss(self, tokens: Tensor) -> Tensor:
        """Tokens (batch, T + 1) -> the mean cross-entropy () of each but the first, in nats."""
        logits = self(tokens[:, :-1])
        return functional.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())

    @property
    def parameter_count(self) -> int:
        """How many numbers are trained."""
        return sum(parameter.numel() for parameter in self.parameters())

    def _check(self, tokens: object) -> None:
        context = self.architecture.context
        wanted = f"tokens must be whole numbers of shape (batch, T) with T from 1 to {context}"
        if not isinstance(tokens, Tensor):
            raise ValueError(f"{wanted}, not {type(tokens).__name__}")
        if tokens.ndim != 2 or not 1 <= tokens.shape[1] <= context or tokens.is_floating_point():
            raise ValueError(f"{wanted}, not {tokens.dtype} of shape {tuple(tokens.shape)}")
