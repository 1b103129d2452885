"""Proofs: what is proved is so, what is not so is not proved, and a certificate stands by itself."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tokenize
from dataclasses import replace
from fractions import Fraction
from itertools import count as counting
from pathlib import Path

import numpy as np
import pytest
import torch
from flint import arb

from deploy.local import ROOT
from geometry.grid import Window
from geometry.proofs import Proof, check, prove
from geometry.proofs.forecast import forecast
from geometry.proofs.kinds import BITS, kind
from geometry.proofs.pieces import Piece
from geometry.proofs.proving import decided
from geometry.reach import ReachMap, reach_map, solve
from geometry.regions import hypocycloid, orthostochastic_order3, perfect_mirsky
from projectors import (
    Circulant,
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Projector,
    Sinkhorn,
    Unistochastic,
)

PROJECTORS = {
    "real": Orthostochastic(3, 1),
    "real, rank 2": Orthostochastic(4, 2),
    "complex": Unistochastic(3, 1),
    "mean": Mixture(Orthostochastic(3, 1), 2, (0.5, 0.5)),
    "averaged": Mixture(Orthostochastic(3, 1), 2),
    "mixture": PermutationMixture(3),
    "circulant": Circulant(4),
    "Kronecker": Kronecker((PermutationMixture(3), PermutationMixture(2))),
}


def square(projector: Projector, z: complex, half: float) -> tuple[dict, tuple[Fraction, ...], list[int]]:
    """A square around a point, with the parameters of a matrix that has an eigenvalue there: what is decided about."""
    sides = tuple(Fraction(each) for each in (z.real - half, z.real + half, max(z.imag - half, 0), z.imag + half))
    aim = complex(z.real, np.sqrt((float(sides[2]) ** 2 + float(sides[3]) ** 2) / 2))
    rule, found = kind(projector), solve(projector, [aim])
    return rule.about, sides, rule.numbers(found.theta)[0].tolist()


@pytest.fixture(scope="module")
def reach() -> ReachMap:
    return reach_map(Orthostochastic(3, 1), 21)


@pytest.fixture(scope="module")
def proof(reach: ReachMap) -> Proof:
    return prove(reach, depth=2, workers=1)


@pytest.mark.parametrize("name", PROJECTORS)
@pytest.mark.parametrize("z", [-0.1 + 0.3j, 0.15 + 0.2j])
def test_squares_inside_are_proved(name: str, z: complex) -> None:
    assert decided(square(PROJECTORS[name], z, 0.004))


def test_a_square_on_the_real_axis_is_proved_too() -> None:
    """There the two eigenvalues of a pair meet: their mean and the square of their distance go on smoothly."""
    about, _, numbers = square(PROJECTORS["real"], 0.1 + 0.004j, 0.004)
    strip = Fraction("0.0995"), Fraction("0.1005"), Fraction(0), Fraction("0.008")
    assert decided((about, strip, numbers))


@pytest.mark.parametrize("name", ["real", "complex"])
def test_no_square_that_leaves_the_deltoid_is_proved(name: str) -> None:
    """From within by ever less, the edge in reach: some are proved, and none beyond it."""
    region = hypocycloid(3)
    z = region.radius(np.array([2.0]))[0] * np.exp(2.0j)
    proved = []
    for share in np.linspace(0.90, 1.02, 13):
        about, sides, numbers = square(PROJECTORS[name], complex(share * z), 0.001)
        inside = all(region.contains(complex(re, im)) for re in map(float, sides[:2]) for im in map(float, sides[2:]))
        proved.append(decided((about, sides, numbers)))
        assert inside or not proved[-1]
    assert any(proved)
    assert not all(proved)


@pytest.mark.parametrize("name", PROJECTORS)
def test_points_of_a_proved_square_are_eigenvalues(name: str) -> None:
    """Independently: from the square's own matrix a search finds one for every point of it."""
    projector, z, half = PROJECTORS[name], -0.05 + 0.25j, 0.005
    assert decided(square(projector, z, half))
    chance = np.random.default_rng(0)
    points = z + half * (chance.uniform(-1, 1, 20) + 1j * chance.uniform(-1, 1, 20))
    assert bool(solve(projector, points).solved.all())


@pytest.mark.parametrize("name", PROJECTORS)
def test_wrong_parameters_are_refused(name: str) -> None:
    about, sides, numbers = square(PROJECTORS[name], -0.1 + 0.3j, 0.004)
    assert decided((about, sides, numbers))
    shifts = (max(np.abs(numbers).max(), 2**BITS) * np.random.default_rng(1).normal(0, 0.5, (5, len(numbers)))).astype(
        int
    )
    wrong = (
        np.abs(np.array(numbers) + shifts)
        if name in ("averaged", "mixture", "circulant", "Kronecker")
        else numbers + shifts
    )
    assert not any(decided((about, sides, each)) for each in wrong.tolist())
    moved = tuple(side + Fraction(1, 4) * (place < 2) for place, side in enumerate(sides))
    assert not decided((about, moved, numbers))


