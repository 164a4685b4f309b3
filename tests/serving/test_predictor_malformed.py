"""Messages that no client would send, at random: each gets a status, and the predictor stays as it was."""

import random

import grpc
import numpy as np
import pytest

from serving import wire

from .malformed import CASES, mangled, noise, survived
from .test_predictor import call, question

PREFIX = "/tensorflow.serving."
METHODS = (
    "PredictionService/Predict",
    "PredictionService/GetModelMetadata",
    "ModelService/GetModelStatus",
    "ModelService/HandleReloadConfigRequest",
)
CALLERS_FAULT = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}


def misshapen(chance: random.Random, inputs: dict[str, np.ndarray]) -> bytes:
    """A message that can be read, whose tensors lie."""
    message = wire.request("swayrec", chance.choice(["recommend", "rank", "explain", "\n", ""]), inputs)
    for named in chance.sample(list(message.inputs), chance.choice([1, 3])):
        tensor, change = named.value, chance.randrange(7)
        if change == 0:
            tensor.dtype = chance.choice([0, 1, 7, 9, 21, 104, 9999, -1])
        elif change == 1:
            del tensor.tensor_shape.dim[:]
            for size in chance.choice([[-1, 20], [10**9, 20], [2**62, 2**62], [0], [], [1] * 300]):
                tensor.tensor_shape.dim.add(size=size)
        elif change == 2:
            tensor.tensor_content = noise(chance)
        elif change == 3:
            tensor.string_val.extend([b"\xff\xfe", b"x" * 10_000])
        elif change == 4:
            tensor.Clear()
        elif change == 5:
            named.key = chance.choice(["", "x" * 5000, "item", "a\nb"])
        else:
            # The whole batch claims to be huge, in a hundred bytes.
            for each in message.inputs:
                if each.value.tensor_shape.dim:
                    each.value.tensor_shape.dim[0].size = chance.choice([10**9, 10**5, 0, -5])
                    each.value.tensor_content = b""
    return message.SerializeToString()


@pytest.fixture
def send(target):
    with grpc.insecure_channel(target) as channel:

        def sent(method: str, message: bytes):
            try:
                channel.unary_unary(PREFIX + method)(message, timeout=20)
            except grpc.RpcError as error:
                return error.code(), error.details()
            return grpc.StatusCode.OK, ""

        yield sent


def messages(chance: random.Random, inputs: dict[str, np.ndarray]):
    right = wire.request("swayrec", "recommend", inputs).SerializeToString()
    for _ in range(CASES):
        kind = chance.randrange(3)
        method = chance.choice(METHODS) if kind != 2 else METHODS[0]
        if kind == 0:
            yield PREFIX + method, noise(chance)
        else:
            yield PREFIX + method, mangled(chance, right) if kind == 1 else misshapen(chance, inputs)


def test_malformed_messages_neither_end_nor_fatten_the_predictor(serving, target, shape):
    inputs = question(shape)
    process = serving.children["predictor"].process
    with grpc.insecure_channel(target) as channel:
        survived(channel, messages(random.Random(7), inputs), process, CALLERS_FAULT)
    assert call(target, "recommend", inputs)["item"][0][0] == "i05"
    assert "Traceback" not in serving.children["predictor"].log.read_text()


@pytest.mark.parametrize("rows", [10**9, 257])
def test_a_batch_that_claims_to_be_huge_is_refused_before_memory_is_taken(serving, send, shape, rows):
    message = wire.request("swayrec", "recommend", question(shape))
    for named in message.inputs:
        named.value.tensor_shape.dim[0].size = rows
        if named.value.tensor_content:
            named.value.tensor_content = b""
    code, said = send(METHODS[0], message.SerializeToString())
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert said == f"the batch size B is {rows}; it must be at most 256"
