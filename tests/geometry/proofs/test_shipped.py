"""Shipped proofs: all that are promised are there, what they claim is checked in part, and outlines enclose it."""

from __future__ import annotations

import gzip
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from shapely import Polygon, box, unary_union

from geometry.proofs import Proof, check, not_excluded, shipped
from geometry.proofs.pieces import Piece
from geometry.proofs.proof import read
from geometry.regions import hypocycloid, orthostochastic_order3, perfect_mirsky
from projectors import Circulant, Mixture, Orthostochastic, PermutationMixture, Projector, Unistochastic

NAMED = [(n, name) for n in shipped.SIZES for name in shipped.named(n)]


def proof_of(n: int, name: str) -> Proof:
    found = shipped.shipped_proof(shipped.named(n)[name])
    assert found is not None
    return found


@pytest.mark.parametrize(("n", "name"), NAMED)
def test_pieces_drawn_by_lot_are_checked_again(n: int, name: str) -> None:
    """All are by `python geometry/proofs/check.py`, in minutes; here a few, and their area."""
    proof = proof_of(n, name)
    told = proof.certificate()
    few = np.random.default_rng(0).choice(len(told["pieces"]), 6, replace=False)
    area = check.checked(told | {"pieces": [told["pieces"][each] for each in few]})
    assert int(area.p) / int(area.q) == pytest.approx(
        2 * float(sum(proof.pieces[each].area(101, proof.half) for each in few))
    )


def test_a_region_without_an_area_has_no_shares() -> None:
    assert np.isnan(proof_of(4, "mHC-lite").bracket(perfect_mirsky(2))).all()


@pytest.mark.parametrize(("n", "name"), NAMED)
def test_brackets_hold_what_is_known(n: int, name: str) -> None:
    proof, region = proof_of(n, name), perfect_mirsky(n)
    below, above = proof.bracket(region)
    assert 0.5 < below < above
    if n == 3 and name.startswith("go-mHC"):
        exact = orthostochastic_order3(proof.projector.s).area / region.area  # type: ignore[attr-defined]
        assert 0.94 * exact < below < exact <= above + 1e-9
    if name == "mHC-lite" and n == 4:
        assert 0.94 < below < 1 == above


@pytest.mark.parametrize(("n", "name"), NAMED)
def test_rectangles_do_not_overlap_and_stay_where_theory_has_them(n: int, name: str) -> None:
    proof = proof_of(n, name)
    sides = np.array([[float(side) for side in piece.sides(101, proof.half)] for piece in proof.pieces])
    corners = np.concatenate([sides[:, i] + 1j * sides[:, j] for i in (0, 1) for j in (2, 3)])
    assert not_excluded(proof.projector).contains(corners, 1e-9).all()
    union = unary_union([box(a, c, b, d) for a, b, c, d in sides])
    assert 2 * union.area == pytest.approx(float(proof.area))


def test_larger_sets_have_no_less_proved() -> None:
    for n in (3, 4):
        areas = [float(proof_of(n, f"go-mHC, s = {s}").area) for s in (1, 2)]
        assert areas[0] < areas[1]
        assert areas[0] < float(proof_of(n, "average of 2, learned weights").area) * 1.001


def test_the_excess_of_order_5_is_proved_as_a_set() -> None:
    """Of mHC-lite at n = 5, whole rectangles beyond the Perfect-Mirsky region [Mashreghi and Rivard 2007]."""
    region, proof = perfect_mirsky(5), proof_of(5, "mHC-lite")
    beyond = [piece for piece in proof.pieces if _outside(piece, proof.half, region)]
    assert beyond


def _outside(piece: Piece, half: Fraction, region: object) -> bool:
    a, b, c, d = (float(side) for side in piece.sides(101, half))
    polygon = Polygon([(z.real, z.imag) for z in region.boundary if np.isfinite(z)])  # type: ignore[attr-defined]
    return not polygon.intersects(box(a, c, b, d))


def test_what_theorems_exclude() -> None:
    assert not_excluded(Orthostochastic(3, 1)).area == hypocycloid(3).area
    assert not_excluded(Orthostochastic(3, 2)).area == perfect_mirsky(3).area
    assert not_excluded(Unistochastic(4, 1)).area == perfect_mirsky(4).area
    assert not_excluded(Circulant(5)).area < perfect_mirsky(5).area < not_excluded(PermutationMixture(5)).area


def test_outlines_enclose_what_is_proved() -> None:
    """Crossing them along a row, one is inside every other time: the row's length within is that of its pieces."""
    proof = proof_of(3, "go-mHC, s = 1")
    lines = proof.outline().reshape(-1, 3)
    assert np.isnan(lines[:, 2]).all()
    upright = lines[lines[:, 0].real == lines[:, 1].real]
    y = 0.2 + 1e-4
    x = np.sort(upright[(upright[:, 0].imag < y) & (y < upright[:, 1].imag), 0].real)
    within = sum(float(b - a) for a, b, c, d in (p.sides(101, proof.half) for p in proof.pieces) if c < y < d)
    assert len(x) % 2 == 0
    assert (x[1::2] - x[::2]).sum() == pytest.approx(within)
    both = np.sort_complex(lines[:, 0].round(9)), np.sort_complex(lines[:, 0].conj().round(9))
    upright_ends = upright[:, :2].conj()[:, ::-1]
    assert len(both[0]) == len(lines)
    assert {tuple(pair) for pair in upright_ends.round(9)} == {tuple(pair) for pair in upright[:, :2].round(9)}


def test_a_certificate_is_read_back(tmp_path: Path) -> None:
    proof = proof_of(3, "go-mHC, s = 1")
    for ending in ("json", "json.gz"):
        proof.save(path := tmp_path / f"proof.{ending}")
        again = read(path, proof.projector, proof.reached)
        assert (again.pieces, again.numbers, again.area) == (proof.pieces, proof.numbers, proof.area)
    with pytest.raises(ValueError, match="is of Orthostochastic"):
        read(path, Orthostochastic(4, 1), proof.reached)


@pytest.mark.parametrize("damage", ["missing", "short", "other", "nothing"])
def test_a_damaged_certificate_is_done_without(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    projector: Projector = Orthostochastic(3, 1)
    raw = shipped.path_of(projector).read_bytes()
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    wrong = {
        "short": raw[: len(raw) // 2],
        "other": shipped_bytes({"projector": "another", "cells": 101}),
        "nothing": shipped_bytes([]),
    }
    if damage != "missing":
        shipped.path_of(projector).write_bytes(wrong[damage])
    assert shipped.shipped_proof(projector) is None
    assert "is done without" in caplog.text


def shipped_bytes(told: object) -> bytes:
    return gzip.compress(json.dumps(told).encode())


def test_no_proof_is_shipped_for_others() -> None:
    assert shipped.shipped_proof(Mixture(Orthostochastic(5, 1), 2)) is None
    assert shipped.named(6) == {}


def test_the_table_of_areas() -> None:
    columns = shipped.proved_area(3)
    assert set(columns) == set(shipped.COLUMNS)
    assert len({len(values) for values in columns.values()}) == 1
    for proved, excluded, exact, certified in zip(*(columns[key] for key in shipped.COLUMNS[1:5]), strict=True):
        assert proved < excluded <= 1
        assert np.isnan(exact) or proved < exact
        assert np.isnan(certified) or abs(certified - proved) < 0.1
