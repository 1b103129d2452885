"""Which map should mix n streams, for a budget: one answer, with its reasons, and what speaks against the others.

>>> from learning.choosing import Budget, choice
>>> choice(4, Budget(numbers=28), prefer="learning").answer.projector
Orthostochastic(n=4, s=2)
"""

from __future__ import annotations

from learning.choosing.answer import Budget, Candidate, Choice, Preference, choice, row_error
from learning.choosing.code import layer_code, parametrization_code, plug_code

__all__ = [
    "Budget",
    "Candidate",
    "Choice",
    "Preference",
    "choice",
    "layer_code",
    "parametrization_code",
    "plug_code",
    "row_error",
]
