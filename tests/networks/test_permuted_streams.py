"""A task that only mixing solves: at every depth, streams have to stand where a permutation of that depth put them."""

import pytest
import torch

from networks import HyperConnection, Residual
from projectors import Circulant, Identity, Kronecker, Orthostochastic, PermutationMixture, Sinkhorn
from tests.networks.networks import normal, seeded

N, WIDTH, DEPTH = 4, 8, 2
ORDERS = ([1, 2, 3, 0], [1, 0, 3, 2])
"""A 4-cycle, which is in no product of 2 x 2 matrices, then two transpositions, which are one."""


def error(layers, X):
    """How far the streams (..., n, C) are from their places after each layer, over how far they were to move."""
    wanted, given, missed, moved = X, X, 0.0, 0.0
    for order, layer in zip(ORDERS, layers, strict=True):
        wanted, given = wanted[:, order], layer(given)
        missed, moved = missed + (given - wanted).square().sum(), moved + (wanted - X).square().sum()
    return missed / moved


def silence():
    branch = torch.nn.Linear(WIDTH, WIDTH, bias=False).requires_grad_(False)
    torch.nn.init.zeros_(branch.weight)
    return branch


def learned(make):
    generator = seeded()
    layers = torch.nn.ModuleList([make(generator, number) for number in range(DEPTH)])
    optimizer = torch.optim.Adam(layers.parameters(), 0.1)
    for step in range(400):
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / 400)
        loss = error(layers, normal(16, N, WIDTH, seed=step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(error(layers, normal(64, N, WIDTH, seed=10_000)).detach())


def connection(projector):
    def make(generator, number):
        return HyperConnection(
            WIDTH, projector, silence(), dynamic=False, reads=number, distance=0.1, generator=generator
        )

    return make


@pytest.mark.parametrize(
    "projector", [Orthostochastic(4, 1), Orthostochastic(4, 2), PermutationMixture(4), Sinkhorn(4)], ids=str
)
def test_these_learn_it(projector):
    assert learned(connection(projector)) < 0.02


def test_kronecker_products_of_two_do_not():
    assert learned(connection(Kronecker((PermutationMixture(2),) * 2))) > 0.3


def test_without_mixing_nobody_does():
    class Streamwise(torch.nn.Module):
        """The most that a residual network can do to streams that do not meet: any branch, the same for each."""

        def __init__(self):
            super().__init__()
            self.inner = Residual(torch.nn.Linear(WIDTH, WIDTH))

        def forward(self, streams):
            return self.inner(streams)

    assert learned(lambda generator, number: Streamwise()) > 0.3


def test_nor_do_those_that_lie_in_no_single_simplex_of_it():
    """A pair of transpositions is no power of a 4-cycle: circulants learn one of the two."""
    assert learned(connection(Circulant(4))) > 0.1


def test_identity_has_nothing_to_learn():
    layers = [connection(Identity(4))(seeded(), number) for number in range(DEPTH)]
    assert float(error(layers, normal(64, N, WIDTH)).detach()) == pytest.approx(1)
