"""The body of a v2 REST request, checked strictly before KServe reads its tensors."""

from typing import Any

import orjson
from kserve.errors import InvalidInput
from kserve.protocol.infer_type import InferRequest
from pydantic import Field, ValidationError

from serving.question import Asked, sentence

LENGTH = "inference-header-content-length"
"""The header that says where JSON ends and the tensors' bytes begin (binary tensor extension)."""

Parameters = dict[str, bool | int | float | str]


class Input(Asked):
    """An input tensor: its values as ``data``, or behind the JSON, ``binary_data_size`` bytes of them."""

    name: str
    shape: list[int] = Field(max_length=8)
    datatype: str
    parameters: Parameters | None = None
    data: list[Any] | None = None


class Output(Asked):
    """An output that is wanted."""

    name: str
    parameters: Parameters | None = None


class Inference(Asked):
    """A v2 inference request; without ``outputs`` all of them come."""

    id: str | None = Field(None, max_length=1024)
    model_name: str | None = None
    model_version: str | None = None
    parameters: Parameters | None = None
    inputs: list[Input] = Field(min_length=1, max_length=64)
    outputs: list[Output] | None = Field(None, max_length=64)


_PARTS: dict[str, type[Asked]] = {"inputs": Input, "outputs": Output}


def inference_request(body: bytes, length: str | None, model: str) -> InferRequest:
    """What a body asks.

    Args:
        body: JSON, and behind it the bytes of the tensors that are not in it.
        length: of the JSON; None = all of it.
        model: asked.

    Raises:
        InvalidInput: one sentence about the first thing that is wrong.
    """
    if length is not None and not (length.isdecimal() and len(length) < 12 and int(length) <= len(body)):
        raise InvalidInput(f"the header {LENGTH} must be the length of the JSON within the body")
    size = len(body) if length is None else int(length)
    try:
        raw = orjson.loads(body[:size])
    except ValueError as error:
        raise InvalidInput(f"Unrecognized request format: {error}") from None
    if not isinstance(raw, dict):
        raise InvalidInput('the request must be a JSON object like {"inputs": [...]}')
    try:
        asked = Inference.model_validate(raw)
    except ValidationError as error:
        raise InvalidInput(sentence(error, Inference, "the request", _PARTS)) from None
    left = len(body) - size
    for tensor in asked.inputs:
        if tensor.data is not None:
            continue
        taken = (tensor.parameters or {}).get("binary_data_size")
        if isinstance(taken, bool) or not isinstance(taken, int) or not 0 <= taken <= left:
            raise InvalidInput(
                f"the input {tensor.name[:60]} has neither data nor a binary_data_size that is in the body"
            )
        left -= taken
    for output in asked.outputs or ():
        binary = (output.parameters or {}).get("binary_data", False)
        if not isinstance(binary, bool):
            raise InvalidInput(f"the output {output.name[:60]}: binary_data must be true or false")
    try:
        return InferRequest.from_bytes(body, size, model)
    except InvalidInput:
        raise
    except Exception:
        # KServe reads the bytes without looking; whatever it stumbles over is in the request.
        raise InvalidInput("the request's tensors cannot be read in their shapes and datatypes") from None
