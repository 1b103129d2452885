"""What else torch can do with a function: every projector takes part in all of it. The README's list is this file's."""

from __future__ import annotations

import io
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vmap

from geometry.tangent import helmert
from projectors import (
    EuclideanProjection,
    Kronecker,
    Mixture,
    Orthostochastic,
    PermutationMixture,
    Sinkhorn,
    Unistochastic,
)
from projectors.conventions import CONVENTIONS
from tests.newcomer import Circulant
from tests.projectors.table import normal, parameters, sum_error

FEW = [
    Sinkhorn(3),
    Sinkhorn(3, 2, convention=CONVENTIONS["mHC"]),
    Sinkhorn(3, convention=CONVENTIONS["DeepSeek-V4"]),
    Sinkhorn(3, positive="abs"),
    PermutationMixture(3),
    Orthostochastic(3, 2),
    Unistochastic(3),
    EuclideanProjection(3),
    Kronecker((PermutationMixture(2), Orthostochastic(2))),
    Mixture(Orthostochastic(3), 2),
    Mixture(Kronecker((PermutationMixture(2),) * 2), 2, weights=(0.25, 0.75)),
    Circulant(4),
]
each = pytest.mark.parametrize("projector", FEW, ids=str)
old_jit = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
"""Torch's own transforms still call what torch calls old."""
FEATURES = (
    "vmap",
    "jacrev",
    "jacfwd",
    "jvp",
    "hessian",
    "forward-mode differentiation",
    "compile",
    "meta tensors",
    "fake tensors",
    "inference_mode",
    "autocast",
    "float16",
    "bfloat16",
    "empty batches",
    "spawn",
    "torch.save",
)


def weighted(projector):
    weights = normal(projector.n, projector.n, seed=7)
    return lambda theta: (projector(theta) * weights).sum(dim=(-1, -2))


def test_the_readme_names_them_all():
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    paragraph = re.search(r"Every projector works under.*?\n\n", text, re.DOTALL)
    assert paragraph
    words = " ".join(paragraph.group().replace("`", "").split())
    assert [feature for feature in FEATURES if feature not in words] == []


@each
@old_jit
def test_transforms_give_what_autograd_gives(projector):
    theta, direction = parameters(projector, 3), parameters(projector, 3, seed=1)
    f = weighted(projector)
    jacobians = torch.stack([torch.autograd.functional.jacobian(projector, row) for row in theta])
    torch.testing.assert_close(vmap(projector)(theta), projector(theta))
    torch.testing.assert_close(vmap(jacrev(projector))(theta), jacobians)
    torch.testing.assert_close(vmap(jacfwd(projector))(theta), jacobians)
    along = jvp(projector, (theta,), (direction,))[1]
    torch.testing.assert_close(along, torch.einsum("bijp,bp->bij", jacobians, direction))
    leaf = theta.clone().requires_grad_()
    torch.testing.assert_close(vmap(grad(f))(theta), torch.autograd.grad(f(leaf).sum(), leaf)[0])
    second = torch.autograd.functional.hessian(lambda point: f(point).square(), theta[0])
    torch.testing.assert_close(hessian(lambda point: f(point).square())(theta[0]), second)


@each
@old_jit
def test_forward_mode_differentiation(projector):
    theta, direction = parameters(projector, 3), parameters(projector, 3, seed=1)
    with torch.autograd.forward_ad.dual_level():
        dual = projector(torch.autograd.forward_ad.make_dual(theta, direction))
        along = torch.autograd.forward_ad.unpack_dual(dual).tangent
    _, wanted = torch.autograd.functional.jvp(projector, theta, direction)
    torch.testing.assert_close(along, wanted)


