"""The table of methods: known without torch, one row for each name, and read whenever somebody asks."""

import subprocess
import sys
from dataclasses import dataclass
from math import isqrt

import pytest

from projectors import Orthostochastic, Sinkhorn, methods, ranked, table, variants
from projectors.base import Projector
from projectors.table import METHODS, Method, Options

each_row = pytest.mark.parametrize("row", METHODS, ids=lambda row: row.name)


def test_names_and_checks_come_without_torch():
    code = (
        "import sys, projectors\n"
        "from projectors.sizes import factorizations\nfrom projectors.table import METHODS\n"
        "assert [row.name for row in METHODS if row.exists(12)] and factorizations(12)\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
        "assert projectors.Orthostochastic(3).n == 3 and 'torch' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_names_of_the_package_are_refused():
    import projectors

    with pytest.raises(AttributeError, match="has no attribute 'Toeplitz'"):
        projectors.Toeplitz  # noqa: B018


def test_no_name_and_no_colour_stands_twice():
    names = [row.name for row in METHODS]
    colours = [row.colour for row in METHODS if row.colour is not None]
    assert len(set(names)) == len(names)
    assert len(set(colours)) == len(colours)


@each_row
def test_a_row_says_in_words_where_it_exists(row):
    """Nothing is said of what exists everywhere; else the bounds that are told are those that hold."""
    exists = [n for n in range(2, 65) if row.exists(n)]
    prime = [n for n in range(2, 65) if all(n % k for k in range(2, isqrt(n) + 1))]
    smooth = [n for n in range(2, 65) if not any(n % p == 0 for p in prime if p > 7)]
    told = set(range(2, 65))
    if "composite" in row.wanted:
        told &= set(smooth) - set(prime)
    if "n ≤ 8" in row.wanted:
        told &= set(range(9))
    assert set(exists) == told
    assert (row.wanted == "") == (len(exists) == 63)


def test_needs_are_joined():
    both = Method("both", "", lambda given: Sinkhorn(given.n), composite=True, largest=9)
    assert both.wanted == "a composite n with prime factors ≤ 7 and n ≤ 9"
    assert [n for n in range(2, 12) if both.exists(n)] == [4, 6, 8, 9]


@pytest.mark.parametrize(
    ("row", "n"),
    [(row, n) for row in METHODS for n in (4, 5, 8, 12) if row.exists(n)],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_row_makes_a_projector_of_its_size_that_depends_on_what_it_says(row, n):
    made = row.make(Options(n))
    assert isinstance(made, Projector)
    assert made.n == n
    assert (row.make(Options(n, s=3)) != made) == row.ranked
    assert (row.make(Options(n, iterations=7)) != made) == row.iterated
    factors = Options(n).sizes(), Options(n).sizes(coarse=True)
    changed = n > 4 and {row.make(Options(n, factors=each)) for each in factors} != {made}
    assert changed == (row.composite and n > 4)


def test_ranked_takes_each_rank_once_and_leaves_the_rest_alone():
    entries = ranked(4, (3, 1))
    assert list(entries) == ["mHC", "mHC-lite", "KromHC", "go-mHC, s = 3", "go-mHC, s = 1"]
    assert entries["go-mHC, s = 3"] == Orthostochastic(4, 3)
    assert {name: entries[name] for name in ("mHC", "mHC-lite", "KromHC")} == {
        name: projector for name, projector in methods(4).items() if name != "go-mHC"
    }
    assert list(ranked(11, ())) == ["mHC"]
    for n, ranks in ((1, (1,)), (4, (0,)), (4, (1.5,)), (True, ())):
        with pytest.raises(ValueError, match="whole number"):
            ranked(n, ranks)


@dataclass(frozen=True)
class Fixed(Projector):
    parameter_count = 1
    flops = 1

    def matrices(self, theta):
        raise NotImplementedError


def test_a_new_row_is_all_that_a_new_method_takes(monkeypatch):
    rows = (*METHODS, Method("fixed", "", lambda given: Fixed(given.n), largest=5))
    monkeypatch.setattr(table, "METHODS", rows)
    assert methods(4)["fixed"] == ranked(4, (1,))["fixed"] == Fixed(4)
    assert "fixed" not in methods(6)
    assert "fixed" not in variants(4)
