"""Projectors from what they print as: their way through files that hold nothing but text and numbers."""

from __future__ import annotations

import ast
from importlib import import_module
from typing import Any

from projectors.base import MatrixMap
from projectors.conventions import Convention

LONGEST = 4096
"""Characters of a recipe: the longest that a table of methods makes is a tenth of it."""


def from_recipe(text: str) -> MatrixMap:
    """What a projector prints as -> an equal one. Nothing is evaluated: names of projectors, numbers and words only.

    Raises ValueError for anything else, and for sizes that do not exist.

    >>> from_recipe("Mixture(projector=Orthostochastic(n=3, s=1), k=2, weights=None)").n
    3
    """
    if not isinstance(text, str):
        raise ValueError(f"wanted a projector as it prints, a text, not {type(text).__name__}")
    wanted = f"a projector as it prints, such as 'Orthostochastic(n=4, s=2)', not {text[:100]!r}"
    if len(text) > LONGEST:
        raise ValueError(f"wanted {wanted} and {len(text) - 100:,} characters more")
    try:
        value = _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, TypeError, KeyError, RecursionError, MemoryError) as error:
        raise ValueError(f"wanted {wanted}") from error
    if not isinstance(value, MatrixMap):
        raise ValueError(f"wanted {wanted}")
    return value


def _value(node: ast.expr) -> Any:
    """A part of a recipe -> what it stands for. KeyError or TypeError for what no recipe holds."""
    match node:
        case ast.Constant(value=int() | float() | str() | None):
            return node.value
        case ast.Tuple():
            return tuple(_value(element) for element in node.elts)
        case ast.Call(func=ast.Name(id=name), args=[]):
            return _named(name)(**{str(field.arg): _value(field.value) for field in node.keywords})
        case _:
            raise TypeError(f"no recipe holds {ast.dump(node)[:100]}")


def _named(name: str) -> Any:
    from projectors import HOMES

    return Convention if name == "Convention" else getattr(import_module(f"projectors.{HOMES[name]}"), name)
