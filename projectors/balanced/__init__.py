"""Parameterizations that give any matrix rows and columns of sum 1: scaled, projected, or filled entry by entry."""
