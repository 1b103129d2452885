"""Costs: the paper's integers, how formulas grow, and what a budget buys."""

import re
from math import factorial, isfinite, log

import pytest
import torch

from learning.cost import (
    affordable,
    candidates,
    language_model_parameters,
    language_model_table,
    layer_cost,
    measured,
    residual_coefficients,
    shipped_shares,
)
from projectors import Kronecker, Mixture, Orthostochastic, PermutationMixture, Sinkhorn, Unistochastic, methods
from tests.projectors.table import PROJECTORS

BASE = 30_135_168
NONE = "orthostochastic, Newton–Schulz"


def krom(depth):
    return Kronecker((PermutationMixture(2),) * depth)


TABLE_9 = {
    PermutationMixture(4): (608_676, 30.74),
    krom(2): (239_796, 30.37),
    Orthostochastic(4, 1): (461_124, 30.60),
    Orthostochastic(4, 2): (1_346_436, 31.48),
    krom(3): (848_172, 30.98),
    Orthostochastic(8, 1): (2_986_980, 33.12),
    Orthostochastic(8, 2): (10_067_172, 40.20),
    PermutationMixture(8): (1_487_467_236, 1517.60),
}
"""Projector -> parameters that it adds to the paper's language model; the total that Table 9 prints, in millions."""


# --- the paper's language model -------------------------------------------------------------------------------------


def test_the_residual_baseline_has_as_many_parameters_as_in_table_9():
    assert language_model_parameters(None) == BASE
    assert round(BASE / 1e6, 2) == 30.14


@pytest.mark.parametrize(("projector", "added", "printed"), [(key, *value) for key, value in TABLE_9.items()], ids=str)
def test_table_9_to_the_last_parameter(projector, added, printed):
    assert language_model_parameters(projector) == BASE + added
    assert round((BASE + added) / 1e6, 2) == printed


def test_as_many_numbers_as_the_map_has_do_not_give_table_9():
    """The paper's go-mHC predicts (ns)^2 numbers where ns(ns - 1)/2 would do: half of what it adds."""
    spent = [language_model_parameters(Orthostochastic(8, 2), coefficients=kind) for kind in ("implemented", "minimal")]
    assert spent == [BASE + 10_067_172, BASE + 5_052_036]
    for projector in TABLE_9:
        minimal = language_model_parameters(projector, coefficients="minimal")
        assert (minimal < BASE + TABLE_9[projector][0]) == isinstance(projector, Orthostochastic)


def test_each_part_of_the_model_counts_once():
    C, V, T, L = 48, 100, 20, 3
    model = language_model_parameters(None, L, C, V, T)
    assert language_model_parameters(None, L, C, V + 1, T) - model == C
    assert language_model_parameters(None, L, C, V, T + 1) - model == C
    assert language_model_parameters(None, L + 1, C, V, T) - model == 12 * C**2 + 2 * C
    projector = Orthostochastic(3, 2)
    site = layer_cost(projector, C).parameters
    assert language_model_parameters(projector, L, C, V, T) - model == 2 * L * site


def test_a_transformer_built_of_tensors_has_as_many_parameters():
    layers, width, vocabulary, context = 2, 24, 50, 16

    def linear(a, b):
        return torch.nn.Linear(a, b, bias=False)

    def norm():
        return torch.nn.LayerNorm(width, bias=False)

    blocks = [
        torch.nn.Sequential(
            norm(), linear(width, 3 * width), linear(width, width),
            norm(), linear(width, 4 * width), linear(4 * width, width),
        )
        for _ in range(layers)
    ]  # fmt: skip
    embeddings = [torch.nn.Embedding(size, width) for size in (vocabulary, context)]
    model = torch.nn.Sequential(*embeddings, *blocks, norm())
    count = sum(parameter.numel() for parameter in model.parameters())
    assert language_model_parameters(None, layers, width, vocabulary, context) == count


def test_the_table_has_a_row_for_each_entry_below_the_baseline():
    entries = methods(4, 2)
    table = language_model_table(entries)
    assert list(table) == ["Residual baseline", *entries]
    assert [row.parameters for row in table.values()] == [
        language_model_parameters(projector) for projector in (None, *entries.values())
    ]
    assert table["go-mHC"].added == 1_346_436
    assert [row.coefficients for row in table.values()] == [0, 16, 24, 4, 64]
    assert {row.n for name, row in table.items() if name in entries} == {4}


def test_streams_take_n_times_the_memory_of_one():
    table = language_model_table({"four": krom(2), "eight": krom(3)}, layers=5, width=100)
    one, four, eight = table.values()
    assert one.stream_bytes() == 4 * (2 * 5 + 1) * 100
    assert (four.stream_bytes(2), eight.stream_bytes(4)) == (2 * one.stream_bytes(), 8 * one.stream_bytes())
    assert four.parameter_bytes(2) == 2 * four.parameters


