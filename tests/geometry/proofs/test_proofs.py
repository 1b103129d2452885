"""Proofs: what is proved is so, what is not so is not proved, and a certificate stands by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from flint import arb, fmpq

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
    "averaged": Mixture(Orthostochastic(3, 1), 2, (0.5, 0.5)),
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


def test_wrong_parameters_are_refused() -> None:
    about, sides, numbers = square(PROJECTORS["real"], -0.1 + 0.3j, 0.004)
    assert decided((about, sides, numbers))
    shifts = (2**BITS * np.random.default_rng(1).normal(0, 0.3, (5, 3))).astype(int)
    wrong = (np.array(numbers) + shifts).tolist()
    assert not any(decided((about, sides, each)) for each in wrong)
    moved = tuple(side + Fraction(1, 4) * (place < 2) for place, side in enumerate(sides))
    assert not decided((about, moved, numbers))


@pytest.mark.parametrize("factor", [0.5, 2.0, -1.0])
def test_a_wrong_jacobian_proves_nothing(factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted in the checker itself: the linear terms then leave too much."""
    right = check.Rotations.blocks

    def wrong(self, X, Y):
        found = right(self, X, Y)
        return found if X is self.Q and Y is self.Q else found * arb(factor)

    job = square(PROJECTORS["real"], -0.1 + 0.3j, 0.01)
    assert decided(job)
    monkeypatch.setattr(check.Rotations, "blocks", wrong)
    assert not decided(job)


def test_without_digits_nothing_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Balls of few digits are wide: rounding is taken into account."""
    job = square(PROJECTORS["real, rank 2"], -0.1 + 0.3j, 0.01)
    assert decided(job)
    monkeypatch.setattr(check, "DIGITS", 14)
    assert not decided(job)


def test_matrices_of_another_kind_are_refused() -> None:
    numbers = [fmpq(1, 4)] * 15
    for kind_, count in (("complex", 9), ("averaged", 6 + 2), ("real", 15)):
        model = check.Rotations(3, 2, kind_, numbers[:count])
        A = model.skew(numbers[: len(model.orbits)])
        assert A.transpose() == -A
        with pytest.raises(ValueError, match="argument 2"):
            check.Rotations(3, 2, kind_, numbers[: count - 1])
    with pytest.raises(ValueError, match="even"):
        check.Rotations(2, 3, "complex", numbers[:9])
    with pytest.raises(ValueError, match="must not be negative"):
        check.Mixture([[[0, 1, 2], [1, 2, 0], [2, 0, 1]]], [3, -1, 1])
    with pytest.raises(ValueError, match="permute"):
        check.Mixture([[[0, 1, 1]]], [1])
    with pytest.raises(ValueError, match="as many"):
        check.Mixture([[[0, 1], [1, 0]]], [1, 2, 3])


@pytest.mark.parametrize("name", PROJECTORS)
def test_the_checker_s_matrix_is_the_projector_s(name: str) -> None:
    projector = PROJECTORS[name]
    theta = projector.initial(1, generator=torch.Generator().manual_seed(0))
    rule = kind(projector)
    model = check.model_of(rule.about, rule.numbers(theta)[0].tolist())
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
    assert f"30 pieces proved: an area of {small.area}" in done.stdout


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
