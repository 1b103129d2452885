"""What a projector costs, and torch on one thread: for as long as anybody wants it, and not for longer."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from geometry.devices import OPERATIONS_PER_SECOND, batch_size, one_thread, operations
from projectors import Orthostochastic, PermutationMixture, Sinkhorn

USUAL = 3


@pytest.fixture(autouse=True)
def usual_threads():
    """Three threads, also where tests run with one."""
    before = torch.get_num_threads()
    torch.set_num_threads(USUAL)
    yield
    torch.set_num_threads(before)


def on_a_new_thread(function: Callable[[], object]) -> object:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def test_one_thread_inside_and_as_many_as_before_outside():
    with one_thread():
        assert torch.get_num_threads() == 1
        assert on_a_new_thread(torch.get_num_threads) == 1
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == USUAL
    assert on_a_new_thread(torch.get_num_threads) == USUAL


def test_an_error_inside_changes_nothing():
    with pytest.raises(FloatingPointError), one_thread():
        raise FloatingPointError
    assert torch.get_num_threads() == USUAL


@pytest.mark.parametrize("first_out", ["first", "second"])
def test_two_that_overlap_leave_the_number_as_it_was(first_out):
    """The second comes in while the first is inside, on a thread that never used torch before."""
    came_in = {"first": threading.Event(), "second": threading.Event()}
    go = {name: threading.Event() for name in came_in}
    inside, after = {}, {}

    def work(name):
        with one_thread():
            came_in[name].set()
            assert go[name].wait(10)
            inside[name] = torch.get_num_threads()
        after[name] = torch.get_num_threads()

    threads = {name: threading.Thread(target=work, args=(name,)) for name in came_in}
    for name in ("first", "second"):
        threads[name].start()
        assert came_in[name].wait(10)
    for name in (first_out, *(set(threads) - {first_out})):
        go[name].set()
        threads[name].join()
    assert inside == {"first": 1, "second": 1}
    assert after == {"first": USUAL, "second": USUAL}
    assert on_a_new_thread(torch.get_num_threads) == USUAL
    assert torch.get_num_threads() == USUAL


def test_operations_count_the_matrix_and_its_eigenvalues():
    for projector in (Sinkhorn(4), Orthostochastic(8, 3), PermutationMixture(6)):
        assert operations(projector) > projector.flops
        assert batch_size(projector) * operations(projector) <= 100_000_000
    assert operations(Orthostochastic(64)) - Orthostochastic(64).flops == 8 * (
        operations(Sinkhorn(32)) - Sinkhorn(32).flops
    )
    assert OPERATIONS_PER_SECOND > 1e9
