"""Parameterizations by averages of permutations: all of them, cyclic ones, none but the identity, and combinations."""
