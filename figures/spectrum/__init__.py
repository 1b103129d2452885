"""Pictures of eigenvalues: densities, certified reach, targets, methods side by side, coverage."""
