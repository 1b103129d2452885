"""Train, sample, evaluate and compare language models: python -m networks.language_model --help."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Generator, distributed

from geometry.devices import best_device
from networks.language_model import runs
from networks.language_model.answers import held_out, sampled, score
from networks.language_model.compared import Compared, Comparison, table
from networks.language_model.methods import names, projector
from networks.language_model.settings import PRESETS, Architecture, Schedule, changed
from networks.language_model.text import PLAYS, Corpus, pieces, prepared
from networks.language_model.training import Step

HELP = {
    "n": "residual streams",
    "s": "rank of go-mHC, or how many matrices are averaged",
    "coefficients": "numbers that go-mHC spends on a matrix: minimal, or implemented, as the paper's code does",
    "layers": "layers",
    "heads": "heads of attention",
    "width": "numbers in a stream",
    "context": "tokens that are seen at once",
    "dropout": "share of numbers that is dropped while training",
    "iterations": "steps of the optimizer",
    "batch": "sequences that are seen at once, by all processes together",
    "accumulation": "batches for a step, one after the other",
    "rate": "largest learning rate",
    "least": "learning rate at the end of the cosine",
    "warmup": "iterations over which the rate grows",
    "decay": "weight decay of matrices",
    "clip": "largest norm of a gradient; 0: as it is",
    "beta1": "AdamW's average of gradients",
    "beta2": "AdamW's average of their squares",
    "seed": "of weights and batches",
    "precision": "float32, bfloat16, or best: bfloat16 on a GPU that has it",
    "compile": "compile the network first",
    "evaluate_every": "iterations between losses of what is held out",
    "evaluation_batches": "batches for such a loss",
    "record_every": "iterations between looks at the mixing matrices; 0: never",
    "checkpoint_every": "iterations between checkpoints; 0: at the end only",
    "sample_every": "iterations between samples of what the network writes; 0: never",
    "sample_tokens": "tokens of such a sample",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Arguments -> exit status; what is wrong with them is said in a sentence."""
    given = _parser().parse_args(arguments)
    try:
        given.action(given)
    except (ValueError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from the last checkpoint.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m networks.language_model", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    train = actions.add_parser("train", help="train a network, or go on with one that was stopped")
    _add_text(train)
    _add_fields(train, "method")
    train.add_argument("--method", choices=names(), metavar="NAME", help=f"one of {', '.join(names())}")
    train.add_argument("--out", type=Path, required=True, help="folder of the run")
    train.set_defaults(action=_train)

    compare = actions.add_parser("compare", help="train with several methods, and print one table")
    _add_text(compare)
    _add_fields(compare, "method")
    compare.add_argument("--methods", nargs="*", choices=names(), metavar="NAME", help="which ones; all by default")
    compare.add_argument("--out", type=Path, required=True, help="folder of all runs, and of compared.json")
    compare.set_defaults(action=_compare)

    sample = actions.add_parser("sample", help="let a trained network write")
    sample.add_argument("run", type=Path, help="folder of the run")
    sample.add_argument("--prompt", default="\n", help="what it goes on from")
    sample.add_argument("--tokens", type=int, default=500)
    sample.add_argument("--temperature", type=float, default=0.8)
    sample.add_argument("--top", type=int, default=0, help="draw from so many likeliest tokens only; 0: from all")
    sample.add_argument("--seed", type=int, default=0)
    sample.set_defaults(action=_sample)

    evaluate = actions.add_parser("evaluate", help="say how well a trained network foresees a text")
    evaluate.add_argument("run", type=Path, help="folder of the run")
    evaluate.add_argument("--text", type=Path, help="a UTF-8 file; by default what the run held out")
    evaluate.set_defaults(action=_evaluate)
    return parser


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--preset", choices=PRESETS, default="tiny", help=_abouts())
    parser.add_argument(
        "--text",
        default=PLAYS,
        help="a UTF-8 file, a folder of .txt files, or dataset:NAME or dataset:FILE.parquet; by default eight plays by "
        "Shakespeare that come along",
    )
    parser.add_argument("--tokens", choices=("characters", "gpt2"), help="instead of the preset's")
    parser.add_argument("--device", help="such as cuda; by default a GPU where there is one")


def _add_fields(parser: argparse.ArgumentParser, *without: str) -> None:
    """Every field of a network and a schedule as an option: by default what the preset says."""
    for field in [*fields(Architecture), *fields(Schedule)]:
        if field.name not in without:
            kind = {"int": int, "float": float, "bool": None}.get(str(field.type), str)
            option: dict[str, Any] = {"action": "store_true", "default": None} if kind is None else {"type": kind}
            parser.add_argument(f"--{field.name.replace('_', '-')}", help=HELP[field.name], **option)


def _abouts() -> str:
    return "; ".join(f"{name}: {preset.about}" for name, preset in PRESETS.items())


def _settings(given: argparse.Namespace) -> tuple[Architecture, Schedule]:
    named = {field.name for field in [*fields(Architecture), *fields(Schedule)]}
    values = {name: value for name, value in vars(given).items() if name in named}
    return changed(PRESETS[given.preset], values)


def _train(given: argparse.Namespace) -> None:
    architecture, schedule = _settings(given)
    projector(architecture)  # what does not exist is said before any text is read
    with _group(given.device) as device:
        corpus = _corpus(given)
        for _ in progress(runs.trained(given.out, architecture, schedule, corpus, device=device, reseed=_reseed)):
            pass
        if _first():
            print(f"{given.out}: {json.dumps(asdict(held_out(runs.opened(given.out).model(), corpus)))}")


def _compare(given: argparse.Namespace) -> None:
    architecture, schedule = _settings(given)
    corpus = _corpus(given)
    rows: list[Compared] = []
    comparison = Comparison(given.out, schedule, corpus, _named(given.device), progress, _reseed)
    for row in comparison.rows({name: replace(architecture, method=name) for name in given.methods or names()}):
        rows.append(row)
        print("\n" + table(rows), flush=True)


def _corpus(given: argparse.Namespace) -> Corpus:
    """The text as tokens, in the folder of the runs; in a group of processes the first makes them, and the others wait.

    Another text than the one of the runs that are there already is refused, and theirs stays.
    """
    kind = given.tokens or PRESETS[given.preset].tokens
    if not _first():
        distributed.barrier()
    corpus = prepared(given.text, kind, given.out / "tokens", digest=runs.text_in(given.out))
    if _first() and distributed.is_initialized():
        distributed.barrier()
    return corpus


def _sample(given: argparse.Namespace) -> None:
    run = runs.opened(given.run)
    model = run.model()
    prompt = torch.from_numpy(run.encoding.encode(given.prompt).astype("int64"))
    generator = Generator().manual_seed(given.seed)
    tokens = sampled(model, prompt, given.tokens, generator=generator, temperature=given.temperature, top=given.top)
    print(given.prompt, end="")
    held: list[int] = []
    for token in tokens:  # a character of several tokens is written when it is whole
        held.append(token)
        if not (text := run.encoding.decode(held)).endswith("\ufffd"):
            print(text, end="", flush=True)
            held = []
    print(run.encoding.decode(held))


def _evaluate(given: argparse.Namespace) -> None:
    run = runs.opened(given.run)
    if given.text is None:
        found = held_out(run.model(), _kept(run))
    else:
        text = "".join(pieces(given.text))
        tokens = run.encoding.encode(text)
        found = score(run.model(), tokens, len(text.encode()) / max(1, len(tokens)))
    print(json.dumps(asdict(found)))


def _kept(run: runs.Run) -> Corpus:
    """The tokens that a run was trained on: in its own folder, or in that of the comparison it belongs to."""
    for folder in (run.folder, run.folder.parent):
        if (kept := Corpus.kept(folder / "tokens")) is not None:
            return kept
    raise ValueError(f"{run.folder} no longer has the text that was held out; name another one by --text")


def progress(steps: Iterator[Step], about: str = "") -> Iterator[Step]:
    """Tell of steps as they are done: loss, speed, and the time to go."""
    from tqdm import tqdm

    if not _first():
        yield from steps
        return
    evaluated = float("nan")
    with tqdm(unit="it", desc=about or None, dynamic_ncols=True, mininterval=0.5) as bar:
        for step in steps:
            evaluated = step.evaluated if step.evaluated is not None else evaluated
            bar.n = step.iteration - 1
            bar.set_postfix_str(
                f"loss {step.loss:.3f}, held out {evaluated:.3f}, {step.tokens / step.seconds:,.0f} tokens/s", False
            )
            bar.update()
            yield step


@contextmanager
def _group(name: str | None) -> Iterator[torch.device]:
    """Where to train; under torchrun in a group with the other processes."""
    if "RANK" not in os.environ:
        yield _named(name)
        return
    device = _named(name)
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    finally:
        # What synchronized gradients must go first: torch may wait for ever if it goes last, and holds the group.
        gc.collect()
        distributed.destroy_process_group()


def _named(name: str | None) -> torch.device:
    if name is None:
        return best_device()
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError) as error:  # the latter: torch was built without it
        raise ValueError(f"the device must be one that torch has here, such as cpu, not {name!r}") from error


def _first() -> bool:
    return not distributed.is_initialized() or distributed.get_rank() == 0


def _reseed(number: int) -> None:
    """Dropout draws from torch's own state, which in this process is ours: set anew, a stopped run goes on the same."""
    rank = distributed.get_rank() if distributed.is_initialized() else 0
    torch.manual_seed(number * 2**16 + rank)


if __name__ == "__main__":
    sys.exit(main())
