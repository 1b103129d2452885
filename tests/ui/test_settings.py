"""Settings say what the library does: the same choices, under the same names."""

from __future__ import annotations

from typing import get_args

import pytest

from geometry import grid
from geometry.reach import shipped
from geometry.sampling import MEASURES
from learning.choosing import Preference
from learning.choosing.answer import DTYPES
from learning.cost import Coefficients
from learning.stream_mixing.experiment import CHOICES
from networks.judging import scores
from networks.language_model import methods as language_model
from networks.language_model.shipped import networks
from projectors import methods, variants
from tests.pages.page import run
from ui.language import choice as language
from ui.language import judges
from ui.link import links, settings
from ui.mixing import choice
from ui.polytope import works
from ui.spectrum import maps, surveys


@pytest.mark.parametrize(
    ("offered", "known"),
    {
        "measures": (settings.MEASURES, MEASURES),
        "targets": (settings.MIX_TARGETS, CHOICES["targets"]),
        "objectives": (settings.MIX_OBJECTIVES, CHOICES["objective"]),
        "words of targets": (choice.TARGETS, CHOICES["targets"]),
        "words of objectives": (choice.OBJECTIVES, CHOICES["objective"]),
        "words of features": (choice.FEATURES, CHOICES["features"]),
        "words of parameters": (choice.FEATURES, CHOICES["parameters"]),
        "optimizers": (settings.MIX_OPTIMIZERS, CHOICES["optimizer"]),
        "coefficients": (settings.PREDICTED, get_args(Coefficients)),
        "methods": (settings.method_names(), [*methods(4), *variants(4)]),
        "methods of language models": (settings.trained_names(), language_model.names()),
        "quantities of language models": (settings.TOLD, language.QUANTITIES),
        "what is looked at of language models": (settings.MODELS, language.KINDS),
        "streams of language models": (settings.LM_STREAMS, networks()),
        "criteria of judges": (judges.CRITERIA, scores.CRITERIA),
    }.values(),
)
def test_what_is_offered_is_what_the_library_knows(offered, known) -> None:
    assert sorted(offered) == sorted(known)


def test_grids_are_the_library_s() -> None:
    assert surveys.BINS == works.BINS == grid.BINS
    assert (maps.RESOLUTION, maps.SEED) == (shipped.RESOLUTION, shipped.SEED) == (grid.RESOLUTION, 0)
    assert (maps.LARGEST, maps.RANKS) == (shipped.LARGEST, shipped.RANKS)


def test_what_choose_offers_is_what_the_library_takes() -> None:
    assert tuple(DTYPES) == settings.DTYPES
    assert get_args(Preference) == settings.PREFERENCES


def test_every_default_is_among_its_options() -> None:
    for key, (default, parse) in settings.SETTINGS.items():
        if default != "":
            assert parse(str(default)) == default, key


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("app.py", {"show": "both"}),
        ("pages/compare_methods.py", {"each": 1000}),
        ("pages/target_eigenvalue.py", {}),
        ("pages/inside_the_polytope.py", {"versus": "mHC", "layer": "both"}),
        ("pages/inside_the_polytope.py", {"aspect": "space", "points": 500}),
        ("pages/stream_mixing.py", {"preset": "your own", "mix_iterations": 100, "mix_count": 2}),
        ("pages/your_matrices.py", {}),
        ("pages/language_model.py", {}),
        ("pages/language_model.py", {"model": "train"}),
        ("pages/language_model.py", {"model": "run"}),
        ("pages/language_model.py", {"model": "judges"}),
        ("pages/complexity.py", {}),
        ("pages/choose.py", {}),
    ],
)
def test_what_pages_remember_besides_settings_has_names_of_its_own(page: str, query: dict) -> None:
    """No word that a page keeps in the session can be taken for a setting of the link."""
    at = run(page, **({"n": 3, "s": 1, "matrices": 1000} | query))
    assert not at.exception
    words = {str(word) for word in at.session_state._state.filtered_state}
    assert words & set(links.DEFAULTS)
    assert {word for word in words - set(links.DEFAULTS) if not word.startswith("_")} == set()
