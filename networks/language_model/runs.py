"""A run as a folder: its settings, its numbers line by line, and its last state, whole whenever it is stopped.

`settings.json` and `tokens/` say what it is; `metrics.jsonl` has one line an iteration, and where sites were looked at
those too; `checkpoint.safetensors` holds weights as `model.*`, the optimizer's averages as `first.*` and `second.*`,
and in its header how far it is. `model.safetensors`, the weights alone, is there when the run is finished.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as packed
from safetensors.torch import save_file
from torch import Tensor

from networks.language_model.history import History, history
from networks.language_model.model import LanguageModel
from networks.language_model.settings import Architecture, Schedule
from networks.language_model.text import Corpus, Encoding, encoding
from networks.language_model.training import Step, Training
from networks.whole_files import json_lines, replaced, replacing

SETTINGS, METRICS, CHECKPOINT, WEIGHTS = "settings.json", "metrics.jsonl", "checkpoint.safetensors", "model.safetensors"


@dataclass(frozen=True)
class Run:
    """What is known of a run without its text: network, schedule, tokens, and whether it is finished.

    `text` is the text's `Corpus.digest`, "" in runs of earlier versions.
    """

    folder: Path
    architecture: Architecture
    schedule: Schedule
    encoding: Encoding
    text: str = ""

    @property
    def finished(self) -> bool:
        """Whether it was trained to its end."""
        return (self.folder / WEIGHTS).is_file()

    def metrics(self) -> list[dict[str, Any]]:
        """Return one dictionary an iteration, as far as they were written whole."""
        return list(json_lines(self.folder / METRICS))

    def history(self) -> History:
        """Return the same as arrays."""
        return history(self.metrics())

    def model(self) -> LanguageModel:
        """Return the trained network, on the CPU, ready to answer. Raises ValueError where there is none."""
        path = self.folder / WEIGHTS
        if not path.is_file():
            raise ValueError(f"{self.folder} has no {WEIGHTS}: the run is not finished; train it again to go on")
        model = LanguageModel(self.architecture, self.encoding.size)
        model.load_state_dict(_tensors(path)[0])
        return model.eval()


def opened(folder: str | Path) -> Run:
    """A run's folder -> what it is. Raises ValueError where it is none."""
    folder = Path(folder)
    try:
        text = (folder / SETTINGS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{folder} holds no run: {SETTINGS} {_why(error)}") from error
    try:
        return described(text, folder)
    except ValueError as error:
        raise ValueError(f"{folder} holds no run: {error}") from error


def described(text: str, folder: Path | None = None) -> Run:
    """The text of a `settings.json` -> the run that it is of, in a folder. Raises ValueError for other text."""
    try:
        written = json.loads(text)
        architecture, schedule = Architecture(**written["architecture"]), Schedule(**written["schedule"])
        told = str(written.get("text", ""))
        return Run(folder or Path(), architecture, schedule, encoding(written["encoding"]), told)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{SETTINGS} cannot be read: {error}") from error


def files(training: Training, steps: Iterable[Step]) -> dict[str, bytes]:
    """A training that is done, what it told -> the files of its run by name, without a folder."""
    run = _run(Path(), training.architecture, training.schedule, training.corpus)
    lines = "".join(json.dumps(told(step)) + "\n" for step in steps)
    return {
        SETTINGS: json.dumps(_described(run), indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass"),
        METRICS: lines.encode(),
        WEIGHTS: packed({name: tensor.detach().cpu() for name, tensor in training.model.state_dict().items()}),
    }


def _why(error: Exception) -> str:
    return "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {error}"


def trained(
    folder: str | Path,
    architecture: Architecture,
    schedule: Schedule,
    corpus: Corpus,
    *,
    device: torch.device | None = None,
    reseed: Callable[[int], object] | None = None,
) -> Iterator[Step]:
    """Folder, network, schedule, text -> the iterations that are left, each told when it is done and written.

    A run that was stopped, or killed, goes on from its last checkpoint as if it never had been: the same numbers, on
    the same machine with as many threads. The first process of a group writes. Raises ValueError where the folder holds
    a run of other settings, or of another text.
    """
    folder = Path(folder)
    run = _run(folder, architecture, schedule, corpus)
    if (folder / SETTINGS).exists():
        there = opened(folder)
        if replace(there, text=run.text) != run:
            raise ValueError(f"{folder} holds a run with other settings; take another folder, or the same ones again")
        if there.text not in ("", run.text):
            raise ValueError(f"{folder} holds a run of another text; take another folder, or the same text again")
    training = Training(architecture, schedule, corpus, device or torch.device("cpu"), reseed)
    first = training.rank == 0
    if first:
        folder.mkdir(parents=True, exist_ok=True)
        replaced(folder / SETTINGS, json.dumps(_described(run), indent=2, ensure_ascii=False))
    if (folder / CHECKPOINT).is_file():
        load(training, folder / CHECKPOINT)
    if first:
        _cut(folder / METRICS, training.done)
    with (folder / METRICS).open("a", encoding="utf-8") if first else open(os.devnull, "w") as file:
        for step in training.steps():
            if first:
                file.write(json.dumps(told(step)) + "\n")
                file.flush()
                every = schedule.checkpoint_every
                if training.done == schedule.iterations or (every and training.done % every == 0):
                    save(training, folder / CHECKPOINT)
            yield step
    if first:
        _written(training.model.state_dict(), folder / WEIGHTS)


def text_in(folder: str | Path) -> str:
    """A run's folder, or one of several runs of one text -> the text's `Corpus.digest`, "" where there is no run."""
    folder = Path(folder)
    places = [path.parent for path in (folder / SETTINGS, *folder.glob(f"*/{SETTINGS}")) if path.exists()]
    texts = {text for text in (opened(place).text for place in places) if text}
    if places and not texts and (kept := Corpus.kept(folder / "tokens")) is not None:
        return kept.digest
    return texts.pop() if len(texts) == 1 else ""


def save(training: Training, path: Path) -> None:
    """Write weights and the optimizer's state to one file, which is replaced as a whole."""
    tensors = {f"model.{name}": tensor for name, tensor in training.model.state_dict().items()}
    for name, parameter in training.model.named_parameters():
        state = training.optimizer.state[parameter]
        tensors |= {f"first.{name}": state["exp_avg"], f"second.{name}": state["exp_avg_sq"]}
    _written(tensors, path, {"done": str(training.done)})


def load(training: Training, path: Path) -> None:
    """Put a training where the file says that it was. Raises ValueError for a file that does not fit."""
    tensors, about = _tensors(path)
    written = about.get("done", "")
    most = training.schedule.iterations
    if not written.isdecimal() or int(written) > most:
        raise ValueError(f"{path} must say how many of {most:,} iterations are done, not {written!r}")
    done = int(written)
    try:
        model = {name.removeprefix("model."): each for name, each in tensors.items() if name.startswith("model.")}
        training.model.load_state_dict(model)
        for name, parameter in training.model.named_parameters():
            averages = {"exp_avg": tensors[f"first.{name}"], "exp_avg_sq": tensors[f"second.{name}"]}
            if any(each.shape != parameter.shape for each in averages.values()):
                raise ValueError(f"{path} does not fit this network: averages of {name} are of another shape")
            state: dict[str, Tensor] = {key: each.to(parameter.device) for key, each in averages.items()}
            fused = training.optimizer.defaults["fused"]
            state["step"] = torch.tensor(float(done), device=parameter.device if fused else None)
            training.optimizer.state[parameter] = state
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{path} does not fit this network: {str(error)[:300]}") from error
    training.done = done


def _run(folder: Path, architecture: Architecture, schedule: Schedule, corpus: Corpus) -> Run:
    return Run(folder, architecture, schedule, corpus.encoding, corpus.digest)


def _described(run: Run) -> dict[str, Any]:
    return {
        "architecture": asdict(run.architecture),
        "schedule": asdict(run.schedule),
        "encoding": run.encoding.described(),
        "text": run.text,
    }


def told(step: Step) -> dict[str, Any]:
    """A step -> its line in the metrics: what was not looked at is left out."""
    told = {name: value for name, value in asdict(step).items() if value not in (None, ())}
    return {name: round(value, 6) if name == "seconds" else value for name, value in told.items()}


def _cut(path: Path, done: int) -> None:
    """Leave of a file of metrics what was told up to an iteration. Raises ValueError for a file of something else."""
    told = list(json_lines(path))
    if strange := [line for line in told if not isinstance(line.get("iteration"), int)]:
        raise ValueError(f"{path} must say in every line which iteration it is of, unlike {str(strange[0])[:60]}")
    kept = [line for line in told if line["iteration"] <= done]
    replaced(path, "".join(json.dumps(line) + "\n" for line in kept))


def _written(tensors: dict[str, Tensor], path: Path, about: dict[str, str] | None = None) -> None:
    """Write tensors to a file as a whole."""
    with replacing(path) as partial:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, partial, about)


def _tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """A file -> its tensors, and what its header says."""
    try:
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
