"""What hyper-connections do by law, whichever projector mixes the streams."""

import pytest
import torch

from networks import Contract, Expand, HyperConnection, Residual
from networks.starts import thetas
from projectors import Kronecker, Orthostochastic, PermutationMixture, Sinkhorn, TransportationWalk
from projectors.outside import OrthogonalMixing, SpectralSphere, Unconstrained
from tests.networks.networks import (
    PROJECTORS,
    WIDTH,
    each_map,
    each_projector,
    made,
    nonlinear,
    normal,
    seeded,
    shaken,
)

CERTAIN = 40.0
"""A bias whose sigmoid is 1 in float32."""


def layer(projector, branch=None, **options):
    return HyperConnection(WIDTH, projector, branch, generator=seeded(), **options)


def residual_network(branches):
    return torch.nn.Sequential(*(Residual(branch) for branch in branches))


@pytest.mark.parametrize("dynamic", [True, False])
def test_one_stream_read_and_written_without_mixing_is_the_residual_network(dynamic):
    n, branches = 3, [nonlinear(seed=seed) for seed in range(4)]
    layers = [layer(Unconstrained(n), branch, dynamic=dynamic) for branch in branches]
    for each in layers:
        pre = torch.tensor([CERTAIN, -CERTAIN, -CERTAIN])
        post = torch.tensor([0.0, -CERTAIN, -CERTAIN])  # twice a sigmoid
        with torch.no_grad():
            each.bias.copy_(torch.cat([pre, post, torch.eye(n).flatten()]))
    x = normal(5, WIDTH)
    streams = torch.nn.Sequential(Expand(n), *layers)(x)
    assert torch.allclose(streams[:, 0], residual_network(branches)(x), atol=1e-5)
    assert torch.allclose(streams[:, 1:], x[:, None].expand(-1, 2, -1), atol=1e-5)


@each_projector
def test_every_method_starts_as_the_residual_network(projector):
    if not projector.exact:
        projector = Sinkhorn(projector.n, 200)
    branches = [nonlinear(seed=seed) for seed in range(4)]
    layers = [layer(projector, branch, reads=number) for number, branch in enumerate(branches)]
    network = torch.nn.Sequential(Expand(projector.n), *layers, Contract())
    x = normal(5, WIDTH)
    assert torch.allclose(network(x), residual_network(branches)(x), atol=2e-5)


@each_projector
def test_at_the_start_mixing_is_near_the_identity_and_learns(projector):
    connection = layer(projector, dynamic=False)
    H = connection.maps(normal(projector.n, WIDTH)).res
    diagonal = H.detach().diagonal().mean()
    # SPREAD logits and pairs of squares vary from matrix to matrix; nothing is the identity, nothing far from it.
    assert float(diagonal) > 0.9
    if projector.parameter_count:
        assert float(diagonal) < 1 - 1e-4
        (H * normal(projector.n, projector.n)).sum().backward()
        assert float(connection.bias.grad[2 * projector.n :].norm()) > 1e-4


@pytest.mark.parametrize(
    ("projector", "power"),
    [(Orthostochastic(4, 2), 0.5), (PermutationMixture(4), 1), (Sinkhorn(4), 1), (TransportationWalk(4), 1)],
    ids=str,
)
def test_towards_the_identity_gradients_vanish_by_a_known_power(projector, power):
    """What `networks.starts` rests on: of the distance, for softmaxes and sigmoids; of its root, for squares."""
    sizes = []
    for distance in (1e-4, 1e-2):
        theta = thetas(projector, distance, seeded(), 256).requires_grad_()
        loss = (normal(256, 4, 4, dtype=theta.dtype) * projector(theta)).sum()
        sizes.append(torch.autograd.grad(loss, theta)[0].norm(dim=-1).mean().log10())
    assert float(sizes[1] - sizes[0]) / 2 == pytest.approx(power, abs=0.06)


def test_at_the_identity_itself_go_mhc_would_not_learn():
    theta = torch.zeros(1, 28, requires_grad=True)
    (Orthostochastic(4, 2)(theta) * normal(4, 4)).sum().backward()
    assert float(theta.grad.abs().max()) == 0


@each_map
@pytest.mark.parametrize("dynamic", [True, False])
def test_a_layer_is_its_formula(projector, dynamic):
    branch = nonlinear()
    connection = shaken(layer(projector, branch, dynamic=dynamic)).double()
    n, X = projector.n, normal(2, 3, projector.n, WIDTH, dtype=torch.float64)
    found = connection(X)
    for place in ((0, 0), (1, 2)):
        x = X[place].flatten()
        bias, theta = connection.bias, connection.bias[2 * n :]
        pre, post = bias[:n], bias[n : 2 * n]
        if dynamic:
            x = x / (x.square().mean() + 1e-6).sqrt() * connection.gain
            W, (a, b, c) = connection.weight, connection.scale
            pre, post, theta = pre + a * W[:n] @ x, post + b * W[n : 2 * n] @ x, theta + c * W[2 * n :] @ x
        read = torch.sigmoid(pre) @ X[place]
        want = projector(theta) @ X[place] + torch.outer(2 * torch.sigmoid(post), branch(read))
        assert torch.allclose(found[place], want, atol=1e-12)


@pytest.mark.parametrize("projector", [PermutationMixture(3), Sinkhorn(3, 100)], ids=str)
def test_permuting_streams_permutes_results(projector):
    """Streams have no order: the same maps, renumbered, do the same to renumbered streams."""
    order = torch.tensor([2, 0, 1])
    first, second = (layer(Unconstrained(3), nonlinear(), dynamic=False) for _ in range(2))
    H = projector(normal(projector.parameter_count))
    pre, post = normal(2, 3, seed=1)
    with torch.no_grad():
        first.bias.copy_(torch.cat([pre, post, H.flatten()]))
        second.bias.copy_(torch.cat([pre[order], post[order], H[order][:, order].flatten()]))
    X = normal(4, 3, WIDTH)
    assert torch.allclose(second(X[:, order]), first(X)[:, order], atol=1e-6)


