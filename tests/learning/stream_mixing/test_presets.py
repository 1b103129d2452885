"""Presets are runnable values with a question each, and set what their figures are about."""

from dataclasses import replace

import pytest

from learning.stream_mixing import trained
from learning.stream_mixing.experiment import StreamMixing
from learning.stream_mixing.presets import PRESETS, factored, krom, scaled

FIGURES = ("6", "7", "8", "A1", "A2", "A3", "A4 and A5", "A7", "A8", "A10", "A11", "A14", "A15", "A16", "A17")
each_preset = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


def test_every_learning_figure_of_the_paper_is_there():
    assert list(PRESETS) == [*(f"Fig. {figure}" for figure in FIGURES), "B.10", "Newer methods"]


@each_preset
def test_a_preset_is_a_question_and_labelled_runs(preset):
    labels = [label for label, _ in preset.experiments]
    assert preset.question.endswith("?")
    assert len(labels) == len(set(labels)) > 0
    assert all(isinstance(experiment, StreamMixing) for _, experiment in preset.experiments)
    hash(preset)


@pytest.mark.parametrize(
    ("name", "field"), [("Fig. 7", "noise"), ("Fig. 8", "n"), ("Fig. A1", "noise"), ("Fig. A7", "projector_noise")]
)
def test_a_sweep_changes_one_field_and_with_n_its_methods(name, field):
    (_, first), *others = PRESETS[name].experiments
    values = [getattr(first, field), *(getattr(experiment, field) for _, experiment in others)]
    assert len(set(values)) == len(values) > 1
    for _, experiment in others:
        assert replace(experiment, **{field: getattr(first, field), "methods": first.methods}) == first


@each_preset
def test_a_preset_runs(preset):
    for label, experiment in preset.experiments[:: max(1, len(preset.experiments) - 1)]:
        result = trained(replace(experiment, count=2, iterations=3))
        assert result.losses.isfinite().all(), label


def test_fig_8_has_each_method_where_the_paper_has_it():
    have = {n: {name for name, _ in scaled(n)} for n in (2, 3, 6, 8, 12)}
    assert have[2] == have[4 // 2] == {"go-mHC, s = 2", "mHC-lite", "KromHC"}
    assert have[3] == have[6] == {"go-mHC, s = 2", "mHC-lite"}
    assert have[8] == {"go-mHC, s = 2", "KromHC"}
    assert have[12] == {"go-mHC, s = 2"}


def test_fig_a8_has_every_power():
    assert factored(64) == (("KromHC, i_k = 2", krom(2, 6)), ("KromHC, i_k = 4", krom(4, 3)))
    assert factored(27) == (("KromHC, i_k = 3", krom(3, 3)),)
    assert factored(5) == ()
