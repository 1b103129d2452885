"""Training a language model: one iteration after the other, the same again after a stop, in one process or several."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from math import cos, pi
from time import perf_counter
from typing import Any, cast

import numpy as np
import torch
from torch import Generator, Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from networks.language_model.answers import sampled
from networks.language_model.mixing import Mixing, mixing
from networks.language_model.model import LanguageModel
from networks.language_model.settings import Architecture, Schedule
from networks.language_model.text import Corpus, Tokens

EVALUATION = 2**32
"""Added to the seed where batches are drawn to evaluate on, so that they are the same ones every time."""


@dataclass(frozen=True)
class Step:
    """One iteration: its number from 1, the loss before it in nats, the norm of its gradient, and the learning rate.

    `seconds` it took, and `tokens` that all processes saw. `evaluated` is the mean loss of text that is not trained on,
    `sites` are the mixing matrices of every site, `sample` is what the network writes by now; None, and empty, where
    nobody looked.
    """

    iteration: int
    loss: float
    gradient: float
    rate: float
    seconds: float
    tokens: int
    evaluated: float | None = None
    sites: tuple[Mixing, ...] = ()
    sample: str | None = None


def rate(schedule: Schedule, iteration: int) -> float:
    """Schedule, an iteration from 0 -> its learning rate: linear warmup, then a cosine to `least`."""
    if iteration < schedule.warmup:
        return schedule.rate * (iteration + 1) / schedule.warmup
    left = max(1, schedule.iterations - schedule.warmup)
    share = min(1.0, (iteration - schedule.warmup) / left)
    return schedule.least + (schedule.rate - schedule.least) * (1 + cos(pi * share)) / 2


def drawn(tokens: Tokens, context: int, count: int, seed: int, number: int) -> Tensor:
    """Tokens (k,) -> random passages (count, context + 1) of them, the same for one seed and number everywhere."""
    choose = np.random.default_rng([seed, number])
    begins = choose.integers(0, len(tokens) - context, count)
    return torch.from_numpy(np.stack([tokens[begin : begin + context + 1] for begin in begins]).astype(np.int64))


@dataclass(eq=False)
class Training:
    """A network on its way: its weights, the optimizer's state, and how many iterations are done.

    In a process group of `torch.distributed`, every process makes one, and sees its share of every batch. `reseed` is
    called with a number of its own before each iteration: what dropout draws from, torch's own state, is the caller's
    to set. Batches and weights depend on the schedule's seed alone. Raises ValueError where the text is shorter than
    the context, or a batch cannot be shared out.
    """

    architecture: Architecture
    schedule: Schedule
    corpus: Corpus
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    reseed: Callable[[int], object] | None = None
    done: int = 0

    def __post_init__(self) -> None:
        group = distributed.is_available() and distributed.is_initialized()
        self.rank, self.world = (distributed.get_rank(), distributed.get_world_size()) if group else (0, 1)
        context, batch = self.architecture.context, self.schedule.batch
        for name, part in (("training", self.corpus.training), ("held out", self.corpus.held_out)):
            if len(part) <= context:
                raise ValueError(
                    f"the {name} part of the text has {len(part):,} tokens, and the context is {context:,}"
                )
        if batch % self.world:
            raise ValueError(f"a batch of {batch} cannot be shared by {self.world} processes")
        generator = Generator().manual_seed(self.schedule.seed)
        self.model = LanguageModel(self.architecture, self.corpus.encoding.size, generator).to(self.device)
        self.precision = self._precision()
        self.optimizer = self._optimizer()
        step: Any = _Loss(self.model)
        if self.schedule.compile:
            step = torch.compile(step)
        self.step = DistributedDataParallel(step) if group else step

    def _precision(self) -> torch.dtype:
        wanted = self.schedule.precision
        if wanted == "best":
            cuda = self.device.type == "cuda" and torch.cuda.is_bf16_supported()
            wanted = "bfloat16" if cuda else "float32"
        return cast(torch.dtype, getattr(torch, wanted))

    def _optimizer(self) -> torch.optim.AdamW:
        """Matrices decay, and nothing else does: neither norms nor the biases in which the mixing starts."""
        parameters = list(self.model.parameters())
        groups = [
            {"params": [each for each in parameters if each.ndim >= 2], "weight_decay": self.schedule.decay},
            {"params": [each for each in parameters if each.ndim < 2], "weight_decay": 0.0},
        ]
        betas = (self.schedule.beta1, self.schedule.beta2)
        return torch.optim.AdamW(groups, self.schedule.rate, betas, fused=self.device.type == "cuda")

    def steps(self) -> Iterator[Step]:
        """Train to the end of the schedule, and tell of every iteration."""
        schedule = self.schedule
        while self.done < schedule.iterations:
            began = perf_counter()
            size = rate(schedule, self.done)
            for group in self.optimizer.param_groups:
                group["lr"] = size
            if self.reseed is not None:
                self.reseed(self.done)
            self.model.train()
            self.optimizer.zero_grad(set_to_none=True)
            loss = self._gradients()
            bound = schedule.clip or float("inf")
            norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), bound))
            looked = self._due(schedule.record_every)
            sites = self.mixing() if looked else ()  # with this iteration's gradients, before they are used up
            self.optimizer.step()
            self.done += 1
            tokens = schedule.accumulation * schedule.batch * self.architecture.context
            took = perf_counter() - began
            evaluated = self.evaluated() if self._due(schedule.evaluate_every, before=False) else None
            sample = self.sample() if self._due(schedule.sample_every, before=False) else None
            yield Step(self.done, loss, norm, size, took, tokens, evaluated, sites, sample)

    def _due(self, every: int, *, before: bool = True) -> bool:
        """Whether the iteration that is under way, or that was just done, is one at which something is looked at."""
        number = self.done + before
        return every > 0 and (number % every == 0 or number in (1, self.schedule.iterations))

    def _gradients(self) -> float:
        """Go through an iteration's batches, forwards and backwards -> their mean loss over all processes."""
        total, parts = torch.zeros((), device=self.device), self.schedule.accumulation
        for part in range(parts):
            with self._alone(part < parts - 1):
                with self._casting():
                    loss = self.step(self._batch(self.done * parts + part)) / parts
                loss.backward()
            total += loss.detach()
        if self.world > 1:
            distributed.all_reduce(total)
            total /= self.world
        return float(total)

    def _batch(self, number: int) -> Tensor:
        """The share (batch / processes, context + 1) that this process has of a batch, which is the same for all."""
        schedule = self.schedule
        whole = drawn(self.corpus.training, self.architecture.context, schedule.batch, schedule.seed, number)
        return whole[self.rank :: self.world].to(self.device)

    def _casting(self) -> AbstractContextManager[object]:
        lower = self.precision != torch.float32
        return torch.autocast(self.device.type, self.precision) if lower else nullcontext()

    def _alone(self, alone: bool) -> AbstractContextManager[object]:
        """Whether gradients of this part wait for those that follow before they are shared."""
        parallel = isinstance(self.step, DistributedDataParallel)
        return cast(DistributedDataParallel, self.step).no_sync() if alone and parallel else nullcontext()

    @torch.no_grad()
    def evaluated(self) -> float:
        """Return the mean loss over some passages that are not trained on, always the same ones."""
        self.model.eval()
        total, count = 0.0, self.schedule.evaluation_batches
        for number in range(count):
            batch = self._held_out(number)
            with self._casting():
                total += float(self.model.loss(batch)) / count
        return total

    def mixing(self) -> tuple[Mixing, ...]:
        """Return what the mixing matrices of all sites do to passages that are not trained on."""
        with self._casting():
            return mixing(self.model, self._held_out(0))

    def sample(self) -> str:
        """Return what the network writes by now, after a new line where the text has some, drawn from the seed."""
        encoding = self.corpus.encoding
        try:
            begin = encoding.encode("\n")
        except ValueError:
            begin = self.corpus.held_out[:1]
        prompt = torch.from_numpy(begin.astype(np.int64)).to(self.device)
        generator = Generator().manual_seed(self.schedule.seed)
        tokens = sampled(self.model, prompt, self.schedule.sample_tokens, generator=generator)
        return encoding.decode(list(tokens))

    def _held_out(self, number: int) -> Tensor:
        schedule, context = self.schedule, self.architecture.context
        found = drawn(self.corpus.held_out, context, schedule.batch, schedule.seed + EVALUATION, number)
        return found.to(self.device)


class _Loss(nn.Module):
    """Tokens (batch, T + 1) -> loss (): what processes share and compilers compile is a module's forward."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor) -> Tensor:
        return self.model.loss(tokens)