# --- one layer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 4, 6, 8])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_coefficients_are_those_of_table_1(n, s):
    table = methods(n, s)
    assert residual_coefficients(table["mHC"]) == n**2
    assert residual_coefficients(table["mHC-lite"]) == factorial(n)
    assert residual_coefficients(table["go-mHC"]) == n * s * (n * s - 1) // 2
    assert residual_coefficients(table["go-mHC"], "implemented") == (n * s) ** 2
    if n in (4, 8):
        assert residual_coefficients(table["KromHC"]) == 2 * log(n, 2)
    if n == 6:
        assert residual_coefficients(table["KromHC"]) == 2 + 6


@pytest.mark.parametrize("projector", PROJECTORS, ids=str)
def test_the_minimal_count_is_the_projectors_own_and_only_rotations_are_implemented_with_more(projector):
    minimal, spent = (residual_coefficients(projector, kind) for kind in ("minimal", "implemented"))
    assert minimal == projector.parameter_count
    assert (spent > minimal) == bool(re.search(r"\bOrthostochastic", repr(projector)))
    assert spent >= minimal


def test_combinators_count_their_parts_as_implemented():
    inner = Orthostochastic(3, 1)
    assert residual_coefficients(Kronecker((inner, PermutationMixture(2))), "implemented") == 9 + 2
    assert residual_coefficients(Mixture(inner, 3), "implemented") == 3 * 9 + 3
    assert residual_coefficients(Mixture(inner, 2, weights=(0.5, 0.5)), "implemented") == 2 * 9


def test_a_layer_holds_a_norm_three_maps_their_constants_and_three_scales():
    n, C, R = 3, 10, 36
    shapes = [(n * C,), (n * C, n + R), (n * C, n), (n + R,), (n,), (3,)]
    projector = Orthostochastic(n, 2)
    assert layer_cost(projector, C).parameters == sum(torch.empty(shape).numel() for shape in shapes)
    minimal = layer_cost(projector, C, "minimal")
    assert minimal.parameters == layer_cost(projector, C).parameters - (n * C + 1) * (R - 15)


def test_operations_are_the_maps_the_projection_and_the_mixing():
    projector = Orthostochastic(4, 2)
    cost = layer_cost(projector, 100, "minimal")
    assert cost.maps == 2 * 400 * (8 + 28)
    assert cost.projection == projector.flops
    assert cost.mixing == 2 * 16 * 100
    assert cost.flops == cost.maps + cost.projection + cost.mixing
    wide = layer_cost(projector, 200, "minimal")
    assert (wide.maps, wide.projection, wide.mixing) == (2 * cost.maps, cost.projection, 2 * cost.mixing)


def exponent(cost, n):
    """How a cost grows: the slope of its logarithm from n to 2n."""
    return log(cost(2 * n) / cost(n), 2)


def test_growth_with_n_is_that_of_tables_1_and_2():
    assert exponent(lambda n: Sinkhorn(n).flops, 64) == pytest.approx(2, abs=0.01)
    assert exponent(lambda n: Orthostochastic(n, 2).flops, 64) == pytest.approx(3, abs=0.02)
    assert exponent(lambda n: Orthostochastic(n, 2).parameter_count, 64) == pytest.approx(2, abs=0.01)
    assert exponent(lambda s: Orthostochastic(4, s).flops, 64) == pytest.approx(3, abs=0.02)
    for n in range(4, 8):
        ratio = PermutationMixture(n + 1).flops / PermutationMixture(n).flops
        assert n + 1 < ratio < (n + 1) * ((n + 1) / n) ** 2
    assert krom(10).flops / 1024**2 == pytest.approx(4 / 3, abs=0.001)


def test_orders_of_magnitude_that_the_paper_names_at_n_8():
    """Section 4.3: go-mHC about two orders above KromHC, mHC-lite almost five; the same order as mHC."""
    flops = {name: projector.flops for name, projector in methods(8, 2).items()}
    orders = {name: log(each / flops["KromHC"], 10) for name, each in flops.items()}
    assert 1.5 < orders["go-mHC"] < 2.5
    assert 4.2 < orders["mHC-lite"] < 5.2
    assert abs(orders["go-mHC"] - orders["mHC"]) < 0.5


# --- a budget -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(3, 7))
def test_every_candidate_of_a_moderate_size_has_a_shipped_share(n):
    """But for Newton-Schulz, which has no doubly stochastic matrix: its share is unknown, not 0 as the identity's."""
    shares = shipped_shares(candidates(n))
    assert shares.pop(NONE) is None
    assert all(share is not None and 0 <= share[0] <= share[1] <= 1 for share in shares.values())
    assert shares["identity"][0] == 0
    assert shares["go-mHC, s = 1"] < shares["go-mHC, s = 2"]


