"""The widgets of language models: what is looked at, and of it what is trained, or which runs are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import blake2s
from typing import TYPE_CHECKING

import streamlit as st

from ui import controls
from ui.language import told
from ui.language.told import Text, Told
from ui.language.uploads import uploaded
from ui.link import settings
from ui.methods import family_choice
from ui.own.visit import visit
from ui.words import literal, sentence
from ui.work import Work, kept

if TYPE_CHECKING:
    from networks.language_model import Architecture, Schedule

KINDS = {"finished": "all methods, finished", "train": "train here", "run": "a run of yours", "judges": "judges"}
QUANTITIES = {
    "loss": "loss of held out text",
    "difference": "difference of it from the first",
    "training loss": "training loss",
    "gradient": "norm of the gradient",
    "jitter": "jitter of the gradient",
    "error of sums": "error of row and column sums",
    "distance from I": "distance of mixing from none",
    "rotation": "rotation: the largest |Im λ|",
    "gradient of mixing": "gradient of what makes H_res",
}
LARGEST_TEXT, SHORTEST_TEXT = 5_000_000, 2_000
LARGEST_N = 16
MOST_NUMBERS = 1_000
"""Numbers of a mixing matrix: each is predicted for a thousand tokens at a time, at six sites."""

PLAYS = Text("eight plays by Shakespeare", "", "plays()")


@dataclass(frozen=True, eq=False)
class Choice:
    """Runs by label, what is drawn of them, and what they are called together.

    `recipe` is what they depend on, `code` Python that binds their histories as `runs`.
    """

    title: str
    works: Mapping[str, Work[Told]]
    shows: str
    recipe: Mapping[str, object]
    code: str


def kind_choice() -> str:
    """Draw the choice of what is looked at -> one of KINDS."""
    return str(
        st.segmented_control(
            "Look at", KINDS, format_func=KINDS.__getitem__, key="model", required=True, width="stretch"
        )
    )


def shown_choice() -> str:
    """Draw the choice of what is drawn -> one of QUANTITIES."""
    return str(st.selectbox("Drawn", QUANTITIES, format_func=QUANTITIES.__getitem__, key="lm_told"))


def finished() -> Choice:
    """Draw the widgets of the comparison that comes along -> what they say."""
    from networks.language_model.shipped import shipped

    sizes = settings.LM_STREAMS
    help_text = "n = 8 as in Fig. A20, where mHC-lite is too large."
    n = int(st.selectbox("Streams n", sizes, key="lm_streams", help=help_text))
    found = shipped(n)
    family = family_choice() if n == sizes[0] else "all"
    labels = [label for label in found.histories if family == "all" or belongs(label, family)]
    return Choice(
        title=f"Language models, n = {n}",
        works={label: told.finished(n, label) for label in labels},
        shows=shown_choice(),
        recipe={"n": n, "methods": family},
        code=f"runs = [shipped({n}).histories[label] for label in {labels}]",
    )


def belongs(label: str, family: str) -> bool:
    """Label of a run -> whether it is shown with the paper's methods, or newer ones; the plain network with both."""
    from projectors import table

    newer = {row.name for row in table.METHODS if row.newer}
    return label in settings.PLAIN_METHODS[:1] or (label in newer) == (family == "newer")


