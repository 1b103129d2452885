"""Questions about sets of doubly stochastic matrices and their spectra."""
