"""What a visitor has uploaded or pasted: in the memory of this visit, and gone with it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields
from hashlib import blake2s
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import streamlit as st

from ui.work.store import store

if TYPE_CHECKING:
    from inspector import Collection, Settings


class Visit:
    """A visit's own files and text, and `others`, files for another purpose by what that is.

    Results of them are kept under its name, and forgotten when it ends.
    """

    def __init__(self) -> None:
        self.name = uuid4().hex
        self.files: dict[str, bytes] = {}
        self.others: dict[str, dict[str, bytes]] = {}
        self.uploads = 0
        self.text = ""
        # The store is looked up now: a finalizer may run in the middle of Streamlit's own looking up.
        weakref.finalize(self, store().forget, _is_of(self.name)).atexit = False

    def forget(self) -> None:
        """Forget all files, and what was computed of them."""
        self.files, self.uploads = {}, self.uploads + 1
        st.session_state.pop("_held", None)
        self.forget_results()

    def forget_results(self) -> None:
        """Forget what was computed of anything that was brought."""
        store().forget(_is_of(self.name))


def _is_of(name: str) -> Callable[[Hashable], bool]:
    """Name of a visit -> whether a key of the store is of its results."""
    return lambda key: isinstance(key, tuple) and bool(key) and key[0] == ("visit", name)


@dataclass(frozen=True, eq=False)
class Held:
    """A collection, how it was read, the Python that does so, and a word for file names.

    Its results are kept under `key`. `digest` tells a visitor's files from others of the same name.
    """

    key: tuple[object, ...]
    collection: Collection
    settings: Settings
    code: str
    word: str
    digest: str = ""


def visit() -> Visit:
    """Return this visit."""
    found: Visit = st.session_state.setdefault("_visit", Visit())
    return found


def kept(kind: object, offered: tuple[object, Callable[[Settings], Held]], read: Settings) -> Held:
    """What a source is and how it is read -> what is there, read once for as long as it stays the same."""
    told, make = offered
    before = st.session_state.get("_held")
    if before is None or before[0] != (kind, told):
        before = st.session_state["_held"] = ((kind, told), make(read))
    held: Held = before[1]
    return held


def last() -> Held | None:
    """Return what was read last in this visit, for other pages to draw."""
    before = st.session_state.get("_held")
    return None if before is None else before[1]


def held_example(name: str, settings: Settings) -> Held:
    """Name of an example, settings -> it, the same for every visitor."""
    from inspector import example

    told = arguments(settings)
    code = f"sites = inspector.example({name!r}{f', inspector.Settings({told})' if told else ''})"
    return Held(("example", name, settings), example(name, settings), settings, code, name)


def held_text(text: str, settings: Settings) -> Held:
    """Pasted text, settings -> the matrices in it; ValueError if there are none."""
    from inspector import parse
    from inspector.uploads import MOST, MOST_STEPS

    collection = parse(text, most=MOST, most_steps=MOST_STEPS, **given(settings))
    key, digest = _own(settings, text.encode())
    return Held(key, collection, settings, _code("parse", text, settings), "pasted", digest)


def held_files(files: Mapping[str, bytes], settings: Settings) -> Held:
    """Uploaded files by name, settings -> the sites in them; ValueError if there are none."""
    from inspector.uploads import uploaded

    name = next((name for name in files if not name.endswith("config.json")), next(iter(files)))
    collection, (key, digest) = uploaded(files, settings), _own(settings, *files.values())
    return Held(key, collection, settings, _code("open", name, settings), name, digest)


def held_file(path: Path, settings: Settings) -> Held:
    """A file of the server's folder, settings -> the sites in it; ValueError if there are none."""
    import inspector
    from inspector.uploads import MOST

    collection = inspector.open(path, most=MOST, **given(settings))
    key = ("server", path.name, path.stat().st_mtime_ns, settings)
    return Held(key, collection, settings, _code("open", path.name, settings), path.name)


def _code(function: str, what: str, settings: Settings) -> str:
    told = arguments(settings)
    return f"sites = inspector.{function}({what!r}{f', {told}' if told else ''})"


def _own(settings: Settings, *parts: bytes) -> tuple[tuple[object, ...], str]:
    """Settings, contents -> what results are kept under, and the digest of the contents."""
    digest = blake2s()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return (("visit", visit().name), digest.hexdigest(), settings), digest.hexdigest()[:8]


def given(settings: Settings) -> dict[str, Any]:
    """Settings -> those that are not the usual ones, by name."""
    usual = type(settings)()
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: value for name, value in values.items() if value != getattr(usual, name)}


def arguments(settings: Settings) -> str:
    """Settings -> the arguments that make them in Python."""
    return ", ".join(f"{name}={value!r}" for name, value in given(settings).items())
