"""v2 over REST, with and without binary tensors, and over gRPC: the answers of v1, id for id."""

import json
import random
import struct
import urllib.error
import urllib.request

import grpc
import numpy as np
import pytest

INFER = "/v2/models/swayrec/infer"
ITEMS = [f"i{number:02d}" for number in range(30)]


def send(serving, path, body, **headers):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **headers}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(serving.url + path, data, headers), timeout=30
        ) as response:
            told = response.read()
            length = response.headers.get("Inference-Header-Content-Length")
            return response.status, told if length else json.loads(told), length
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), None


def text(name, *rows):
    width = max(len(row) for row in rows)
    data = [part for row in rows for part in (*row, *[""] * (width - len(row)))]
    return {"name": name, "shape": [len(rows), width], "datatype": "BYTES", "data": data}


def single(name, datatype, *values):
    return {"name": name, "shape": [len(values)], "datatype": datatype, "data": list(values)}


def binary(body):
    """A request with every text tensor behind the JSON."""
    tail = b""
    inputs = []
    for tensor in body["inputs"]:
        if tensor["datatype"] == "BYTES":
            raw = b"".join(struct.pack("<I", len(part.encode())) + part.encode() for part in tensor["data"])
            tail += raw
            tensor = {name: value for name, value in tensor.items() if name != "data"}
            tensor["parameters"] = {"binary_data_size": len(raw)}
        inputs.append(tensor)
    head = json.dumps({**body, "inputs": inputs}).encode()
    return head + tail, {
        "Inference-Header-Content-Length": str(len(head)),
        "Content-Type": "application/octet-stream",
    }


@pytest.fixture(scope="module")
def pairs():
    """The same 40 questions as v1 has them and as tensors."""
    chance = random.Random(3)
    asked = []
    for number in range(40):
        events = [
            {
                "item_id": chance.choice(ITEMS),
                "behavior": chance.choice(["view", "buy"]),
                "timestamp": 9e8 + n,
            }
            for n in range(chance.randint(1, 4))
        ]
        question = {
            "user_id": f"u{number}",
            "k": chance.randint(1, 12),
            "exclude_seen": chance.random() < 0.5,
            "events": events,
            "language": chance.choice(["en", "zh"]),
            "request_id": f"r{number}",
        }
        if chance.random() < 0.5:
            question["exclude"] = chance.sample(ITEMS, 3)
        if chance.random() < 0.5:
            question["category"] = chance.sample(["dairy", "bakery", "drinks"], 2)
        if chance.random() < 0.3:
            question["candidates"] = [*chance.sample(ITEMS, 5), "nosuch"]
        asked.append(question)
    inputs = [
        single("user_id", "BYTES", *(question["user_id"] for question in asked)),
        single("request_id", "BYTES", *(question["request_id"] for question in asked)),
        single("language", "BYTES", *(question["language"] for question in asked)),
        single("k", "INT32", *(question["k"] for question in asked)),
        single("exclude_seen", "BOOL", *(question["exclude_seen"] for question in asked)),
        *(
            text(name, *(question.get(name, []) for question in asked))
            for name in ("exclude", "category", "candidates")
        ),
        *(
            text(f"event_{name}", *([event[name] for event in question["events"]] for question in asked))
            for name in ("item_id", "behavior")
        ),
    ]
    times = [[event["timestamp"] for event in question["events"]] for question in asked]
    width = max(map(len, times))
    flat = [time for row in times for time in (*row, *[None] * (width - len(row)))]
    inputs.append({"name": "event_timestamp", "shape": [40, width], "datatype": "FP64", "data": flat})
    return asked, {"id": "all", "inputs": inputs}


@pytest.fixture(scope="module")
def v1(serving, pairs):
    status, body, _ = send(serving, "/v1/models/swayrec:predict", {"instances": pairs[0]})
    assert status == 200
    return body["predictions"]


def agrees(arrays, answers):
    """Whether output tensors say what v1's answers say."""
    for row, answer in enumerate(answers):
        for name in ("user_id", "request_id", "level"):
            assert arrays[name][row] == answer[name]
        assert arrays["model_version"][row] == (answer["model_version"] or 0)
        assert arrays["intent"][row].tolist() == list(answer["intent"].values())
        assert [item for item in arrays["unknown"][row] if item] == answer["unknown"]
        size = len(answer["items"])
        for name in ("item_id", "title", "score", "source"):
            assert arrays[name][row][:size].tolist() == [item[name] for item in answer["items"]]
        assert set(arrays["item_id"][row][size:]) <= {""}
        for place, item in enumerate(answer["items"]):
            for name in ("item_id", "behavior", "share", "text"):
                told = [part for part in arrays[f"reason_{name}"][row][place].tolist() if part]
                assert told == [reason[name] for reason in item["reasons"]]


