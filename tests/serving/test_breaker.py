"""When a part is spared, when it is tried again, and who is blamed for what."""

import asyncio
import threading

import pytest

from serving import deadline
from serving.breaker import Breaker, SparedError
from serving.online_store import OnlineStore
from serving.sources import StoreDownError


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker("part", failures=3, rest=1.0, clock=clock)


def fail(breaker, times=1):
    for _ in range(times):
        with breaker.attempt() as attempt:
            attempt.failed()


def work(breaker):
    with breaker.attempt() as attempt:
        attempt.worked()


def test_three_failures_in_a_row_open_it_and_an_answer_between_them_does_not_count(breaker):
    fail(breaker, 2)
    work(breaker)
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"
    with (
        pytest.raises(SparedError, match="the part is spared: it failed 3 times in a row"),
        breaker.attempt(),
    ):
        pass


def test_after_the_rest_one_call_at_a_time_goes_through_and_its_answer_closes_it(breaker, clock):
    fail(breaker, 3)
    clock.now = 1.0
    with breaker.attempt() as probe:
        assert breaker.state == "half-open"
        with pytest.raises(SparedError), breaker.attempt():
            pass
        probe.worked()
    assert breaker.state == "closed"
    fail(breaker, 2)
    assert breaker.state == "closed"


def test_a_probe_that_fails_opens_it_again_at_once(breaker, clock):
    fail(breaker, 3)
    clock.now = 1.0
    fail(breaker)
    assert breaker.state == "open"
    clock.now = 1.9
    with pytest.raises(SparedError), breaker.attempt():
        pass
    clock.now = 2.0
    work(breaker)
    assert breaker.state == "closed"


@pytest.mark.parametrize("error", [asyncio.CancelledError, ValueError])
def test_a_probe_that_nobody_waited_for_makes_room_for_the_next(breaker, clock, error):
    fail(breaker, 3)
    clock.now = 1.0
    with pytest.raises(error), breaker.attempt():
        raise error
    assert breaker.state == "half-open"
    work(breaker)
    assert breaker.state == "closed"


def test_a_late_answer_to_a_call_of_before_neither_closes_it_nor_fails_a_probe(breaker, clock):
    with breaker.attempt() as late, breaker.attempt() as later:
        fail(breaker, 3)
        later.worked()
        clock.now = 1.0
        with breaker.attempt() as probe:
            late.failed()
            probe.worked()
    assert breaker.state == "closed"
    with breaker.attempt() as late:
        fail(breaker, 3)
        late.worked()
    assert breaker.state == "open"


class Stuck:
    """A reader that answers nothing before it is let go."""

    def __init__(self):
        self.go = threading.Event()
        self.asked = 0

    def history(self, user_id):
        self.asked += 1
        self.go.wait(30)


def test_a_store_that_hangs_costs_a_few_questions_their_wait_and_then_none():
    reader = Stuck()

    async def waits():
        store, loop = OnlineStore(lambda: reader, timeout=0.2), asyncio.get_running_loop()
        took = []
        for _ in range(20):
            began = loop.time()
            with pytest.raises(StoreDownError):
                await store.history("u")
            took.append(loop.time() - began)
        reader.go.set()
        await asyncio.sleep(1.1)
        assert await store.history("u") is None
        return took

    took = asyncio.run(waits())
    assert all(seconds > 0.15 for seconds in took[:3])
    assert max(took[3:]) < 0.15


def test_a_store_has_no_longer_than_the_request_and_is_not_blamed_for_a_short_one():
    reader = Stuck()

    async def waits():
        store, loop = OnlineStore(lambda: reader, timeout=10), asyncio.get_running_loop()
        began = loop.time()
        for _ in range(5):
            with deadline.within(0.1), pytest.raises(StoreDownError, match=r"no answer within 0\.1 s"):
                await store.history("u")
        with deadline.within(0), pytest.raises(StoreDownError, match="no time is left"):
            await store.history("u")
        assert loop.time() - began < 5
        reader.go.set()
        assert await store.history("u") is None

    asyncio.run(waits())
