"""How parameters are found whose matrix has an eigenvalue at a given point."""
