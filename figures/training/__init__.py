"""Pictures of training: losses over iterations, and sweeps."""
