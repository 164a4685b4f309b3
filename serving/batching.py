"""Micro-batching: questions that come at about the same time are run as one, as TensorFlow Serving does.

A batch is run once it is full or its first question has waited long enough, and a worker is free; while none
is, it goes on growing.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Generic, TypeVar

from serving.refusals import ExpiredError, OverloadedError

Q = TypeVar("Q")
A = TypeVar("A")

_MOST_BATCHES = 100


@dataclass(frozen=True)
class Batching:
    """TensorFlow Serving's ``max_batch_size`` (rows), ``batch_timeout_micros`` and ``num_batch_threads``."""

    max_batch_size: int = 64
    batch_timeout_micros: int = 1000
    num_batch_threads: int = 2


@dataclass
class _Waiting(Generic[Q, A]):
    question: Q
    rows: int
    until: float | None
    since: float
    answer: "asyncio.Future[A]"


def expired(until: float | None) -> bool:
    """Whether a deadline, in the seconds of ``time.monotonic``, has passed."""
    return until is not None and time.monotonic() >= until


class Batcher(Generic[Q, A]):
    """Gathers the questions to one signature of one version; lives in one event loop.

    Args:
        run: answers several questions at once; raises where one of them cannot be answered.
        settings: how large and how long.
        workers: where ``run`` runs.
    """

    def __init__(
        self, run: Callable[[Sequence[Q]], Sequence[A]], settings: Batching, workers: Executor
    ) -> None:
        self._run = run
        self._settings = settings
        self._workers = workers
        self._waiting: deque[_Waiting[Q, A]] = deque()
        self._rows = 0
        self._running: set[asyncio.Task] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, question: Q, rows: int, until: float | None = None) -> A:
        """The answer to one question of ``rows`` rows.

        Raises:
            ExpiredError: ``until`` (of ``time.monotonic``) passed before the question was run.
            OverloadedError: too many questions wait already.
        """
        if self._rows + rows > _MOST_BATCHES * self._settings.max_batch_size:
            raise OverloadedError("too many questions wait for a batch; ask again later")
        loop = asyncio.get_running_loop()
        waiting: _Waiting[Q, A] = _Waiting(question, rows, until, time.monotonic(), loop.create_future())
        self._waiting.append(waiting)
        self._rows += rows
        self._start()
        return await waiting.answer

    def _start(self) -> None:
        """Runs what may be run now, and sets the timer for the rest."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while self._waiting and len(self._running) < self._settings.num_batch_threads:
            left = self._waiting[0].since + self._settings.batch_timeout_micros / 1e6 - time.monotonic()
            if self._rows < self._settings.max_batch_size and left > 0:
                self._timer = asyncio.get_running_loop().call_later(left, self._start)
                return
            batch = self._taken()
            if batch:
                task = asyncio.create_task(self._answer(batch))
                self._running.add(task)
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task) -> None:
        self._running.discard(task)
        self._start()

    def _taken(self) -> list[_Waiting[Q, A]]:
        """The next batch: at least one question, and no more rows than a batch may have."""
        batch: list[_Waiting[Q, A]] = []
        rows = 0
        while self._waiting:
            first = self._waiting[0]
            if batch and rows + first.rows > self._settings.max_batch_size:
                break
            self._waiting.popleft()
            self._rows -= first.rows
            if first.answer.done():
                continue  # The caller has gone.
            if expired(first.until):
                first.answer.set_exception(ExpiredError("the deadline passed before the question was run"))
                continue
            batch.append(first)
            rows += first.rows
        return batch

    async def _answer(self, batch: Sequence[_Waiting[Q, A]]) -> None:
        try:
            await self._answer_together(batch)
        except Exception as error:
            if len(batch) == 1:
                _settle(batch[0], error)
                return
            # Somebody else's question must not fail with a bad one: each is asked by itself.
            for waiting in batch:
                await self._answer([waiting])

    async def _answer_together(self, batch: Sequence[_Waiting[Q, A]]) -> None:
        questions = [waiting.question for waiting in batch]
        answers = await asyncio.get_running_loop().run_in_executor(self._workers, self._run, questions)
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)


def _settle(waiting: _Waiting, error: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(error)