def as_arrays(outputs):
    kinds = {"BYTES": object, "INT64": np.int64, "FP64": np.float64}
    return {
        output["name"]: np.array(output["data"], kinds[output["datatype"]]).reshape(output["shape"])
        for output in outputs
    }


def from_bytes(body, length):
    head, tail = json.loads(body[: int(length)]), body[int(length) :]
    arrays = {}
    for output in head["outputs"]:
        size = output["parameters"]["binary_data_size"]
        arrays[output["name"]] = from_raw(output["datatype"], output["shape"], tail[:size])
        tail = tail[size:]
    assert not tail
    return arrays


def from_raw(datatype, shape, raw):
    if datatype != "BYTES":
        return np.frombuffer(raw, {"INT64": "<i8", "FP64": "<f8"}[datatype]).reshape(shape)
    found = []
    while raw:
        (size,) = struct.unpack_from("<I", raw)
        found.append(raw[4 : 4 + size].decode())
        raw = raw[4 + size :]
    return np.array(found, object).reshape(shape)


def test_rest_answers_what_v1_answers(serving, pairs, v1):
    status, body, _ = send(serving, INFER, pairs[1])
    assert (status, body["id"], body["model_version"]) == (200, "all", "1700000000")
    agrees(as_arrays(body["outputs"]), v1)
    assert any(answer["unknown"] for answer in v1)
    assert any(item["reasons"] for answer in v1 for item in answer["items"])


def test_binary_tensors_in_and_out_say_the_same(serving, pairs, v1):
    data, headers = binary({**pairs[1], "parameters": {"binary_data_output": True}})
    status, body, length = send(serving, INFER, data, **headers)
    assert status == 200
    agrees(from_bytes(body, length), v1)


@pytest.mark.parametrize("raw", [False, True])
def test_grpc_answers_what_v1_answers(serving, pairs, v1, raw, stub):
    call, pb = stub
    request = pb.ModelInferRequest(model_name="swayrec", id="all")
    fields = {"BYTES": "bytes_contents", "INT32": "int_contents", "BOOL": "bool_contents"}
    for tensor in pairs[1]["inputs"]:
        given = request.inputs.add(name=tensor["name"], datatype=tensor["datatype"], shape=tensor["shape"])
        data = tensor["data"]
        if tensor["datatype"] == "BYTES":
            data = [part.encode() for part in data]
        if tensor["datatype"] == "FP64":
            data = [float("nan") if part is None else part for part in data]
        if not raw:
            field = fields.get(tensor["datatype"], "fp64_contents")
            getattr(given.contents, field).extend(data)
        elif tensor["datatype"] == "BYTES":
            request.raw_input_contents.append(b"".join(struct.pack("<I", len(p)) + p for p in data))
        else:
            kinds = {"INT32": "<i4", "BOOL": "?", "FP64": "<f8"}
            request.raw_input_contents.append(np.array(data, kinds[tensor["datatype"]]).tobytes())
    answer = call.ModelInfer(request, timeout=30)
    assert (answer.id, answer.model_version) == ("all", "1700000000")
    arrays = {}
    for place, output in enumerate(answer.outputs):
        if raw:
            arrays[output.name] = from_raw(output.datatype, output.shape, answer.raw_output_contents[place])
            continue
        held = output.contents
        data = {
            "BYTES": [part.decode() for part in held.bytes_contents],
            "INT64": list(held.int64_contents),
            "FP64": list(held.fp64_contents),
        }[output.datatype]
        arrays.update(
            as_arrays(
                [{"name": output.name, "datatype": output.datatype, "shape": output.shape, "data": data}]
            )
        )
    agrees(arrays, v1)


@pytest.fixture(scope="module")
def stub(serving):
    import sys

    given, sys.argv = sys.argv, sys.argv[:1]
    from kserve.protocol.grpc import grpc_predict_v2_pb2, grpc_predict_v2_pb2_grpc

    sys.argv = given
    with grpc.insecure_channel(f"127.0.0.1:{serving.grpc_port}") as channel:
        yield grpc_predict_v2_pb2_grpc.GRPCInferenceServiceStub(channel), grpc_predict_v2_pb2


def test_options_for_all_questions_stand_among_the_parameters(serving):
    body = {
        "parameters": {"k": 2, "reasons": False},
        "inputs": [single("user_id", "BYTES", "u", "v")],
        "outputs": [{"name": "item_id"}, {"name": "reason_text"}],
    }
    status, told, _ = send(serving, INFER, body)
    assert status == 200
    arrays = as_arrays(told["outputs"])
    assert set(arrays) == {"item_id", "reason_text"}
    assert arrays["item_id"].shape == (2, 2)
    assert set(arrays["reason_text"].ravel()) == {""}


def test_similar_items_are_asked_in_tensors_too(serving):
    status, told, _ = send(serving, INFER, {"inputs": [single("item_id", "BYTES", "i05", "i00")]})
    assert status == 200
    assert as_arrays(told["outputs"])["item_id"][:, 0].tolist() == ["i02", "i03"]


