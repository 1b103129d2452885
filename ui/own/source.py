"""Where a reader's matrices come from: an example, files, pasted text, or a folder that the server's owner chose."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from inspector.examples import EXAMPLES
from ui.link import settings
from ui.mirror import mirror
from ui.own.visit import Held, held_example, held_file, held_files, held_text, kept, visit
from ui.words import sentence

if TYPE_CHECKING:
    from inspector import Settings

FOLDER = "BIRKHOFF_EXPLORER_FOLDER"
"""The environment variable that names a folder whose files visitors may open."""

MOST_FILES = 200
ENDINGS = (".safetensors", ".pt", ".pth", ".bin", ".ckpt", ".npz", ".npy", ".json", ".csv", ".tsv", ".txt", ".mtx")
LONGEST_TEXT = 1_000_000
"""Letters that may be pasted."""

PASTED = "0 1/2 1/2\n1/2 0 1/2\n1/2 1/2 0"

PRIVATE = (
    "Files and text stay in this visit's memory: nobody else sees them, nothing is written to disk, and they are gone "
    "when the tab is closed or loaded anew. They are not in the link."
)


def chosen() -> Held | None:
    """Draw the choice of a source, and how it is read -> what is there, None if nothing is or it cannot be read."""
    kinds = [kind for kind in settings.OWN if kind != "folder" or folder() is not None]
    if st.session_state["own"] not in kinds:
        st.session_state["own"] = kinds[0]
    kind = str(st.segmented_control("Matrices from", kinds, key="own", required=True, width="stretch"))
    offered = {"example": _example, "files": _files, "text": _text, "folder": _folder}[kind]()
    try:
        with st.expander("How they are read"):
            read = reading()
        if offered is None:
            return None
        with st.spinner("Reading"):
            return kept((kind, read), offered, read)
    except ValueError as error:
        st.error(sentence(error))
        return None


Offered = tuple[object, Callable[["Settings"], Held]]
"""What tells one source from another, and how it is read."""


def _example() -> Offered:
    name = str(st.selectbox("Example", list(EXAMPLES), key="example"))
    st.caption(
        f"{EXAMPLES[name].about[:1].upper()}{EXAMPLES[name].about[1:]}. Source: {_plain(EXAMPLES[name].source)}."
    )
    return name, lambda read: held_example(name, read)


def _plain(source: str) -> str:
    """A source as markdown shows it: keys of the bibliography keep their brackets."""
    return source.replace("[", "\\[")


def _files() -> Offered | None:
    here = visit()
    key = f"_files_{here.uploads}"

    def take() -> None:
        """Keep what is chosen now: on another page the widget forgets it."""
        here.files = {file.name: file.getvalue() for file in st.session_state[key]}

    st.file_uploader(
        "Checkpoint, table or array; with its config.json, if it has one",
        accept_multiple_files=True,
        key=key,
        on_change=take,
        help="safetensors, PyTorch state_dict, npz, npy, csv, JSON, Matrix Market; 64 MB, 4,096 matrices, n ≤ 64. "
        "Larger: the same is a command on your machine, python -m inspector FILE.",
    )
    if here.files:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Files: {listed(list(here.files))}", width="content")
            st.button("Forget them", key="_forget_files", on_click=here.forget)
    st.caption(PRIVATE)
    files = dict(here.files)
    return (tuple(files.items()), lambda read: held_files(files, read)) if files else None


def listed(names: list[str]) -> str:
    """Names of files -> the first of them as markdown shows them, and how many there are besides."""
    shown = ", ".join(f"`{name[:40].replace('`', '')}`" for name in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _text() -> Offered | None:
    here = visit()
    mirror("_pasted", here.text or PASTED)

    def keep() -> None:
        here.text = st.session_state["_pasted"]

    text = st.text_area(
        "Matrices as text",
        key="_pasted",
        height=160,
        max_chars=LONGEST_TEXT,
        on_change=keep,
        help="Rows of numbers or fractions, or a matrix in Python, NumPy, LaTeX, MATLAB or JSON; several with an empty "
        "line between them.",
    )
    st.caption(PRIVATE)
    return (text, lambda read: held_text(text, read)) if text.strip() else None


def folder() -> Path | None:
    """Return the folder that the server's owner set, if there is one."""
    named = os.environ.get(FOLDER)
    path = Path(named) if named else None
    return path if path is not None and path.is_dir() else None


def _folder() -> Offered | None:
    place = folder()
    assert place is not None
    inside = {
        file.name: file
        for file in sorted(place.iterdir())
        if file.suffix in ENDINGS and file.is_file() and not file.is_symlink()
    }
    names = list(inside)[:MOST_FILES]
    if not names:
        st.caption("The server's folder holds no file that can be read.")
        return None
    name = str(st.selectbox("File of the server", names, key="_folder_file"))
    if name not in names:
        return None
    return (name, inside[name].stat().st_mtime), lambda read: held_file(inside[name], read)


def reading() -> Settings:
    """Draw how logits are read where nothing says so -> the settings."""
    st.caption(
        "A checkpoint's own configuration counts; what it does not say has the default of its project, and the table "
        "says so. What is chosen here goes before both."
    )
    st.selectbox(
        "Convention",
        settings.layouts(),
        key="layout",
        format_func=lambda name: name or "as the names of the parameters tell",
        help="Whose logits: decides the formula, which sums are exact, and whether the transpose acts on streams. "
        "Square tables are matrices as they stand, unless this says that they are logits.",
    )
    st.number_input("Sinkhorn iterations, 0: as configured", 0, settings.MOST_OWN_ITERATIONS, key="own_iterations")
    st.number_input("Temperature, 0: as configured", 0.0, 1000.0, format="%g", key="temperature")
    _turned()
    return settings_in_force()


def settings_in_force() -> Settings:
    """Return how matrices are read, as the link says it."""
    from inspector import Settings

    state = st.session_state
    return Settings(
        layout=str(state["layout"]) or None,
        iterations=int(state["own_iterations"]) or None,
        temperature=float(state["temperature"]) or None,
        transposed=state["transposed"] == "yes",
    )


def _turned() -> None:
    state = st.session_state
    mirror("_transposed", state["transposed"] == "yes")

    def keep() -> None:
        state["transposed"] = "yes" if state["_transposed"] else "no"

    st.checkbox("Tables hold the transpose of what acts on streams", key="_transposed", on_change=keep)
