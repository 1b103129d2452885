"""Parameterizations by squared entries of rotations: orthostochastic and unistochastic matrices, exact or iterated."""
