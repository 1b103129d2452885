"""The experiment the obvious way: every loss a pass over the data set, every gradient by autograd."""

import torch

from learning.stream_mixing.data import data, moments
from learning.stream_mixing.objectives import objective
from learning.stream_mixing.starts import wanted_rows
from learning.stream_mixing.targets import goals
from learning.stream_mixing.training import Training


def training_of(experiment):
    """Experiment -> the state that `run` trains, at its start."""
    rows = wanted_rows(experiment)
    minimised = objective(experiment, goals(experiment), moments(experiment), rows, "cpu")
    return Training(experiment, minimised, torch.device("cpu"))


def dataset_losses(experiment, matrices, read_outs):
    """Matrices (t, M, n, n), read-outs (t, M, n) -> losses (t, M) as the paper defines them."""
    targets = goals(experiment)
    if experiment.objective == "eigenvalue":
        values = torch.linalg.eigvals(matrices - 1 / experiment.n)  # this takes the Perron root to 0
        zero = values.abs().argmin(-1, keepdim=True)
        distances = (values - targets[:, None, None]).abs()
        return distances.scatter(-1, zero, torch.inf).amin(-1)
    T = targets[:, None]
    if experiment.objective == "matrix":
        return (matrices - T).square().mean((-2, -1))
    x, e = (torch.cat(parts).mT[:, None] for parts in zip(*data(experiment), strict=True))
    y = T @ x + e
    if experiment.objective == "features":
        return (matrices @ x - y).square().mean((-2, -1))
    rows = wanted_rows(experiment)[:, None, None]
    learned = experiment.objective == "learned read-out"
    return ((read_outs[:, :, None] if learned else rows) @ matrices @ x - rows @ y).square().mean((-2, -1))


def dataset_gradient(experiment, training):
    """A training's parameters -> losses (t, M), gradients (t, p) of every method, and of the read-outs if learned."""
    theta = [part.clone().requires_grad_() for part in training.theta]
    read_outs = training.read_outs.clone().requires_grad_()
    pairs = zip(experiment.methods, theta, strict=True)
    matrices = torch.stack([projector(part) for (_, projector), part in pairs], 1)
    losses = dataset_losses(experiment, matrices, read_outs)
    losses.sum().backward()
    return losses.detach(), [part.grad for part in theta], read_outs.grad


def gradients_of(training):
    """Fresh gradients (t, p) by method, in the methods' order, by the training's own formulas."""
    training.gradient()
    own = {
        view.data_ptr(): slope for each in training.maps for view, slope in zip(each.theta, each.to_theta, strict=True)
    }
    return [own[part.data_ptr()].clone() for part in training.theta]
