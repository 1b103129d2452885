"""Proved reach: rectangles of which every point is an eigenvalue, by proofs that anybody can check by computer."""

from geometry.proofs.proof import Proof
from geometry.proofs.proving import prove
from geometry.reach.known import not_excluded

__all__ = ["Proof", "not_excluded", "prove"]
