"""What a trained network says: text that goes on from a prompt, and how well it foresees a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import torch
from torch import Generator, Tensor
from torch.nn import functional

from networks.language_model.model import LanguageModel
from networks.language_model.text import Corpus, Tokens
from projectors.checks import real_number, whole_number


@torch.no_grad()
def sampled(
    model: LanguageModel,
    prompt: Tensor,
    count: int,
    *,
    generator: Generator,
    temperature: float = 0.8,
    top: int = 0,
) -> Iterator[int]:
    """Network, tokens (k,), k >= 1, how many -> so many tokens that go on from there, one after the other.

    Divides logits by `temperature`, 0 taking the likeliest; of the others only the `top` likeliest are drawn from, 0
    being all. Raises ValueError for an empty prompt and for numbers out of range.
    """
    whole_number(count, "how many tokens", 0, 2**31)
    whole_number(top, "top", 0)
    real_number(temperature, "the temperature", 0, 1e6)
    if prompt.ndim != 1 or not len(prompt):
        raise ValueError(f"the prompt must be one token at least, (k,), not {tuple(prompt.shape)}")
    seen = prompt[None]
    for _ in range(count):
        logits = model.eval()(seen[:, -model.architecture.context :])[0, -1].float()
        token = int(logits.argmax()) if temperature == 0 else _drawn(logits, temperature, top, generator)
        yield token
        seen = torch.cat([seen, seen.new_tensor([[token]])], 1)


def _drawn(logits: Tensor, temperature: float, top: int, generator: Generator) -> int:
    # Less the largest, which stays 0 whatever it is divided by; what is smaller yet would be 0 in single precision.
    logits = (logits - logits.amax()) / max(temperature, 1e-30)
    if top:
        least = logits.topk(min(top, len(logits))).values[-1]
        logits = logits.masked_fill(logits < least, -torch.inf)
    shares = functional.softmax(logits.to(generator.device), -1)
    return int(torch.multinomial(shares, 1, generator=generator))


@dataclass(frozen=True)
class Score:
    """How well a network foresees a text: mean loss of a token in nats, and bits for a byte of it."""

    loss: float
    bits_per_byte: float
    tokens: int


@torch.no_grad()
def score(model: LanguageModel, tokens: Tokens, bytes_per_token: float, batch: int = 32) -> Score:
    """Network, tokens (k,) of a text -> how well it foresees all but the first, in passages as long as its context.

    Every passage begins without knowing what came before. Raises ValueError where there are fewer than two tokens.
    """
    if len(tokens) < 2:
        raise ValueError(f"a text must have 2 tokens at least to be foreseen, not {len(tokens)}")
    device = next(model.parameters()).device
    context, total, count = model.architecture.context, 0.0, 0
    for passages in _passages(tokens, context, batch):
        given = passages.to(device)
        total += float(model.eval().loss(given)) * given[:, 1:].numel()
        count += given[:, 1:].numel()
    loss = total / count
    return Score(loss, loss / log(2) / bytes_per_token, count)


def _passages(tokens: Tokens, context: int, batch: int) -> Iterator[Tensor]:
    """All tokens in order as (batch, context + 1), overlapping by one; what is left over as one passage."""
    whole = (len(tokens) - 1) // context
    for begin in range(0, whole, batch):
        rows = [tokens[row * context : (row + 1) * context + 1] for row in range(begin, min(whole, begin + batch))]
        yield torch.stack([torch.from_numpy(row.astype("int64")) for row in rows])
    if len(rest := tokens[whole * context :]) >= 2:
        yield torch.from_numpy(rest.astype("int64"))[None]


def held_out(model: LanguageModel, corpus: Corpus) -> Score:
    """Network, text -> its score on the part of the text that is not trained on."""
    return score(model, corpus.held_out, corpus.bytes_per_token)
