"""A predictor process under a ModelServerConfig, asked by TensorFlow Serving's own stubs."""

import os
import subprocess
import sys
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf import text_format
from tensorflow_serving.apis import (
    get_model_status_pb2,
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from serving import ports, servable
from swayrec.operations import tether

from .conftest import VERSION, quiet

CONFIG = """
model_config_list {{
  config {{
    name: "swayrec"
    base_path: "{base}"
    model_platform: "tensorflow"
    model_version_policy {{ {policy} }}
    {labels}
  }}
}}
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory, model_folder) -> Path:
    folder = tmp_path_factory.mktemp("base")
    for number in (1, 2, 3):
        (folder / str(number)).symlink_to(model_folder / str(VERSION))
    return folder


@pytest.fixture(scope="module")
def channel(base, tmp_path_factory):
    config = tmp_path_factory.mktemp("config") / "models.config"
    text = CONFIG.format(
        base=base,
        policy="specific { versions: 1 versions: 2 }",
        labels='version_labels { key: "stable" value: 1 } version_labels { key: "canary" value: 2 }',
    )
    config.write_text(text)
    port = ports.free()
    options = ["--model-config-file", str(config), "--port", str(port), "--enable-batching", "on"]
    process = subprocess.Popen(
        [sys.executable, "-m", "serving.predictor", *options],
        env=quiet() | {tether.OWNER: str(os.getpid())},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 90
        while not ports.listens(port):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        with grpc.insecure_channel(f"127.0.0.1:{port}") as opened:
            yield opened
    finally:
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture(scope="module")
def question(base):
    loaded = servable.load(base)
    return predict_pb2.PredictRequest(inputs=loaded.signature("recommend").empty())


def predict(channel, question, **spec):
    asked = predict_pb2.PredictRequest()
    asked.CopyFrom(question)
    asked.model_spec.name, asked.model_spec.signature_name = "swayrec", "recommend"
    if "version" in spec:
        asked.model_spec.version.value = spec.pop("version")
    for name, value in spec.items():
        setattr(asked.model_spec, name, value)
    return prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(asked, timeout=20)


def refused(channel, question, **spec):
    with pytest.raises(grpc.RpcError) as error:
        predict(channel, question, **spec)
    return error.value.code(), error.value.details()


def states(channel, **spec):
    asked = get_model_status_pb2.GetModelStatusRequest()
    asked.model_spec.name = "swayrec"
    if "version" in spec:
        asked.model_spec.version.value = spec["version"]
    answer = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(asked, timeout=20)
    return {told.version: told.state for told in answer.model_version_status}


def reload(channel, base, policy, labels="", name="swayrec"):
    request = model_management_pb2.ReloadConfigRequest()
    text = CONFIG.format(base=base, policy=policy, labels=labels).replace('"swayrec"', f'"{name}"')
    text_format.Parse(text, request.config)
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    return stub.HandleReloadConfigRequest(request, timeout=60).status


def test_versions_and_labels_of_the_config_are_served(channel, question):
    assert states(channel) == {1: 30, 2: 30}
    assert states(channel, version=1) == {1: 30}
    assert predict(channel, question).model_spec.version.value == 2
    assert predict(channel, question, version=1).model_spec.version.value == 1
    assert predict(channel, question, version_label="stable").model_spec.version.value == 1
    assert predict(channel, question, version_label="canary").model_spec.version.value == 2


def test_what_is_not_served_is_refused_as_tensorflow_serving_refuses_it(channel, question):
    code, said = refused(channel, question, version=3)
    assert code == grpc.StatusCode.NOT_FOUND
    assert said == "Servable not found for request: Specific(swayrec, 3); versions here: 1, 2"
    code, said = refused(channel, question, version_label="nightly")
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert said == "Unrecognized servable version label: 'nightly'"
    assert refused(channel, question, name="")[0] == grpc.StatusCode.INVALID_ARGUMENT
    assert refused(channel, question, name="other")[0] == grpc.StatusCode.NOT_FOUND
    assert refused(channel, question, signature_name="guess")[0] == grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(grpc.RpcError, match="Could not find version 9 of model swayrec"):
        states(channel, version=9)


def test_another_config_is_taken_while_it_runs_or_refused_whole(channel, question, base):
    canary = 'version_labels { key: "canary" value: 3 }'
    said = reload(channel, base, "all {}", canary)
    assert (said.error_code, said.error_message) == (0, "")
    assert states(channel) == {1: 30, 2: 30, 3: 30}
    assert predict(channel, question, version_label="canary").model_spec.version.value == 3
    assert refused(channel, question, version_label="stable")[0] == grpc.StatusCode.INVALID_ARGUMENT

    said = reload(channel, base, "latest { num_versions: 1 }", 'version_labels { key: "x" value: 1 }')
    assert said.error_code == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    assert "label x to version 1" in said.error_message
    assert predict(channel, question, version_label="canary").model_spec.version.value == 3
    assert predict(channel, question, version=1).model_spec.version.value == 1

    for wrong in (
        reload(channel, "/elsewhere", "all {}"),
        reload(channel, base, "all {}", name="other"),
        reload(channel, base, "specific {}"),
    ):
        assert wrong.error_code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
        assert wrong.error_message
    assert reload(channel, base, "latest {}").error_code == 0
    assert predict(channel, question).model_spec.version.value == 3
    assert refused(channel, question, version=1)[0] == grpc.StatusCode.NOT_FOUND


def test_a_request_whose_time_is_up_is_ended(channel, question):
    asked = predict_pb2.PredictRequest()
    asked.CopyFrom(question)
    asked.model_spec.name, asked.model_spec.signature_name = "swayrec", "recommend"
    with pytest.raises(grpc.RpcError) as error:
        prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(asked, timeout=0.0005)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert predict(channel, question).model_spec.version.value == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model_config_list {", "this is no ModelServerConfig in text form"),
        ("", "the model config names 0 models; this server serves one"),
        (CONFIG.format(base="/nowhere", policy="all {}", labels=""), "/nowhere: there is no numbered folder"),
        (CONFIG.format(base="/nowhere", policy="specific {}", labels=""), "must name a version"),
    ],
)
def test_a_config_that_cannot_be_served_is_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "models.config"
    path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "serving.predictor", "--model-config-file", str(path), "--port", "1"],
        capture_output=True,
        text=True,
        env=quiet(),
        timeout=120,
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