def training() -> Choice | None:
    """Draw the widgets of a training here -> what they say; None where it cannot be."""
    from networks.language_model import PRESETS
    from networks.language_model.settings import changed

    state, names = st.session_state, settings.trained_names()
    first, second = st.columns(2)
    first.selectbox("Method", names, key="lm_first")
    second.selectbox("Beside it", ["", *names], key="lm_second", format_func=lambda name: name or "nothing")
    n, s = controls.size_and_rank()
    iterations = int(
        st.select_slider(
            "Iterations",
            settings.LM_ITERATIONS,
            key="lm_iterations",
            help="The rate of learning falls to its end whatever their number is: 800 is the preset.",
        )
    )
    seed, text = controls.seed_choice(), text_choice()
    shows = shown_choice()
    networks: dict[str, Architecture] = {}
    for name in dict.fromkeys([state["lm_first"], state["lm_second"] or state["lm_first"]]):
        architecture = replace(PRESETS["tiny"].architecture, method=name, n=min(n, LARGEST_N), s=s)
        if why := refused(architecture, n):
            st.info(why)
            return None
        networks[told.label(architecture)] = architecture
    if text is None:
        return None
    every = max(1, iterations // 8)
    looks = {"evaluate_every": every, "sample_every": every, "record_every": max(1, iterations // 16)}
    length = {"iterations": iterations, "warmup": min(30, iterations // 5), "seed": seed}
    _, schedule = changed(PRESETS["tiny"], {**looks, **length})
    owner = ("visit", visit().name) if text is not PLAYS else None
    used = plays() if text is PLAYS else text
    return Choice(
        title="Language models trained here: " + ", ".join(networks),
        works={label: told.training(each, schedule, used, owner) for label, each in networks.items()},
        shows=shows,
        recipe={
            "methods": ", ".join(networks),
            "n": n,
            "s": s,
            "iterations": iterations,
            "seed": seed,
            **({} if text is PLAYS else {"text": text.word, "digest": text.digest}),
        },
        code=_trained_code(list(networks.values()), schedule, used.code),
    )


def refused(architecture: Architecture, n: int) -> str:
    """Network, the n that was asked for -> why it is not trained here, in a sentence; empty if it is."""
    from networks.language_model.methods import projector

    if n > LARGEST_N:
        return f"Trained here for n ≤ {LARGEST_N}; the command on this page takes any."
    try:
        mixing = projector(architecture)
    except ValueError as error:
        return sentence(error)
    if mixing is not None and mixing.parameter_count > MOST_NUMBERS:
        return (
            f"{architecture.method} spends {mixing.parameter_count:,} numbers on a matrix at n = {n}: every token of "
            "every site would need as many. Choose a smaller n, or another method."
        )
    return ""


def _trained_code(networks: list[Architecture], schedule: Schedule, text: str) -> str:
    return f"""
corpus = in_memory({text})
runs = []
for architecture in [
{"".join(f"    {each!r},{chr(10)}" for each in networks)}]:
    training = Training(architecture, {schedule!r}, corpus)
    runs.append(history(told(step) for step in training.steps()))
"""


@cache
def plays() -> Text:
    """Return the text that comes along."""
    from networks.language_model import text

    return replace(PLAYS, text=text.plays())


def text_choice() -> Text | None:
    """Draw the choice of a text -> it, or None where there is none yet; PLAYS stands for what comes along."""
    kinds = {"plays": PLAYS.word, "own": "your own"}
    kind = st.segmented_control(
        "Text", kinds, format_func=kinds.__getitem__, key="lm_text", required=True, width="stretch"
    )
    if kind == "plays":
        return PLAYS
    help_text = f"UTF-8, {SHORTEST_TEXT:,} to {LARGEST_TEXT:,} characters. The network learns its letters."
    files = uploaded("lm_text", "A text", ["txt", "md"], help_text, several=False)
    if not files:
        st.info("Upload a text, or take the plays.")
        return None
    ((name, content),) = files.items()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        st.error(f"{literal(name[:60])} is not UTF-8 text: byte {error.start:,} is not.")
        return None
    if not SHORTEST_TEXT <= len(text) <= LARGEST_TEXT or len(set(text)) < 2:
        st.error(
            f"A text has {SHORTEST_TEXT:,} to {LARGEST_TEXT:,} characters here, not all alike; {literal(name[:60])} "
            f"has {len(text):,}."
        )
        return None
    return Text(name[:60], text, f'open({name!r}, encoding="utf-8").read()')


def brought() -> Choice | None:
    """Draw the uploader of runs -> what is in them; None where there is nothing, or nothing that can be read."""
    files = uploaded(
        "lm_run",
        "The files of a run's folder, the folder as a .zip, or several metrics",
        ["jsonl", "json", "safetensors", "zip"],
        "What `python -m networks.language_model train --out FOLDER` leaves there: metrics.jsonl, and with it "
        "settings.json and model.safetensors. Several .jsonl or .zip files, named as you like, are drawn together.",
    )
    shows = shown_choice()
    if not files:
        st.info("Upload metrics.jsonl of a run.")
        return None
    digest = blake2s(b"".join(name.encode() + content for name, content in files.items()), digest_size=4).hexdigest()

    def read() -> tuple[dict[str, told.Told], list[str]]:
        unpacked = told.unpacked(files)
        return told.brought(unpacked), [name for name in unpacked if name.endswith(".jsonl")]

    try:
        found, names = kept((("visit", visit().name), "brought", digest), read)
    except ValueError as error:
        st.error(sentence(error))
        return None
    return Choice(
        title="Language models: " + ", ".join(found),
        works={
            label: told.at_hand((("visit", visit().name), digest, label), partial(iter, [each]))
            for label, each in found.items()
        },
        shows=shows,
        recipe={"runs": ", ".join(found), "digest": digest},
        code=f'runs = [history(lines(open(name, encoding="utf-8").read())) for name in {names}]',
    )