def test_no_share_is_known_without_a_map_or_without_area():
    assert set(shipped_shares(candidates(2)).values()) == {None}
    assert set(shipped_shares(candidates(17)).values()) == {None}
    assert shipped_shares(candidates(8))["mHC-lite"][1] == 1
    assert "mHC-lite" not in candidates(9)
    assert {"go-mHC, s = 2", "go-mHC, s = 3"} - set(candidates(1500)) == {"go-mHC, s = 3"}
    assert "KromHC" not in candidates(7)


def test_what_a_budget_buys_is_within_it_and_the_best_comes_first():
    entries = candidates(4)
    shares = shipped_shares(entries)
    everything = affordable(entries, shares)
    assert {offer.name for offer in everything} == set(entries)
    assert everything[-1].name == NONE
    reached = [offer.certified for offer in everything[:-1]]
    assert reached == sorted(reached, reverse=True)
    best = -1.0
    for budget in (0, 4, 6, 14, 16, 24, 28, 120):
        offers = affordable(entries, shares, parameters=budget)
        assert offers == [offer for offer in everything if offer.projector.parameter_count <= budget]
        best, before = max([best, *(offer.certified for offer in offers[:1])]), best
        assert best >= before
    offers = affordable(entries, shares, parameters=16, flops=500)
    names = [offer.name for offer in offers]
    assert names == ["TBP-mHC", "averaged orthostochastic, k = 2", "C-mHC", "go-mHC, s = 1", "identity", "KromHC"]
    spent = affordable(entries, shares, parameters=16, coefficients="implemented")
    assert {"mHC", "go-mHC, s = 1", "KromHC"} < {offer.name for offer in spent}
    assert not any(offer.name.startswith("go-mHC, s = 2") for offer in spent)


def test_a_budget_of_time_keeps_what_is_as_fast() -> None:
    entries = methods(4)
    times = {name: float(place) for place, name in enumerate(entries)}
    for limit in range(len(entries)):
        offers = affordable(entries, dict.fromkeys(entries), seconds=limit, times=times)
        assert {offer.name for offer in offers} == set(list(entries)[: limit + 1])


def test_equal_shares_prefer_fewer_coefficients_and_unknown_ones_come_last():
    entries = {"unknown": Unistochastic(4), "dear": Orthostochastic(4, 3), "cheap": Orthostochastic(4, 2)}
    shares = {"unknown": None, "dear": (0.0, 0.5), "cheap": (0.0, 0.5)}
    assert [offer.name for offer in affordable(entries, shares)] == ["cheap", "dear", "unknown"]


# --- the clock ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("projector", [*methods(4, 2).values(), PermutationMixture(8)], ids=str)
def test_a_measurement_is_finite_positive_and_says_how_it_was_made(projector):
    timing = measured(projector, batch=64, repeats=2)
    assert isfinite(timing.forward)
    assert isfinite(timing.training)
    assert timing.forward > 0
    assert timing.training > 0
    assert timing.batch == (64 if projector.parameter_count < 1000 else 18)
    assert timing.repeats in (1, 2)
    assert timing.device.startswith("CPU")


def test_a_measurement_leaves_the_number_of_threads_as_it_was():
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    measured(Orthostochastic(3), batch=2, repeats=1)
    assert torch.get_num_threads() == threads + 1
    torch.set_num_threads(threads)


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["layers", "width", "vocabulary", "context"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, 10**9 + 1])
def test_bad_sizes_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=rf"{name} must be a whole number .*not {value}"):
        language_model_parameters(None, **{name: value})


def test_other_bad_arguments_are_refused():
    projector = Orthostochastic(4, 2)
    with pytest.raises(ValueError, match="coefficients must be one of implemented, minimal, not 'few'"):
        residual_coefficients(projector, "few")
    with pytest.raises(ValueError, match="width of a stream must be"):
        layer_cost(projector, 0)
    with pytest.raises(ValueError, match="budget of flops must be"):
        affordable({}, {}, flops=1.5)
    with pytest.raises(ValueError, match="none for mHC"):
        affordable(methods(4), {"go-mHC": None})
    with pytest.raises(ValueError, match="a budget of seconds must be a number from 0 to inf, not -1"):
        affordable(methods(4), dict.fromkeys(methods(4)), seconds=-1, times=dict.fromkeys(methods(4), 1.0))
    with pytest.raises(ValueError, match="time of every candidate"):
        affordable(methods(4), dict.fromkeys(methods(4)), seconds=1.0)
    with pytest.raises(ValueError, match="repeats must be"):
        measured(projector, repeats=0)
    with pytest.raises(ValueError, match="matrices at once must be"):
        measured(projector, batch=0)