def test_metadata_names_every_tensor_and_says_its_form(serving, stub, pairs):
    with urllib.request.urlopen(serving.url + "/v2/models/swayrec", timeout=30) as response:
        told = json.load(response)
    inputs = {tensor["name"]: tensor for tensor in told["inputs"]}
    assert inputs["user_id"] == {"name": "user_id", "datatype": "BYTES", "shape": [-1]}
    assert inputs["exclude"]["shape"] == [-1, -1]
    _, body, _ = send(serving, INFER, pairs[1])
    outputs = {tensor["name"]: tensor for tensor in told["outputs"]}
    assert set(outputs) == {output["name"] for output in body["outputs"]}
    for output in body["outputs"]:
        form = outputs[output["name"]]
        assert form["datatype"] == output["datatype"]
        assert len(form["shape"]) == len(output["shape"])
        assert all(wide in (-1, size) for wide, size in zip(form["shape"], output["shape"], strict=True))
    call, pb = stub
    over_grpc = call.ModelMetadata(pb.ModelMetadataRequest(name="swayrec"), timeout=30)
    assert [tensor.name for tensor in over_grpc.inputs] == list(inputs)


U = single("user_id", "BYTES", "u")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"inputs": [U, single("k", "INT64", 1000)]}, "questions[0].k is 1000; it must be between 1 and 12"),
        ({"inputs": [single("size", "INT64", 3)]}, "the input 'size' is not known; the inputs are user_id,"),
        ({"inputs": [U, U]}, "the input user_id comes twice"),
        ({"inputs": [single("user_id", "INT64", 3)]}, "the input user_id has the datatype INT64"),
        ({"inputs": [{**U, "shape": [2]}]}, "the input user_id holds 1 values; its shape [2] wants 2"),
        (
            {"inputs": [{**U, "shape": [1, 1, 1]}]},
            "the input user_id has the shape [1, 1, 1]; it must be [B]",
        ),
        ({"inputs": [U, single("k", "INT64", 1, 2)]}, "disagree on the number of questions: user_id 1, k 2"),
        ({"inputs": [U], "size": 3}, "the request.size is not known; the fields are id,"),
        ({"inputs": [{**U, "size": 3}]}, "the request.inputs[0].size is not known; the fields are name,"),
        ({"inputs": [U], "parameters": {"size": 3}}, "the parameter 'size' is not known"),
        ({"inputs": [U], "outputs": [{"name": "size"}]}, "the output 'size' is not known"),
        ({"inputs": []}, "the request.inputs is []"),
        ({}, "the request.inputs is missing; give it"),
        ([], "the request must be a JSON object"),
        (b"{", "Unrecognized request format"),
        ({"inputs": [{**U, "data": None}]}, "has neither data nor a binary_data_size"),
        ({"inputs": [single("k", "INT64", 3)]}, "questions[0].user_id is missing"),
        ({"inputs": [single("user_id", "BYTES", *["u"] * 65)]}, "the request holds 65 questions"),
    ],
)
def test_what_is_wrong_is_400_and_one_sentence(serving, body, sentence):
    status, answer, _ = send(serving, INFER, body)
    assert status == 400, answer
    assert sentence in answer["error"]


@pytest.mark.parametrize("length", ["-1", "many", "9999999", "3"])
def test_a_wrong_length_of_the_json_is_400(serving, length):
    status, answer, _ = send(serving, INFER, {"inputs": [U]}, **{"Inference-Header-Content-Length": length})
    assert status == 400
    assert set(answer) == {"error"}


def test_grpc_says_what_is_wrong_with_a_code_and_a_sentence(stub):
    call, pb = stub

    def code(work):
        with pytest.raises(grpc.RpcError) as error:
            work()
        return error.value.code().name, error.value.details()

    request = pb.ModelInferRequest(model_name="swayrec")
    assert code(lambda: call.ModelInfer(request))[0] == "INVALID_ARGUMENT"
    request.inputs.add(name="user_id", datatype="BYTES", shape=[2])
    request.raw_input_contents.append(b"\x09\x00\x00\x00u")
    assert code(lambda: call.ModelInfer(request)) == (
        "INVALID_ARGUMENT",
        "the input user_id ends within a text",
    )
    other = pb.ModelInferRequest(model_name="other")
    assert code(lambda: call.ModelInfer(other))[0] == "NOT_FOUND"
    gone = pb.RepositoryModelUnloadRequest(model_name="swayrec")
    assert code(lambda: call.RepositoryModelUnload(gone))[0] == "PERMISSION_DENIED"
    assert call.ServerReady(pb.ServerReadyRequest()).ready
    assert call.ModelReady(pb.ModelReadyRequest(name="swayrec")).ready