@each
@old_jit
def test_compiled_whole_it_trains_as_eager_does(projector):
    torch._dynamo.reset()
    compiled = torch.compile(projector, fullgraph=True, backend="aot_eager")
    weights, start = normal(projector.n, projector.n), parameters(projector, 4)
    ends = []
    for function in (compiled, projector):
        theta = start.clone().requires_grad_()
        optimizer = torch.optim.SGD([theta], lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            (function(theta) - weights).square().sum().backward()
            assert theta.grad.isfinite().all()
            optimizer.step()
        ends.append(theta.detach())
    torch.testing.assert_close(*ends)
    torch._dynamo.reset()


@each
def test_shapes_without_numbers(projector):
    p, n = projector.parameter_count, projector.n
    found = projector(torch.empty(2, 5, p, device="meta", dtype=torch.float32))
    assert (found.shape, found.dtype, found.device.type) == ((2, 5, n, n), torch.float32, "meta")
    with FakeTensorMode():
        assert projector(torch.empty(4, p)).shape == (4, n, n)
    assert sum_error(projector(parameters(projector, 4))) < 1  # nothing fake was kept
    assert projector(torch.empty(0, p)).shape == (0, n, n)
    assert projector(torch.empty(3, 0, p)).shape == (3, 0, n, n)


@pytest.mark.parametrize("poison", [torch.inference_mode, FakeTensorMode])
def test_constants_that_were_first_asked_for_elsewhere_can_be_trained_with(poison):
    """Of sizes that no other test makes, so that they are made here."""
    offset = 0 if poison is torch.inference_mode else 1
    projectors = [
        Orthostochastic(11 + offset),
        Unistochastic(11 + offset),
        Kronecker((PermutationMixture(7 - offset),)),
    ]
    for projector in projectors:
        with poison():
            projector(torch.zeros(1, projector.parameter_count))
            helmert(41 + offset)
        theta = torch.ones(1, projector.parameter_count, requires_grad=True)
        projector(theta).square().sum().backward()
        assert theta.grad.isfinite().all()
    V = helmert(41 + offset).clone().requires_grad_()
    (V.square() * helmert(41 + offset)).sum().backward()


@each
def test_autocast_leaves_precision_alone(projector):
    theta = parameters(projector, 8, dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = projector(theta)
    assert torch.equal(found, projector(theta))


@each
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("count", [1, 300])
def test_half_precision_is_rounded_single(projector, dtype, count):
    """Rounding moves an entry by half a unit in its last place, so a row of sum 1 by half the dtype's epsilon."""
    theta = parameters(projector, count).to(dtype).requires_grad_()
    found = projector(theta)
    assert found.dtype == dtype
    torch.testing.assert_close(found, projector(theta.float()).to(dtype))
    if projector.exact:
        assert sum_error(found.detach().double()) <= 0.5 * torch.finfo(dtype).eps + 1e-5
    found.float().square().sum().backward()
    assert theta.grad.dtype == dtype
    assert theta.grad.isfinite().all()


@each
def test_any_memory_layout(projector):
    theta = parameters(projector, 6)
    found = projector(theta)
    torch.testing.assert_close(projector(theta.t().contiguous().t()), found)
    torch.testing.assert_close(projector(theta.repeat_interleave(2, 0)[::2]), found)
    torch.testing.assert_close(projector(theta[:1].expand(4, -1)), found[:1].expand(4, -1, -1))


@each
def test_saved_and_loaded(projector):
    file = io.BytesIO()
    torch.save({"projector": projector, "theta": parameters(projector)}, file)
    file.seek(0)
    loaded = torch.load(file)  # weights_only=True is torch's default
    assert loaded["projector"] == projector
    assert torch.equal(loaded["projector"](loaded["theta"]), projector(parameters(projector)))


def sums(projector):
    return projector(parameters(projector, 2)).sum(-1).tolist()


def test_in_a_spawned_process():
    known = [projector for projector in FEW if type(projector) is not Circulant]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = list(pool.map(sums, known))
    for projector, found in zip(known, there, strict=True):
        torch.testing.assert_close(torch.tensor(found), torch.tensor(sums(projector)))
