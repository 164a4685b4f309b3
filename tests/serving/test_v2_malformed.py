"""Messages of v2 that no client would send, at random: each gets a status, and the transformer stays as it was."""

import random

import grpc

from .doors import messages, over_grpc
from .malformed import CASES, mangled, noise, survived

SERVICE = "/inference.GRPCInferenceService/"
METHODS = (
    "ModelInfer",
    "ModelInfer",
    "ModelMetadata",
    "ModelReady",
    "ServerMetadata",
    "RepositoryModelUnload",
)
CALLERS_FAULT = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNIMPLEMENTED,
}


def right(pb):
    asked = pb.ModelInferRequest(model_name="swayrec")
    asked.inputs.add(name="user_id", datatype="BYTES", shape=[1]).contents.bytes_contents.append(b"u")
    asked.inputs.add(name="k", datatype="INT64", shape=[1]).contents.int64_contents.append(3)
    events = asked.inputs.add(name="event_item_id", datatype="BYTES", shape=[1, 2])
    events.contents.bytes_contents.extend([b"i05", b"i07"])
    behaviors = asked.inputs.add(name="event_behavior", datatype="BYTES", shape=[1, 2])
    behaviors.contents.bytes_contents.extend([b"buy", b"view"])
    asked.parameters["reasons"].bool_param = True
    return asked


def misshapen(chance: random.Random, pb) -> bytes:
    """A message that can be read, whose tensors lie."""
    asked = right(pb)
    tensor, change = chance.choice(list(asked.inputs)), chance.randrange(9)
    if change == 0:
        tensor.datatype = chance.choice(["", "INT64", "FP16", "BF16", "STRING", "BYTES\n", "x" * 5000])
    elif change == 1:
        shapes = [[-1, 2], [10**9], [10**9, 10**9], [2**62, 2**62], [0], [], [1] * 300, [64, 10**7]]
        del tensor.shape[:]
        tensor.shape.extend(chance.choice(shapes))
    elif change == 2:
        for each in asked.inputs:
            each.ClearField("contents")
        count = chance.choice([1, 3, 4, 5, 100])
        asked.raw_input_contents.extend(noise(chance) for _ in range(count))
    elif change == 3:
        tensor.contents.bytes_contents.extend([b"\xff\xfe", b"x" * 100_000, b""])
    elif change == 4:
        tensor.Clear()
    elif change == 5:
        tensor.name = chance.choice(["", "x" * 5000, "item_id", "a\nb", "k", "now"])
    elif change == 6:
        name = chance.choice(["k", "now", "diversity", "binary_data_size", "classification", "\n"])
        asked.parameters[name].string_param = chance.choice(["", "9" * 400, "NaN", "-1"])
        asked.inputs[0].parameters[name].int64_param = chance.choice([-1, 0, 2**63 - 1])
    elif change == 7:
        asked.outputs.add(name=chance.choice(["", "item_id", "x" * 5000, "a\nb"]))
    else:
        asked.model_name = chance.choice(["", "other", "a\nb", "x" * 5000])
        asked.model_version = chance.choice(["", "1", "-1", "a/b"])
    return asked.SerializeToString()


def calls(chance: random.Random, pb):
    whole = right(pb).SerializeToString()
    for _ in range(CASES):
        kind = chance.randrange(3)
        if kind == 0:
            yield SERVICE + chance.choice(METHODS), noise(chance)
        elif kind == 1:
            yield SERVICE + chance.choice(METHODS), mangled(chance, whole)
        else:
            yield SERVICE + METHODS[0], misshapen(chance, pb)


def test_malformed_messages_neither_end_nor_fatten_the_transformer(serving):
    pb, _ = messages()
    process = serving.children["transformer"].process
    with grpc.insecure_channel(f"127.0.0.1:{serving.grpc_port}") as channel:
        seen = survived(channel, calls(random.Random(5), pb), process, CALLERS_FAULT)
    assert seen[grpc.StatusCode.OK] > CASES / 20
    assert over_grpc(serving)[0] == 200
    assert "Traceback" not in serving.children["transformer"].log.read_text()
