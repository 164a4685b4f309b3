"""KServe's v1 requests, whatever server took them: a body in, predictions or explanations out."""

import json
import logging
import uuid
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from serving.answer import NothingToShowError
from serving.question import Kind, Question, Why, parse
from serving.sides import Sides
from serving.sources import PredictorDownError
from swayrec.tables.errors import InputError
from swayrec.tables.schema import LONGEST_ID

T = TypeVar("T")

_log = logging.getLogger(__name__)
_NOT_READY = "Server is not ready. "
"""How KServe begins such a sentence."""


class NotReadyError(Exception):
    """Nothing can answer just now; the message is for the caller."""


class V1:
    """``:predict`` recommends, ``:explain`` says why an item.

    A body is decoded JSON, or bytes where the request did not say that they are JSON.
    """

    def __init__(self, model: Sides) -> None:
        self._model = model

    async def predict(self, body: Any, request_id: str) -> dict[str, Any]:
        """``{"instances": [question]}`` to ``{"predictions": [answer]}``.

        Raises:
            InputError: one sentence about the first thing that is wrong.
            NotReadyError: neither the model nor a list answers.
        """
        return {"predictions": await self.answers(self._parsed(body, Question), request_id)}

    async def explain(self, body: Any, request_id: str) -> dict[str, Any]:
        """``{"instances": [{"user_id", "item_id"}]}`` to scores and their parts (KServe's v1 names).

        Raises:
            InputError: one sentence about the first thing that is wrong.
            NotReadyError: the model does not answer.
        """
        asked = self._parsed(body, Why)
        explanations = await _in_words(self._model.explain(asked, request_id))
        return {
            "predictions": [explanation["score"] for explanation in explanations],
            "explanations": explanations,
        }

    async def answers(self, asked: list[Question], request_id: str) -> list[dict[str, Any]]:
        """One answer a question.

        Raises:
            InputError, NotReadyError: see `predict`.
        """
        return await _in_words(self._model.answer(asked, request_id))

    def _parsed(self, body: Any, kind: type[Kind]) -> list[Kind]:
        if isinstance(body, bytes):
            try:
                body = json.loads(body)
            except ValueError:
                raise InputError('the request\'s body is not JSON; send {"instances": [...]}') from None
        answering = self._model.now
        return parse(body, kind, answering.shape, answering.clock())


def named(headers: Mapping[str, str] | None) -> str:
    """What a request is called: as its header says, or by a new id."""
    return str((headers or {}).get("x-request-id") or uuid.uuid4().hex)[:LONGEST_ID]


async def _in_words(work: Awaitable[T]) -> T:
    try:
        return await work
    except PredictorDownError as error:
        _log.error("no explanation: %s", error)
        raise NotReadyError(f"{_NOT_READY}The model does not answer just now; try again.") from None
    except NothingToShowError:
        raise NotReadyError(
            f"{_NOT_READY}No model answers and no list of popular items was ever made; train first."
        ) from None
