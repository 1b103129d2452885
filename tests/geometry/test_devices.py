"""What a projector costs, and torch on one thread: for as long as anybody wants it, and not for longer."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from geometry.devices import OPERATIONS_PER_SECOND, batch_size, one_thread, operations, shared, threads
from geometry.reach.search import attempts
from geometry.reach.search.attempts import attempt, verified
from geometry.spaces import space_of
from geometry.stopping import stopping, to_stop
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


def test_shared_work_is_done_by_several_threads_that_know_what_their_caller_does():
    def work(part: Tensor, name: str) -> tuple[str, float, int, int, bool]:
        assert meeting.wait(10) >= 0  # passes only where all are there at the same time
        with one_thread():
            return name, float(part.sum()), torch.get_num_threads(), threading.get_ident(), to_stop()

    meeting = threading.Barrier(3)
    with stopping(lambda: True):
        found = shared(work, torch.arange(6.0).chunk(3), "abc")
    assert [each[:3] for each in found] == [("a", 1, 1), ("b", 5, 1), ("c", 9, 1)]
    assert len({each[3] for each in found}) == 3
    assert all(each[4] for each in found)
    assert torch.get_num_threads() == USUAL


def test_an_error_in_shared_work_is_an_error():
    def work(number: int) -> int:
        if number == 1:
            raise FloatingPointError
        return number

    with pytest.raises(FloatingPointError):
        shared(work, [0, 1, 2])
    assert shared(work, [0, 2, 3]) == [0, 2, 3]


def test_threads_are_those_that_torch_was_given():
    assert threads() == USUAL
    with one_thread():
        assert threads() == USUAL
        assert on_a_new_thread(threads) == USUAL


def test_sharing_an_attempt_changes_nothing_but_rounding(monkeypatch):
    projector = Orthostochastic(4)
    space, generator = space_of(projector), torch.Generator().manual_seed(0)
    points = space.random(21, generator)
    targets = torch.full((21,), 0.1 + 0.2j, dtype=torch.complex128)
    alone = attempt(space, projector, points, targets, 24, None)
    monkeypatch.setattr(attempts, "WORTH_SHARING", 0)
    both = attempt(space, projector, points, targets, 24, None)
    assert [part.shape for part in both] == [part.shape for part in alone]
    assert torch.equal(both.gap <= 1e-8, alone.gap <= 1e-8)
    assert [part.shape for part in verified(space, projector, both.points, targets)] == [(21, 6), (21, 3), (21,)]
    torch.testing.assert_close(both.points, alone.points, rtol=0, atol=1e-6)
