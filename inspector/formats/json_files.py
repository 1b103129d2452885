"""JSON: nested lists, or dictionaries and lists of such that lead to them; an entry "config" holds settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from inspector.formats.stored import Tensors, from_mapping

KIND = "a JSON file"


def decoded(data: bytes, what: str) -> Any:
    """Bytes of JSON -> what they say; ValueError, naming what it was to be, for anything else."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError(f"{what} must not nest lists as deep as this one") from None
    except ValueError as error:
        raise ValueError(f"{what} must be JSON in UTF-8; this one is not: {str(error)[:120]}") from None


def read(data: bytes) -> Tensors:
    """Contents of a JSON file -> its matrices, by the keys that lead to them."""
    held = decoded(data, KIND)
    if isinstance(held, list):
        of_dictionaries = len(held) > 0 and isinstance(held[0], Mapping)
        held = dict(enumerate(held)) if of_dictionaries else {"matrix": held}
    if not isinstance(held, Mapping):
        raise ValueError(f"{KIND} must hold lists of numbers, or a dictionary of such, not {str(held)[:60]!r}")
    return from_mapping(held, KIND, loose=True)
