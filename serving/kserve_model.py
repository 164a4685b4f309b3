"""The answer as a KServe model.

kserve parses ``sys.argv`` when it is imported: import this module with it emptied (`serving.transformer`).
"""

import json
import logging
import uuid
from collections.abc import Awaitable
from typing import Any

import numpy as np
from kserve import Model
from kserve.errors import InferenceError, InvalidInput, ServerNotReady
from kserve.protocol.infer_type import InferOutput, InferRequest, InferResponse, to_http_parameters

from serving.answer import Answering, NothingToShowError
from serving.faults import fault
from serving.question import Question, Why, checked, parse
from serving.question_tensors import INPUTS, OUTPUTS, answered, questions
from serving.sides import Sides
from serving.sources import PredictorDownError
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)


class Recommender(Model):
    """Speaks v1 (``:predict`` recommends, ``:explain`` says why an item) and v2 over REST and gRPC."""

    def __init__(self, name: str, model: Sides) -> None:
        super().__init__(name)
        self._model = model
        self.ready = True

    @property
    def _answering(self) -> Answering:
        return self._model.now

    async def healthy(self) -> bool:
        """Ready as long as there is anything to answer from: lists, or predictor and store together."""
        return self.ready and await self._answering.ready()

    def get_input_types(self) -> list[dict[str, Any]]:
        """The inputs of v2; none must be there but one of ``user_id``, ``item_id`` and the events."""
        return [
            {"name": name, "datatype": kind, "shape": [-1] * rank} for name, (kind, rank) in INPUTS.items()
        ]

    def get_output_types(self) -> list[dict[str, Any]]:
        """The outputs of v2."""
        return [
            {"name": name, "datatype": kind, "shape": list(shape)} for name, (kind, shape) in OUTPUTS.items()
        ]

    async def predict(
        self, payload: Any, headers: dict[str, str] | None = None
    ) -> dict[str, Any] | InferResponse:
        """``{"instances": [question]}`` to ``{"predictions": [answer]}``, or tensors to tensors (v2)."""
        if isinstance(payload, InferRequest):
            request_id = payload.id or _request_id(headers)
            answers = await self._answers(self._questions(payload), request_id)
            return _response(payload, answers, request_id)
        return {"predictions": await self._answers(self._parsed(payload, Question), _request_id(headers))}

    async def _answers(self, asked: list[Question], request_id: str) -> list[dict[str, Any]]:
        return await self._guarded(self._model.answer(asked, request_id))

    def _questions(self, request: InferRequest) -> list[Question]:
        answering = self._answering
        try:
            raws = questions(request.inputs, to_http_parameters(request.parameters or {}))
            return checked(raws, Question, answering.shape, answering.clock(), "questions")
        except InputError as error:
            raise InvalidInput(str(error)) from None

    async def explain(self, payload: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """``{"instances": [{"user_id", "item_id"}]}`` to scores and their parts (KServe's v1 names)."""
        asked = self._parsed(payload, Why)
        explanations = await self._guarded(self._model.explain(asked, _request_id(headers)))
        return {
            "predictions": [explanation["score"] for explanation in explanations],
            "explanations": explanations,
        }

    def _parsed(self, payload: Any, kind: type) -> list:
        if isinstance(payload, InferRequest):
            raise InvalidInput("v2 knows no explanations: POST /v1/models/swayrec:explain")
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
        except Exception as error:
            # KServe would send the exception's text to the caller.
            raise InferenceError(fault(error)) from None


def _response(request: InferRequest, answers: list[dict[str, Any]], request_id: str) -> InferResponse:
    """The outputs that were asked for, in the form that was asked for."""
    arrays = answered(answers)
    wanted = {output.name for output in request.request_outputs or ()} or set(arrays)
    if unknown := sorted(wanted - set(arrays)):
        raise InvalidInput(
            f"the output {unknown[0][:60]!r} is not known; the outputs are {', '.join(arrays)}"
        )
    versions = {answer["model_version"] for answer in answers} - {None}
    return InferResponse(
        response_id=request_id,
        model_name=request.model_name,
        model_version=str(max(versions)) if versions else None,
        infer_outputs=[_output(request, name, array) for name, array in arrays.items() if name in wanted],
        from_grpc=request.from_grpc,
        use_binary_outputs=request.use_binary_outputs,
        requested_outputs=None if request.from_grpc else request.request_outputs,
    )


def _output(request: InferRequest, name: str, array: np.ndarray) -> InferOutput:
    output = InferOutput(name, list(array.shape), OUTPUTS[name][0], array)
    if request.from_grpc:
        # As the request had its inputs. KServe's own choice fails on arrays, and loses empty ones.
        if request.use_binary_outputs:
            output.set_data_from_numpy(array, binary_data=True)
        else:
            output.data = array.ravel().tolist()
    return output


def _request_id(headers: dict[str, str] | None) -> str:
    return str((headers or {}).get("x-request-id") or uuid.uuid4().hex)[:1024]
