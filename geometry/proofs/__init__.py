"""Proved reach: squares of which every point is an eigenvalue, by computer-assisted proofs that anybody can check."""

from geometry.proofs.proof import Proof
from geometry.proofs.proving import prove

__all__ = ["Proof", "prove"]
