"""Eigenvalues of doubly stochastic matrices, their derivatives, and how many of them are where."""

from geometry.grid import Density, density
from geometry.spectra.without_perron import eigenvalues, unordered_eigenvalues

__all__ = ["Density", "density", "eigenvalues", "unordered_eigenvalues"]
