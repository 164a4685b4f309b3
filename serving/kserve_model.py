"""The answer as a KServe model, and KServe's server kept on one address and quiet.

kserve parses ``sys.argv`` when it is imported: import this module with it emptied (`serving.transformer`).
"""

import asyncio
import copy
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from kserve import Model, ModelServer
from kserve.errors import InferenceError, InvalidInput, ModelNotFound, ServerNotReady
from kserve.logging import KSERVE_LOG_CONFIG, configure_logging
from kserve.protocol.infer_type import InferRequest
from prometheus_client import Counter

from serving.answer import Answering, NothingToShowError
from serving.explanation import explain
from serving.question import Question, Why, parse
from serving.sources import PredictorDownError
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)
_SELDOM = 10.0
_ANSWERS = Counter("swayrec_answers", "Answers by how much they could draw on", ["level"])


class Recommender(Model):
    """Speaks v1 REST: ``:predict`` recommends, ``:explain`` says why an item."""

    def __init__(self, name: str, answering: Answering) -> None:
        super().__init__(name)
        self._answering = answering
        self.ready = True

    async def healthy(self) -> bool:
        """Ready as long as there is anything to answer from, lists or the predictor."""
        return self.ready and (
            self._answering.popular() is not None or await self._answering.predictor.ready()
        )

    async def predict(self, payload: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """``{"instances": [question]}`` to ``{"predictions": [answer]}``."""
        asked = self._parsed(payload, Question)
        answers = await self._guarded(self._answering.answer(asked, _request_id(headers)))
        for answer in answers:
            _ANSWERS.labels(answer["level"]).inc()
        return {"predictions": answers}

    async def explain(self, payload: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """``{"instances": [{"user_id", "item_id"}]}`` to scores and their parts (KServe's v1 names)."""
        asked = self._parsed(payload, Why)
        explanations = await self._guarded(explain(self._answering, asked, _request_id(headers)))
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

    async def _guarded(self, work: Awaitable[list[dict[str, Any]]]) -> list[dict[str, Any]]:
        try:
            return await work
        except InputError as error:
            raise InvalidInput(str(error)) from None
        except PredictorDownError as error:
            _log.error("no explanation: %s", error)
            raise ServerNotReady("The model does not answer just now; try again.") from None
        except NothingToShowError:
            raise ServerNotReady(
                "No model answers and no list of popular items was ever made; train first."
            ) from None
        except Exception:
            # KServe would send the exception's text to the caller; it belongs into the log.
            number = uuid.uuid4().hex
            _log.exception("request failed, number %s", number)
            raise InferenceError(f"this request failed, number {number}; the log says why") from None


class LoopbackServer(ModelServer):
    """KServe's REST server on one host (kserve itself always takes 0.0.0.0), without a log line a request.

    ``beside`` are jobs that run as long as the server does.
    """

    def __init__(
        self, host: str, port: int, beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    ) -> None:
        configure_logging(_quiet())
        super().__init__(http_port=port, enable_grpc=False, workers=1, enable_latency_logging=False)
        self._host = host
        self._beside = beside

    async def _serve(self) -> None:
        self._rest_server.config.host = self._host
        jobs = [asyncio.create_task(job()) for job in self._beside]
        try:
            await super()._serve()
        finally:
            for job in jobs:
                job.cancel()


class _WorthALine(logging.Filter):
    """Drops KServe's traceback of what the caller has been told in a sentence, and a line that says what one
    within the last ten seconds said: a store that is down would write one a request.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, InvalidInput | ServerNotReady | ModelNotFound):
            return False
        key = (record.name, str(record.msg))
        if error is None and record.created < self._said.get(key, 0.0) + _SELDOM:
            return False
        self._said[key] = record.created
        return True


def _quiet() -> dict[str, Any]:
    """KServe's logging without a line a request, which would halve the throughput (measured)."""
    config = copy.deepcopy(KSERVE_LOG_CONFIG)
    config["filters"] = {"worth": {"()": _WorthALine}}
    config["handlers"]["kserve"]["filters"] = ["worth"]
    for name in ("kserve.trace", "uvicorn.access"):
        config["loggers"][name]["level"] = "WARNING"
    config["loggers"]["serving"] = {"handlers": ["kserve"], "level": "INFO", "propagate": False}
    return config


def _request_id(headers: dict[str, str] | None) -> str:
    return (headers or {}).get("x-request-id") or uuid.uuid4().hex
