"""A projector is a map of single parameter vectors: batches, their shapes and dtypes only carry it along."""

import pytest
import torch

from projectors import Orthostochastic, Sinkhorn, Unistochastic
from tests.projectors.table import PROJECTORS, each_projector, few, magnitudes, parameters, seeded, sum_error


@each_projector
def test_batch_equals_loop(projector):
    theta = parameters(projector, few(projector, 4))
    together, alone = projector(theta), torch.stack([projector(one) for one in theta])
    assert (together - alone).abs().max() < 1e-13


@each_projector
def test_extreme_neighbours_change_nothing(projector):
    """A batch may leave the fast path because of one member; the others must not notice."""
    calm, wild = parameters(projector, 1), magnitudes(projector, 1, 2, 8)
    assert (projector(torch.cat([calm, wild]))[:1] - projector(calm)).abs().max() < 1e-12
    assert (projector(torch.cat([calm, wild]))[1:] - projector(wild)).abs().max() < 1e-12


@pytest.mark.parametrize("projector", [each for each in PROJECTORS if each.parameter_count < 800], ids=str)
def test_large_batches_equal_small_ones(projector):
    """A CPU may go through many matrices in another order than through few; sums, matrices and gradients agree."""
    weights = torch.linspace(-1, 1, projector.n**2, dtype=torch.float64).cos().reshape(projector.n, projector.n)
    for size in (0.3, 3.0):
        theta = (size * parameters(projector, 300)).requires_grad_()
        many = projector(theta)
        few_at_a_time = torch.cat([projector(part) for part in theta.split(60)])
        if projector.exact:
            assert sum_error(many.detach()) < 1e-12
        assert (many - few_at_a_time).abs().max() < 1e-12
        gradients = [torch.autograd.grad((each * weights).sum(), theta)[0] for each in (many, few_at_a_time)]
        assert (gradients[0] - gradients[1]).abs().max() < 1e-12
        single = projector(theta.detach().float())
        assert (single - many).abs().max() < 2e-4


@pytest.mark.parametrize("projector", [Orthostochastic(8, 3), Unistochastic(5, 3), Sinkhorn(8)], ids=str)
def test_batches_too_large_for_a_cache_equal_small_ones(projector):
    """Several MB of matrices, a prime number of them, so that no split into equal pieces fits."""
    theta = parameters(projector, 2503).requires_grad_()
    many, few_at_a_time = projector(theta), torch.cat([projector(part) for part in theta.split(100)])
    assert (many - few_at_a_time).abs().max() < 1e-12
    gradients = [torch.autograd.grad(each[..., 0].square().sum(), theta)[0] for each in (many, few_at_a_time)]
    assert (gradients[0] - gradients[1]).abs().max() < 1e-12


@each_projector
def test_gradients_of_a_batch_equal_those_of_a_loop(projector):
    """One theta among wild neighbours has the gradient that it has alone."""
    calm, wild = parameters(projector, 1), magnitudes(projector, 1, 2, 8)
    weights = torch.linspace(-1, 1, projector.n**2, dtype=torch.float64).cos().reshape(projector.n, projector.n)
    gradients = []
    for theta in (calm.clone(), torch.cat([calm, wild])):
        theta.requires_grad_()
        (gradient,) = torch.autograd.grad((projector(theta) * weights).sum(), theta)
        assert gradient.isfinite().all()
        gradients.append(gradient[0])
    assert (gradients[0] - gradients[1]).abs().max() < 1e-12


@each_projector
def test_leading_shape_is_kept(projector):
    for batch in [(), (1,), (0,), (2, 0, 3), (2, 1, 2)]:
        theta = parameters(projector, *batch).requires_grad_()
        matrices = projector(theta)
        assert matrices.shape == (*batch, projector.n, projector.n)
        flat = projector(theta.reshape(-1, projector.parameter_count))
        torch.testing.assert_close(matrices.reshape(flat.shape), flat, rtol=0, atol=1e-13)
        matrices.sum().backward()
        assert theta.grad.shape == theta.shape


@each_projector
def test_strides_do_not_matter(projector):
    theta = parameters(projector, 2)
    strided = torch.stack([theta, -theta], -1)[..., 0]
    assert not strided.is_contiguous()
    assert (projector(strided) - projector(theta)).abs().max() < 1e-13
    assert (projector(theta[:1].expand(3, -1)) - projector(theta[:1])).abs().max() < 1e-13


@each_projector
def test_dtype_and_device_are_those_of_theta(projector):
    for dtype in (torch.float32, torch.float64):
        theta = projector.initial(2, generator=seeded(), dtype=dtype, device="cpu").requires_grad_()
        matrices = projector(theta)
        assert theta.dtype == matrices.dtype == dtype
        assert theta.device == matrices.device == torch.device("cpu")
        matrices.square().sum().backward()
        assert theta.grad.dtype == dtype
        assert theta.grad.isfinite().all()


@each_projector
def test_single_precision_approximates_double_precision(projector):
    theta = parameters(projector, few(projector), dtype=torch.float32)
    assert (projector(theta) - projector(theta.double())).abs().max() < 1e-4


@each_projector
def test_theta_is_not_written_to(projector):
    for theta in (parameters(projector, few(projector)), magnitudes(projector, few(projector), 2, 8)):
        before = theta.clone()
        projector(theta)
        assert torch.equal(theta, before)


@each_projector
def test_initial_is_a_function_of_its_generator(projector):
    batch = (few(projector), 2)
    theta = projector.initial(*batch, generator=seeded(5))
    assert theta.shape == (*batch, projector.parameter_count)
    assert torch.equal(theta, projector.initial(*batch, generator=seeded(5)))
    assert not torch.equal(theta, projector.initial(*batch, generator=seeded(6)))
    assert projector.initial(generator=seeded()).shape == (projector.parameter_count,)
