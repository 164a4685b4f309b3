"""The answer as a KServe model.

kserve parses ``sys.argv`` when it is imported: import this module with it emptied (`serving.transformer`).
"""

import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from kserve import Model
from kserve.errors import InferenceError, InvalidInput, ServerNotReady
from kserve.protocol.infer_type import InferRequest
from prometheus_client import Counter

from serving.answer import Answering, NothingToShowError
from serving.current_model import CurrentModel
from serving.explanation import explain
from serving.kserve_errors import fault
from serving.question import Question, Why, parse
from serving.sources import PredictorDownError
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)
_ANSWERS = Counter("swayrec_answers", "Answers by how much they could draw on", ["level"])


class Recommender(Model):
    """Speaks v1 REST: ``:predict`` recommends, ``:explain`` says why an item."""

    def __init__(self, name: str, model: CurrentModel) -> None:
        super().__init__(name)
        self._model = model
        self.ready = True

    @property
    def _answering(self) -> Answering:
        return self._model.now

    async def healthy(self) -> bool:
        """Ready as long as there is anything to answer from, lists or the predictor."""
        return self.ready and (
            self._answering.popular() is not None or await self._answering.predictor.ready()
        )

    async def predict(self, payload: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """``{"instances": [question]}`` to ``{"predictions": [answer]}``."""
        asked = self._parsed(payload, Question)
        answers = await self._guarded(lambda model: model.answer(asked, _request_id(headers)))
        for answer in answers:
            _ANSWERS.labels(answer["level"]).inc()
        return {"predictions": answers}

    async def explain(self, payload: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """``{"instances": [{"user_id", "item_id"}]}`` to scores and their parts (KServe's v1 names)."""
        asked = self._parsed(payload, Why)
        explanations = await self._guarded(lambda model: explain(model, asked, _request_id(headers)))
        return {
            "predictions": [explanation["score"] for explanation in explanations],
            "explanations": explanations,
        }

    def _parsed(self, payload: Any, kind: type) -> list:
        if isinstance(payload, InferRequest):
            raise InvalidInput("this model speaks v1: POST /v1/models/swayrec:predict")
        if isinstance(payload, bytes):
            # Without a JSON content type KServe hands the body over as it came.
            try:
                payload = json.loads(payload)
            except ValueError:
                raise InvalidInput('the request\'s body is not JSON; send {"instances": [...]}') from None
        try:
            return parse(payload, kind, self._answering.shape, self._answering.clock())
        except InputError as error:
            raise InvalidInput(str(error)) from None

    async def _guarded(
        self, work: Callable[[Answering], Awaitable[list[dict[str, Any]]]]
    ) -> list[dict[str, Any]]:
        try:
            return await self._model.ask(work)
        except InputError as error:
            raise InvalidInput(str(error)) from None
        except PredictorDownError as error:
            _log.error("no explanation: %s", error)
            raise ServerNotReady("The model does not answer just now; try again.") from None
        except NothingToShowError:
            raise ServerNotReady(
                "No model answers and no list of popular items was ever made; train first."
            ) from None
        except Exception as error:
            # KServe would send the exception's text to the caller.
            raise InferenceError(fault(error)) from None


def _request_id(headers: dict[str, str] | None) -> str:
    return (headers or {}).get("x-request-id") or uuid.uuid4().hex
