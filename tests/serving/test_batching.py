import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from serving.batching import Batcher, Batching
from serving.refusals import ExpiredError, OverloadedError


class Echo:
    """Answers numbers with their tenfold, and keeps the batches that it was asked."""

    def __init__(self):
        self.batches = []
        self.may_go = threading.Event()
        self.may_go.set()

    def __call__(self, questions):
        self.batches.append(list(questions))
        self.may_go.wait(10)
        if -1 in questions:
            raise ValueError("-1 cannot be answered")
        return [number * 10 for number in questions]


def run(work, echo, **settings):
    async def inside():
        with ThreadPoolExecutor() as workers:
            try:
                return await work(Batcher(echo, Batching(**settings), workers))
            finally:
                echo.may_go.set()

    return asyncio.run(inside())


def test_questions_of_one_moment_are_one_batch_and_each_gets_its_own_answer():
    echo = Echo()

    async def work(batcher):
        return await asyncio.gather(*(batcher.ask(number, 1) for number in range(5)))

    assert run(work, echo, batch_timeout_micros=20_000) == [0, 10, 20, 30, 40]
    assert echo.batches == [[0, 1, 2, 3, 4]]


def test_a_full_batch_does_not_wait_and_no_batch_is_larger():
    echo = Echo()

    async def work(batcher):
        start = time.monotonic()
        await asyncio.gather(*(batcher.ask(number, 3) for number in range(4)))
        return time.monotonic() - start

    took = run(work, echo, max_batch_size=6, batch_timeout_micros=5_000_000)
    assert echo.batches == [[0, 1], [2, 3]]
    assert took < 2


def test_a_lone_question_waits_no_longer_than_it_may():
    async def work(batcher):
        start = time.monotonic()
        await batcher.ask(1, 1)
        return time.monotonic() - start

    assert 0.05 <= run(work, Echo(), batch_timeout_micros=50_000) < 1


def test_a_question_larger_than_a_batch_is_run_by_itself():
    echo = Echo()

    async def work(batcher):
        return await asyncio.gather(batcher.ask(1, 100), batcher.ask(2, 1))

    assert run(work, echo, max_batch_size=8, batch_timeout_micros=1000) == [10, 20]
    assert echo.batches == [[1], [2]]


@pytest.mark.parametrize(("largest", "batches"), [(64, [[0], [1, 2, 3]]), (2, [[0], [1, 2], [3]])])
def test_a_batch_grows_to_its_largest_while_all_workers_are_busy(largest, batches):
    echo = Echo()
    echo.may_go.clear()

    async def work(batcher):
        first = asyncio.create_task(batcher.ask(0, 1))
        await asyncio.sleep(0.05)
        rest = []
        for number in range(1, 4):
            rest.append(asyncio.create_task(batcher.ask(number, 1)))
            await asyncio.sleep(0.01)
        echo.may_go.set()
        return await asyncio.gather(first, *rest)

    settings = {"max_batch_size": largest, "batch_timeout_micros": 0, "num_batch_threads": 1}
    assert run(work, echo, **settings) == [0, 10, 20, 30]
    assert echo.batches == batches


def test_an_expired_and_a_given_up_question_are_not_run():
    echo = Echo()
    echo.may_go.clear()

    async def work(batcher):
        first = asyncio.create_task(batcher.ask(0, 1))
        await asyncio.sleep(0.05)
        late = asyncio.create_task(batcher.ask(1, 1, time.monotonic() + 0.01))
        left = asyncio.create_task(batcher.ask(2, 1))
        kept = asyncio.create_task(batcher.ask(3, 1, time.monotonic() + 60))
        await asyncio.sleep(0.05)
        left.cancel()
        echo.may_go.set()
        await first
        with pytest.raises(ExpiredError):
            await late
        return await kept

    assert run(work, echo, batch_timeout_micros=0, num_batch_threads=1) == 30
    assert echo.batches == [[0], [3]]


def test_a_bad_question_fails_alone():
    echo = Echo()

    async def work(batcher):
        return await asyncio.gather(*(batcher.ask(n, 1) for n in (1, -1, 2)), return_exceptions=True)

    one, bad, two = run(work, echo, batch_timeout_micros=10_000)
    assert (one, two) == (10, 20)
    assert "cannot be answered" in str(bad)


def test_too_many_waiting_questions_are_refused_at_once():
    echo = Echo()
    echo.may_go.clear()

    async def work(batcher):
        asked = [asyncio.create_task(batcher.ask(number, 1)) for number in range(250)]
        await asyncio.sleep(0.05)
        refused = [task for task in asked if task.done()]
        assert all(isinstance(task.exception(), OverloadedError) for task in refused)
        echo.may_go.set()
        await asyncio.gather(*asked, return_exceptions=True)
        return len(refused)

    assert 40 <= run(work, echo, max_batch_size=2, batch_timeout_micros=0, num_batch_threads=1) <= 60
