"""The predictor process as TensorFlow Serving's own clients see it: official messages over gRPC."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from serving import wire
from serving.predictor_client import PredictorClient
from swayrec.learning.signature import Metadata, Query, pad

from .conftest import VERSION, quiet


def question(shape: Metadata, **wanted) -> dict[str, np.ndarray]:
    history = {
        "item": ["i05", "i07"],
        "behavior": ["buy", "view"],
        "time": [9e8, 8e8],
        "order": [2, 1],
        "count": [2.0, 1.0],
        "value": [1.0, 1.0],
    }
    return pad([Query(history=history, now=1e9, now_order=3, **wanted)], shape)


def call(target: str, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    async def asked() -> dict[str, np.ndarray]:
        client = PredictorClient(target, timeout=10)
        try:
            return await client.call(signature, inputs)
        finally:
            await client.close()

    return asyncio.run(asked())


def raw(target: str, request) -> grpc.StatusCode:
    with grpc.insecure_channel(target) as channel:
        method = channel.unary_unary(
            wire.PREDICT, wire.PredictRequest.SerializeToString, wire.PredictResponse.FromString
        )
        with pytest.raises(grpc.RpcError) as error:
            method(request, timeout=10)
    return error.value


def test_recommend_ranks_and_gives_reasons(target, shape):
    found = call(target, "recommend", question(shape, exclude=["i00"]))
    assert list(found["item"][0][:3]) == ["i05", "i07", "i01"]
    assert found["score"][0][:2] == pytest.approx([6.25, 1.23])
    assert found["reason_row"][0][:2].tolist() == [[0, -1, -1], [1, -1, -1]]
    assert found["model_version"].tolist() == [VERSION]
    assert found["item"].shape == (1, shape.results)


def test_rank_orders_only_the_candidates(target, shape):
    found = call(target, "rank", question(shape, candidate=["i02", "i07"]))
    assert [item for item in found["item"][0] if item] == ["i07", "i02"]


def test_explain_splits_a_score(target, shape):
    found = call(target, "explain", question(shape, target="i05"))
    assert found["share"][0][:2].tolist() == [6.0, 0.0]
    assert found["rest"][0].tolist() == pytest.approx([0.25, 0.0])


def test_a_batch_answers_row_by_row(target, shape):
    both = pad([Query(), Query(exclude=["i00", "i01"])], shape)
    assert call(target, "recommend", both)["item"][:, 0].tolist() == ["i00", "i02"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"item": np.full((1, 3), "", object)}, "input item must have the shape [B, 20], not [1, 3]"),
        ({"count": np.zeros((1, 20), np.float64)}, "input count must be float32, not float64"),
        ({"now": None}, "signature recommend needs the input now"),
        ({"nose": np.zeros(1, np.float32)}, "signature recommend has no input nose"),
        ({"now": np.zeros(2)}, "the inputs disagree on the batch size B"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_in_a_sentence(target, shape, change, sentence):
    inputs = {name: array for name, array in (question(shape) | change).items() if array is not None}
    error = raw(target, wire.request("swayrec", "recommend", inputs))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert sentence in error.details()
    assert "\n" not in error.details()


def test_unknown_model_version_and_signature(target, shape):
    assert raw(target, wire.request("other", "recommend", {})).code() == grpc.StatusCode.NOT_FOUND
    wrong = wire.request("swayrec", "recommend", question(shape))
    wrong.model_spec.version.value = 3
    error = raw(target, wrong)
    assert error.code() == grpc.StatusCode.NOT_FOUND
    assert str(VERSION) in error.details()
    error = raw(target, wire.request("swayrec", "guess", {}))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "explain, rank, recommend" in error.details()


def test_health_is_serving(target):
    with grpc.insecure_channel(target) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_tensorflow_servings_own_client_is_answered(target, model_folder, tmp_path):
    """Its messages, in a process of its own: they bring all of TensorFlow. So does a broken SavedModel."""
    broken = tmp_path / "model"
    shutil.copytree(model_folder, broken)
    shutil.rmtree(broken / str(VERSION) / "variables")
    code = f"""
import grpc
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_service_pb2_grpc
from tensorflow_serving.apis import prediction_service_pb2_grpc
channel = grpc.insecure_channel({target!r})
asked = get_model_status_pb2.GetModelStatusRequest()
asked.model_spec.name = "swayrec"
status = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(asked, timeout=30)
assert [(s.version, s.state) for s in status.model_version_status] == [({VERSION}, 30)], status
asked = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
asked.model_spec.name = "swayrec"
found = prediction_service_pb2_grpc.PredictionServiceStub(channel).GetModelMetadata(asked, timeout=30)
signatures = get_model_metadata_pb2.SignatureDefMap()
assert found.metadata["signature_def"].Unpack(signatures)
assert {{"recommend", "rank", "explain"}} <= set(signatures.signature_def)
item = signatures.signature_def["recommend"].inputs["item"]
assert item.dtype == types_pb2.DT_STRING and [d.size for d in item.tensor_shape.dim] == [-1, 20]
from pathlib import Path
from serving import servable
try:
    servable.load(Path({str(broken)!r}))
except servable.InputError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=quiet(), timeout=180
    )
    assert "this is no whole SavedModel" in done.stdout, done.stderr[-2000:]
    assert len(done.stdout.splitlines()) == 1


def test_a_folder_without_a_version_is_one_sentence(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "serving.predictor", "--model-base-path", str(tmp_path), "--port", "1"],
        capture_output=True,
        text=True,
        env=quiet(),
        timeout=180,
    )
    assert done.returncode == 1
    assert "there is no numbered folder with a saved_model.pb" in done.stderr
    assert "Traceback" not in done.stderr
