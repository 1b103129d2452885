"""What bears on one plane of eigenvalues: samples, maps of reach, witnesses, and their numbers."""