def silent(projector, seed=0):
    """A layer, far from its start, of a branch that says nothing: nothing but mixing."""
    connection = shaken(layer(projector, torch.nn.Linear(WIDTH, WIDTH, bias=False)), seed=seed)
    torch.nn.init.zeros_(connection.branch.weight)
    return connection


@pytest.mark.parametrize("projector", [each for each in PROJECTORS if "Iterated" not in repr(each)], ids=str)
def test_mixing_keeps_the_mean_of_the_streams(projector):
    X = normal(7, projector.n, WIDTH)
    mixed = silent(projector)(X)
    assert torch.allclose(mixed.mean(-2), X.mean(-2), atol=1e-5)  # columns sum to 1, also those of mHC
    assert float((mixed - X).detach().abs().max()) > 1e-2 or not projector.parameter_count


@pytest.mark.parametrize("projector", [SpectralSphere(3), OrthogonalMixing(3), Unconstrained(3)], ids=str)
def test_outside_the_polytope_only_sums_of_one_keep_it(projector):
    mixed = silent(projector)(X := normal(7, 3, WIDTH))
    kept = torch.allclose(mixed.mean(-2), X.mean(-2), atol=1e-5)
    assert kept == isinstance(projector, SpectralSphere)


@pytest.mark.parametrize("projector", [each for each in PROJECTORS if each.exact], ids=str)
def test_the_gain_of_many_layers_is_one(projector):
    """B.4 of [goMHC2026]: no signal grows and no gradient does, at any depth, to rounding."""
    product = torch.eye(projector.n, dtype=torch.float64)
    X = normal(projector.n, WIDTH, dtype=torch.float64)
    for seed in range(64):
        product = shaken(layer(projector, dynamic=False), seed=seed).double().maps(X).res @ product
    for axis in (-1, -2):
        assert torch.allclose(product.abs().sum(axis), torch.ones(projector.n, dtype=torch.float64), atol=1e-12)


@pytest.mark.parametrize("projector", made(4), ids=str)
def test_gradients_of_64_layers_are_finite_and_not_zero(projector):
    """B.8 of [goMHC2026]."""
    layers = [shaken(layer(projector, nonlinear(), reads=number), 0.1, number) for number in range(64)]
    network = torch.nn.Sequential(Expand(4), *layers, Contract())
    network(x := normal(3, WIDTH).requires_grad_()).square().mean().backward()
    gradients = [parameter.grad for parameter in network.parameters()]
    assert all(gradient.isfinite().all() for gradient in gradients)
    assert all(layers[place].bias.grad.abs().max() > 0 for place in (0, 63))
    assert float(x.grad.norm()) > 0


@pytest.mark.parametrize("projector", [each for each in made(4) if each.exact], ids=str)
def test_mixing_enlarges_no_gradient(projector):
    """Doubly stochastic matrices are contractions: 64 layers of them, whichever they are, are one."""
    layers = [silent(projector, seed) for seed in range(64)]
    for connection in layers:
        connection.weight.requires_grad_(False).zero_()  # or what mixes would depend on what is mixed
    X = normal(3, 4, WIDTH).requires_grad_()
    (torch.nn.Sequential(*layers)(X) * (G := normal(3, 4, WIDTH, seed=1))).sum().backward()
    sizes = X.grad.norm(dim=(-2, -1)) / G.norm(dim=(-2, -1))
    assert bool((sizes < 1 + 1e-5).all())
    assert torch.allclose(X.grad.mean(-2), G.mean(-2), atol=1e-5)


def test_equal_streams_say_nothing_about_mixing():
    """Every doubly stochastic matrix does the same to them: why the start has to tell streams apart."""
    connection = layer(PermutationMixture(3), nonlinear())
    connection(Expand(3)(normal(5, WIDTH))).square().sum().backward()
    assert float(connection.bias.grad[6:].abs().max()) < 1e-4 < float(connection.bias.grad[:6].abs().min())


@pytest.mark.parametrize(
    ("streams", "said"),
    [
        (torch.ones(5, 3, WIDTH + 1), "shape"),
        (torch.ones(WIDTH), "shape"),
        (torch.ones(3, WIDTH, dtype=torch.int64), "floating-point"),
        ([[1.0]], "list"),
    ],
)
def test_other_streams_are_refused(streams, said):
    with pytest.raises(ValueError, match=said):
        layer(PermutationMixture(3))(streams)


def test_other_branches_are_refused():
    with pytest.raises(ValueError, match="branch must return"):
        layer(PermutationMixture(3), torch.nn.Linear(WIDTH, 2))(normal(5, 3, WIDTH))
    with pytest.raises(ValueError, match="the branch"):
        layer(PermutationMixture(3), "attention")
    with pytest.raises(ValueError, match="projector"):
        layer("go-mHC")


def test_kromhc_cannot_leave_its_subgroup_in_any_number_of_layers():
    """Products of Kronecker products are Kronecker products: a 4-cycle of streams stays out of reach at n = 4."""
    krom = Kronecker((PermutationMixture(2),) * 2)
    product = torch.eye(4)
    for seed in range(20):
        product = krom(3 * normal(4, seed=seed)) @ product
    blocks = product.unflatten(-1, (2, 2)).unflatten(0, (2, 2)).transpose(1, 2).flatten(2).flatten(0, 1)
    assert float(torch.linalg.svdvals(blocks)[1]) < 1e-6
