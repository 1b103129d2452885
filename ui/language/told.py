"""Where runs of a language model come from: those that come along, those trained here, and a reader's files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2s
from time import perf_counter
from typing import TYPE_CHECKING

from ui.work import Work

if TYPE_CHECKING:
    from networks.language_model import Architecture, Schedule
    from networks.language_model.compared import Compared
    from networks.language_model.history import History

MISSING = "the curves end where training stopped"

PAUSE = 1.0
"""Seconds between two looks at a training."""

PLAIN_MICROSECONDS, MIXED_MICROSECONDS, WRITTEN_MILLISECONDS = 90, 12, 8
"""What a token takes to learn with the plain preset on one thread, what a site adds to it, and a letter to write."""


@dataclass(frozen=True, eq=False)
class Told:
    """A run as far as it came: what it told, of how many iterations, and where they are known its network and result.

    `files` are those of its folder, when it was trained here to the end, or brought along.
    """

    history: History
    iterations: int
    architecture: Architecture | None = None
    row: Compared | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def step(self) -> int:
        """The last iteration."""
        return int(self.history.iterations[-1]) if len(self.history.iterations) else 0

    @property
    def finished(self) -> bool:
        """Whether it came to its end."""
        return self.step >= self.iterations


@dataclass(frozen=True)
class Text:
    """What a network learns: its words for the page, the text itself, and Python that reads it; equal if it is."""

    word: str
    text: str = field(repr=False)
    code: str = ""

    @property
    def digest(self) -> str:
        """Eight letters that tell it from others."""
        return blake2s(self.text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def finished(n: int, label: str) -> Work[Told]:
    """Streams, label of a run that comes along -> that run."""

    def make() -> Iterator[Told]:
        from networks.language_model.shipped import shipped

        found = shipped(n)
        history = found.histories[label]
        yield Told(history, found.schedule.iterations, found.networks[label], found.rows[label])

    return at_hand(("language model", n, label), make)


def at_hand(key: tuple[object, ...], make: Callable[[], Iterator[Told]]) -> Work[Told]:
    """Key, maker of a run that is there already -> it, as work that is done."""
    return Work(key, make, lambda _: True, lambda _: 1.0, lambda _: "done", seconds=0.01)


def training(architecture: Architecture, schedule: Schedule, text: Text, owner: object = None) -> Work[Told]:
    """Network, schedule, text -> its training, as it goes on; `owner` is the visit that the text belongs to."""

    def make() -> Iterator[Told]:
        from networks.language_model import runs
        from networks.language_model.history import history
        from networks.language_model.text import in_memory
        from networks.language_model.training import Training

        under_way = Training(architecture, schedule, in_memory(text.text))
        steps, next_look = [], 0.0
        for step in under_way.steps():
            steps.append(step)
            if perf_counter() < next_look and step.iteration < schedule.iterations:
                continue
            next_look = perf_counter() + PAUSE
            last = step.iteration == schedule.iterations
            files = runs.files(under_way, steps) if last else {}
            yield Told(history(map(runs.told, steps)), schedule.iterations, architecture, files=files)

    return Work(
        key=(owner, "trained", architecture, schedule, text.digest),
        make=make,
        finished=lambda found: found.finished,
        share=lambda found: found.step / schedule.iterations,
        told=lambda found: f"{found.step:,} of {schedule.iterations:,} iterations",
        seconds=training_seconds(architecture, schedule),
        unasked=False,
    )


def training_seconds(architecture: Architecture, schedule: Schedule) -> float:
    """Network, schedule -> about how long the training takes on one core."""
    from geometry.devices import expected_seconds
    from networks.language_model.methods import projector
    from projectors import Projector

    tokens = schedule.batch * schedule.accumulation * architecture.context
    seconds = tokens * PLAIN_MICROSECONDS * 1e-6
    mixing = projector(architecture)
    if mixing is not None:
        sites = 2 * architecture.layers
        seconds += sites * tokens * MIXED_MICROSECONDS * 1e-6
        if isinstance(mixing, Projector):
            seconds += sites * 4 * expected_seconds(mixing, tokens)
    looks = 1 + schedule.iterations / schedule.evaluate_every
    look = schedule.evaluation_batches * seconds / 3 + schedule.sample_tokens * WRITTEN_MILLISECONDS * 1e-3
    return seconds * schedule.iterations + looks * look


def brought(files: Mapping[str, bytes]) -> dict[str, Told]:
    """A reader's files by name -> the runs in them, by label.

    Each .jsonl is one; `settings.json` and `model.safetensors` belong to it where there is one alone. Raises ValueError
    for files that are none of a run.
    """
    from networks.language_model import runs
    from networks.language_model.history import history, lines

    metrics = {name: content for name, content in files.items() if name.endswith(".jsonl")}
    if not metrics:
        raise ValueError(f"a run has a {runs.METRICS}; there is none among {', '.join(files)}"[:300])
    settings = files.get(runs.SETTINGS) if len(metrics) == 1 else None
    run = runs.described(_text(settings, runs.SETTINGS)) if settings is not None else None
    found = {}
    for name, content in metrics.items():
        told = history(lines(_text(content, name)))
        iterations = run.schedule.iterations if run is not None else int(told.iterations[-1])
        called = name.removesuffix(".jsonl") if run is None else label(run.architecture)
        found[called] = Told(told, iterations, run.architecture if run is not None else None, files=dict(files))
    return found


def unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A reader's files by name -> the same with those of a run in place of a .zip, as this page gives runs away.

    Of several archives the metrics alone, under the names of the archives. Raises ValueError for a damaged archive, and
    for one that unpacks to far more than it is.
    """
    from inspector.formats.archives import DAMAGED, checked

    archives = {name: content for name, content in files.items() if name.lower().endswith(".zip")}
    found = {name: content for name, content in files.items() if name not in archives}
    for name, packed in archives.items():
        archive = checked(io.BytesIO(packed), name)
        for member in archive.namelist():
            short = member.rpartition("/")[2]
            if not short.endswith((".jsonl", ".json", ".safetensors")[: 1 if len(archives) > 1 else None]):
                continue
            try:
                found[short if len(archives) == 1 else f"{name[:-4]}.jsonl"] = archive.read(member)
            except DAMAGED as error:
                raise ValueError(f"{name} must be an intact zip archive; {member[:80]!r} is not: {error}") from None
    return found


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not UTF-8 text") from error


def label(architecture: Architecture) -> str:
    """A network -> its method's name, with the rank where there is one."""
    ranked = architecture.method == "go-mHC"
    return f"{architecture.method}, s = {architecture.s}" if ranked else architecture.method
