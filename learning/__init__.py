"""What happens when the parameters of doubly stochastic matrices are trained."""
