"""The answer as a KServe model.

kserve parses ``sys.argv`` when it is imported: import this module with it emptied (`serving.transformer`).
"""

from collections.abc import Awaitable
from typing import Any, TypeVar

import numpy as np
from kserve import Model
from kserve.errors import InferenceError, InvalidInput
from kserve.protocol.infer_type import InferOutput, InferRequest, InferResponse, to_http_parameters

from serving.answer import Answering
from serving.faults import fault
from serving.question import Question, checked
from serving.question_tensors import INPUTS, OUTPUTS, answered, questions
from serving.sides import Sides
from serving.v1 import V1, NotReadyError, named
from swayrec.tables.errors import InputError

T = TypeVar("T")


class Recommender(Model):
    """Speaks v1 (``:predict`` recommends, ``:explain`` says why an item) and v2 over REST and gRPC."""

    def __init__(self, name: str, model: Sides, needs_predictor: bool = False) -> None:
        super().__init__(name)
        self._model = model
        self._needs_predictor = needs_predictor
        self._v1 = V1(model)
        self.ready = True

    @property
    def _answering(self) -> Answering:
        return self._model.now

    async def healthy(self) -> bool:
        """Ready as long as there is anything to answer from: lists, or predictor and store together; where it
        needs the predictor, as long as that one is ready too.
        """
        if not self.ready or not await self._answering.ready():
            return False
        return not self._needs_predictor or await self._answering.predictor.ready()

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
            request_id = payload.id or named(headers)
            answers = await _guarded(self._v1.answers(self._questions(payload), request_id))
            return _response(payload, answers, request_id)
        return await _guarded(self._v1.predict(payload, named(headers)))

    def _questions(self, request: InferRequest) -> list[Question]:
        answering = self._answering
        try:
            raws = questions(request.inputs, to_http_parameters(request.parameters or {}))
            return checked(raws, Question, answering.shape, answering.clock(), "questions")
        except InputError as error:
            raise InvalidInput(str(error)) from None

    async def explain(self, payload: Any, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """``{"instances": [{"user_id", "item_id"}]}`` to scores and their parts (KServe's v1 names)."""
        if isinstance(payload, InferRequest):
            raise InvalidInput(f"v2 knows no explanations: POST /v1/models/{self.name}:explain")
        return await _guarded(self._v1.explain(payload, named(headers)))


async def _guarded(work: Awaitable[T]) -> T:
    try:
        return await work
    except InputError as error:
        raise InvalidInput(str(error)) from None
    except NotReadyError:
        raise
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