@pytest.mark.parametrize("name", ["real", "mixture"])
@pytest.mark.parametrize("bound", ["inf", "nan", "1e30"])
def test_a_bound_beyond_all_numbers_proves_nothing(name: str, bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Infinity is not larger than infinity: it is not taken for a radius that holds its image."""
    job = square(PROJECTORS[name], -0.1 + 0.3j, 0.004)
    assert decided(job)
    monkeypatch.setattr(check.Mixture if name == "mixture" else check.Rotations, "beyond", lambda *_: arb(bound))
    assert not decided(job)


@pytest.mark.parametrize("name", PROJECTORS)
@pytest.mark.parametrize("half", [0.05, 0.2, 0.7])
def test_no_large_square_is_proved_at_once(name: str, half: float) -> None:
    about, sides, numbers = square(PROJECTORS[name], -0.1 + 0.3j, 0.004)
    large = tuple(side + (-1) ** (place + 1) * Fraction(half) for place, side in enumerate(sides))
    assert not decided((about, (large[0], large[1], max(large[2], Fraction(0)), large[3]), numbers))


@pytest.mark.parametrize("factor", [0.5, 2.0, -1.0])
def test_a_wrong_jacobian_proves_nothing(factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted in the checker itself, once directions are chosen by the right one: the linear terms leave too much."""
    right, calls = check.Rotations.first, counting()

    def wrong(self, S):
        return right(self, S) * arb(1 if next(calls) < 2 else factor)

    job = square(PROJECTORS["real"], -0.1 + 0.3j, 0.01)
    assert decided(job)
    monkeypatch.setattr(check.Rotations, "first", wrong)
    assert not decided(job)
    assert next(calls) == 4


@pytest.mark.parametrize("name", PROJECTORS)
def test_the_checker_s_terms_are_those_of_the_matrix(name: str) -> None:
    """Against the matrix itself, in float64: two orders are right, and what is beyond them is within its bound."""
    projector, chance = PROJECTORS[name], np.random.default_rng(0)
    rule = kind(projector)
    theta = projector.initial(1, generator=torch.Generator().manual_seed(1))
    numbers = rule.numbers(theta)
    model = checkers_model(rule.about, numbers[0].tolist())
    ways = [model.towards(check.arb_mat(chance.normal(size=(model.n, model.n)).tolist())) for _ in range(2)]
    S = [way / check.norm(way) * arb(0.01 if isinstance(model, check.Mixture) else 1) for way in ways]
    first = [array(model.first(each)) for each in S]
    bends = [[array(model.second(one, other)) for other in S] for one in S]
    beyond = []
    for size in (0.2, 0.1):
        u = size * np.array([0.6, -0.8])
        moved = moved_matrix(model, array(S[0]) * u[0] + array(S[1]) * u[1])
        told = array(model.B) + np.tensordot(u, first, 1) + np.tensordot(np.outer(u, u), bends, 2)
        beyond.append(np.linalg.norm(moved - told, 2))
        assert beyond[-1] <= float(model.beyond(arb(size), *S)) + 1e-14
    if isinstance(model, check.Rotations):
        assert beyond[1] == pytest.approx(beyond[0] / 8, rel=0.2)  # nothing of a lower order is left
        assert beyond[0] > float(model.beyond(arb(0.2), *S)) / 1000
    else:  # until a weight would be negative
        assert not model.beyond(arb(1e3), *S) <= arb(1e9)


def checkers_model(about: dict, numbers: list[int]) -> check.Rotations | check.Mixture:
    return (check.Mixture if about["kind"] == "mixture" else check.Rotations)(about, numbers)


def array(matrix: check.arb_mat) -> np.ndarray:
    return np.array([[float(entry.mid()) for entry in row] for row in matrix.table()])


def moved_matrix(model: check.Rotations | check.Mixture, S: np.ndarray) -> np.ndarray:
    """What the checker starts from, moved along S: by its definition, with nothing of the checker's terms."""
    if isinstance(model, check.Mixture):
        return np.tensordot(array(model.weights)[0] + S[0], [array(each) for each in model.vertices], 1)
    Q = array(model.Q) @ torch.linalg.matrix_exp(torch.from_numpy(S)).numpy()
    s = len(Q) // model.n
    shares = array(model.left)[0, :s]
    return np.einsum("ikjl,k->ij", (Q**2).reshape(model.n, s, model.n, s), shares)


def test_without_digits_nothing_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Balls of few digits are wide: rounding is taken into account."""
    job = square(PROJECTORS["real, rank 2"], -0.1 + 0.3j, 0.01)
    assert decided(job)
    monkeypatch.setattr(check, "DIGITS", 14)
    assert not decided(job)


def test_matrices_of_another_kind_are_refused() -> None:
    numbers = [1] * 15
    for kind_, count in (("complex", 9), ("averaged", 6 + 2), ("mean", 6), ("real", 15)):
        told = {"n": 3, "s": 2, "kind": kind_, "bits": 2}
        model = check.Rotations(told, numbers[:count])
        A = model.skew(numbers[: len(model.orbits)])
        assert A.transpose() == -A
        with pytest.raises(ValueError, match="argument 2"):
            check.Rotations(told, numbers[: count - 1])
    with pytest.raises(ValueError, match="even"):
        check.Rotations({"n": 2, "s": 3, "kind": "complex", "bits": 2}, numbers[:9])
    for factor, given, sentence in (
        ([[0, 1, 2], [1, 2, 0], [2, 0, 1]], [3, -1, 1], "must not be negative"),
        ([[0, 1, 1]], [1], "permute"),
        ([[0, 1], [1, 0]], [1, 2, 3], "as many"),
        ([[0, 1], [1, 0]], [1], "argument 2"),
        ([[0, 1, 2], [1, 2, 0]], [1, 2], "n as large"),
    ):
        with pytest.raises(ValueError, match=sentence):
            check.Mixture({"factors": [factor], "n": 2}, given)


@pytest.mark.parametrize("name", PROJECTORS)
def test_the_checker_s_matrix_is_the_projector_s(name: str) -> None:
    projector = PROJECTORS[name]
    theta = projector.initial(1, generator=torch.Generator().manual_seed(0))
    rule = kind(projector)
    model = checkers_model(rule.about, rule.numbers(theta)[0].tolist())
    n = projector.n
    entries = torch.tensor([[float(model.B[i, j].mid()) for j in range(n)] for i in range(n)], dtype=torch.float64)
    made = projector(theta)[0].double()
    if isinstance(projector, Kronecker):  # of which the largest factor is the last: the same but for the order of rows
        order = torch.arange(n).reshape(3, 2).T.flatten()
        made = made[order][:, order]
    torch.testing.assert_close(entries, made, atol=1e-5, rtol=0)
    torch.testing.assert_close(rule.model(rule.numbers(theta)).B[0], entries, atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", PROJECTORS)
@pytest.mark.parametrize("half", [0.02, 0.008, 0.003])
def test_the_forecast_says_what_the_checker_will(name: str, half: float) -> None:
    for z in (-0.1 + 0.3j, 0.15 + 0.2j, 0.05 + 0.1j, -0.2 + 0.003j):
        about, sides, numbers = square(PROJECTORS[name], z, half)
        model = kind(PROJECTORS[name]).model(np.array([numbers]))
        said = forecast(model, torch.tensor([[float(side) for side in sides]], dtype=torch.float64))
        assert bool(said) == decided((about, sides, numbers))


def test_a_proof_is_a_lower_bound_of_the_exact_area(proof: Proof) -> None:
    exact = hypocycloid(3)
    assert 0.5 * exact.area < float(proof.area) < exact.area
    assert exact.area == pytest.approx(2 * np.pi / 9)
    for piece in proof.pieces:
        a, b, c, d = map(float, piece.sides(21, proof.half))
        assert exact.contains(np.array([complex(re, im) for re in (a, b) for im in (c, d)]), 1e-9).all()
    middle = len(proof.centres) // 2
    assert (proof.share[middle] > 0).any()  # of the real axis, too
    np.testing.assert_array_equal(proof.share, proof.share[::-1])
    assert (proof.share <= 1 + 1e-12).all()
    assert not (proof.proved & ~proof.reached)[middle + 1 :].any()
    cell = (2 * proof.half / 21) ** 2
    assert float(proof.share.sum() * float(cell)) == pytest.approx(float(proof.area))
    assert set(np.unique(proof.why())) <= {"proved", "in part", "not proved", "not reached"}
    assert ((proof.why() == "proved") == proof.proved).all()


def test_more_depth_proves_more(reach: ReachMap, proof: Proof) -> None:
    less = prove(reach, depth=1, workers=1)
    assert less.area < proof.area
    assert set(less.pieces) <= set(proof.pieces)


def test_two_processes_prove_what_one_does(reach: ReachMap) -> None:
    one, two = (prove(reach, depth=0, workers=workers) for workers in (1, 2))
    assert one.pieces == two.pieces
    assert one.area == two.area


@pytest.mark.parametrize("ending", ["json", "json.gz"])
def test_a_certificate_is_checked_without_the_library(ending: str, proof: Proof, tmp_path: Path) -> None:
    path = tmp_path / f"proof.{ending}"
    small = replace(proof, pieces=proof.pieces[:30], numbers=proof.numbers[:30])
    small.save(path)
    program = tmp_path / "check.py"
    program.write_bytes((ROOT / "geometry" / "proofs" / "check.py").read_bytes())
    command = [sys.executable, "-I", program, path]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "Of kind real, n = 3, s = 1: 30 pieces proved" in done.stdout
    assert f"an area of {small.area}" in done.stdout


def test_the_checker_is_short_enough_to_be_read() -> None:
    """Less than 150 lines, those of its words left out."""
    text = (ROOT / "geometry" / "proofs" / "check.py").read_text(encoding="utf-8")
    with open(ROOT / "geometry" / "proofs" / "check.py", "rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    told = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    code = {line for token in tokens if token.type not in told for line in range(token.start[0], token.end[0] + 1)}
    words = {
        line
        for statement in ast.walk(ast.parse(text))
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        for line in range(statement.lineno, (statement.end_lineno or 0) + 1)
    }
    assert 100 < len(code - words) < 150


def test_a_certificate_that_was_tampered_with_is_refused(proof: Proof) -> None:
    told = json.loads(json.dumps(replace(proof, pieces=proof.pieces[:3], numbers=proof.numbers[:3]).certificate()))
    assert check.checked(told) > 0
    level, row, column, numbers = told["pieces"][0]
    for pieces, sentence in (
        ([told["pieces"][0]] * 2, "lies in another one"),
        ([told["pieces"][0], [level + 1, 2 * row, 2 * column, numbers]], "lies in another one"),
        ([[level, row, column + 8, numbers]], "is not proved"),
        ([[0, -1, 0, numbers]], "or nowhere"),
        ([[0, 0, 0, numbers]], "or nowhere"),  # below the axis
        ([[1, 21, 21, numbers]], "or nowhere"),  # a square where there are strips
        ([[0, 10.0, 0, numbers]], "whole numbers"),  # of which there would be many for one strip
        ([[level, row, True, numbers]], "whole numbers"),
    ):
        with pytest.raises(ValueError, match=sentence):
            check.checked(told | {"pieces": pieces})
    with pytest.raises(ValueError, match="is not proved"):
        check.checked(told | {"s": 1, "half": [2, 1]})


def test_what_no_proof_is_offered_for_is_said(reach: ReachMap) -> None:
    with pytest.raises(ValueError, match="not for Sinkhorn"):
        kind(Sinkhorn(3))
    for window in (Window(0.1 + 0.2j, 0.2), Window(0, 1e-4), Window(0.0, 1.04)):
        with pytest.raises(ValueError, match="of a window"):
            prove(reach_map(Orthostochastic(3, 1), 5, window=window))
    with pytest.raises(ValueError, match="depth"):
        prove(reach, depth=9)


def test_the_excess_of_order_5_is_proved_to_be_there() -> None:
    """Where spectra of order 5 leave PM_5 (Mashreghi and Rivard 2007): a square of points that PM_5 lacks."""
    z = -0.305 + 0.7577j
    job = square(PermutationMixture(5), z, 2e-4)
    corners = np.array([complex(re, im) for re in map(float, job[1][:2]) for im in map(float, job[1][2:])])
    assert not perfect_mirsky(5).contains(corners).any()
    assert decided(job)


def test_exact_areas_of_order_3_bound_what_is_proved() -> None:
    for s in (2, 3):
        found = prove(reach_map(Orthostochastic(3, s), 31), depth=1, workers=1)
        assert 0 < float(found.area) < orthostochastic_order3(s).area


def test_pieces_halve_their_sides() -> None:
    half = Fraction(21, 20)
    for piece, count in ((Piece(0, 9, 9), 4), (Piece(0, 7, 9, strip=True), 2)):
        parts = [child.sides(15, half) for child in piece.children()]
        a, b, c, d = piece.sides(15, half)
        assert len(set(parts)) == len(parts) == count
        assert (min(p[0] for p in parts), max(p[1] for p in parts)) == (a, b)
        assert (min(p[2] for p in parts), max(p[3] for p in parts)) == (c, d)
        assert sum(child.area(15, half) for child in piece.children()) == piece.area(15, half)
        assert all(child.cell == piece for child in piece.children())
    assert Piece(0, 7, 9, strip=True).sides(15, half)[2] == 0
