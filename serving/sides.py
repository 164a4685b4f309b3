"""The models that answer: the champion, and while an experiment runs the challenger for its share of the users."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from serving import deadline
from serving.answer import Answering, NothingToShowError
from serving.current_model import CurrentModel
from serving.explanation import explain
from serving.question import Question, Why
from serving.sources import PredictorDownError
from serving.variant_metrics import answering
from swayrec.learning.signature import Metadata
from swayrec.operations.experiment import Experiment
from swayrec.tables.errors import InputError

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Sides:
    """Sends each question to the model of its user's side; lives in one event loop.

    Where the challenger has no answer, the champion answers, under its own name.

    Args:
        champion: who answers everyone else, and everyone where no experiment runs.
        experiment: which one runs; raises InputError where that cannot be read. Default: never one.
        challenger: makes the model of an experiment's other side; raises InputError while there is none yet.
    """

    def __init__(
        self,
        champion: CurrentModel,
        experiment: Callable[[], Experiment | None] = lambda: None,
        challenger: Callable[[Experiment], CurrentModel] | None = None,
    ) -> None:
        self._champion, self._experiment, self._made = champion, experiment, challenger
        self._running: Experiment | None = None
        self._challenger: CurrentModel | None = None

    @property
    def now(self) -> Answering:
        """What the champion answers with."""
        return self._champion.now

    @property
    def shapes(self) -> list[Metadata]:
        """The metadata of the models that answer just now."""
        return [side.now.shape for side in (self._champion, self._challenger) if side]

    async def answer(self, questions: Sequence[Question], request_id: str) -> list[dict[str, Any]]:
        """One answer a question, as :meth:`Answering.answer` makes them.

        Raises:
            NothingToShowError: the predictor is down and there is no list.
        """
        named = [
            question
            if question.request_id
            else question.model_copy(update={"request_id": _request_id(request_id, place, len(questions))})
            for place, question in enumerate(questions)
        ]
        return await self._parted(named, lambda model, some: model.answer(some))

    async def explain(self, questions: Sequence[Why], request_id: str) -> list[dict[str, Any]]:
        """One explanation a question, of the model that answers its user.

        Raises:
            InputError: the model does not know an item that is asked about.
            PredictorDownError: there is no answer.
        """
        return await self._parted(questions, lambda model, some: explain(model, some, request_id))

    async def follow(self) -> None:
        """Looks once which versions serve, and whether an experiment runs."""
        await self._champion.follow()
        try:
            running = self._experiment()
        except InputError as error:
            _log.error("the experiment stays as it is: %s", error)
            running = self._running
        changed = self._running and (running and (running.model, running.address)) != (
            self._running.model,
            self._running.address,
        )
        if running is None or changed:
            self._challenger = None
        if running and self._challenger is None and self._made:
            try:
                self._challenger = self._made(running)
                _log.info("experiment %s runs for %g of the users", running.name, running.share)
            except InputError as error:
                _log.error("the challenger does not answer yet: %s", error)
        self._running = running
        if self._challenger:
            await self._challenger.follow()

    async def keep_following(self, every: float = 1.0) -> None:
        """Looks again and again until it is cancelled."""
        while True:
            await self.follow()
            await asyncio.sleep(every)

    async def _parted(
        self,
        questions: Sequence[Any],
        work: Callable[[Answering, Sequence[Any]], Awaitable[list[T]]],
    ) -> list[T]:
        """What each side makes of its questions, in the questions' order."""
        running = self._running
        if running is None:
            return await self._champion.ask(lambda model: work(model, questions))
        places: dict[str | None, list[int]] = {}
        for place, question in enumerate(questions):
            user = question.user_id
            places.setdefault(None if user is None else running.side(user), []).append(place)
        parts = await asyncio.gather(
            *(
                self._of(running, side, [questions[place] for place in here], work)
                for side, here in places.items()
            )
        )
        found = {
            place: one
            for here, part in zip(places.values(), parts, strict=True)
            for place, one in zip(here, part, strict=True)
        }
        return [found[place] for place in range(len(questions))]

    async def _of(
        self,
        running: Experiment,
        side: str | None,
        some: Sequence[Any],
        work: Callable[[Answering, Sequence[Any]], Awaitable[list[T]]],
    ) -> list[T]:
        # One request has one patience, though two models are asked.
        with deadline.within(self._champion.patience):
            if side == "challenger" and self._challenger:
                other = running.variant("challenger")
                try:
                    with answering(other, len(some)):
                        return await self._challenger.ask(
                            lambda model: work(replace(model, variant=other), some)
                        )
                except (NothingToShowError, PredictorDownError) as error:
                    _log.error("the challenger does not answer: %s", type(error).__name__)
            if side != "champion":
                # Nobody's question, or one in the challenger's place: it says nothing of the champion's side.
                variant = None if side is None else running.variant("champion")
                return await self._champion.ask(lambda model: work(replace(model, variant=variant), some))
            own = running.variant("champion")
            with answering(own, len(some)):
                return await self._champion.ask(lambda model: work(replace(model, variant=own), some))


def _request_id(given: str, place: int, size: int) -> str:
    return given if size == 1 else f"{given}-{place}"
