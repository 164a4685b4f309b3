"""The records beside a model, read as TensorFlow Serving reads them."""

import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from swayrec.learning.export import export
from tests.learning.planted import made


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return export(made()[4], tmp_path_factory.mktemp("model"))


def test_every_signature_answers_its_records(version):
    path = version / "assets.extra" / "tf_serving_warmup_requests"
    model = tf.saved_model.load(str(version))
    asked, filled = [], 0
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        assert request.model_spec.name == "swayrec"
        inputs = {name: tf.constant(tf.make_ndarray(proto)) for name, proto in request.inputs.items()}
        # By the signature's own names and types, as TensorFlow Serving feeds them.
        answer = model.signatures[request.model_spec.signature_name](**inputs)
        rows = inputs["item"].shape[0]
        assert answer["model_version"].shape == (rows,)
        asked.append((request.model_spec.signature_name, rows))
        filled += bool((inputs["item"].numpy() != b"").all())
    assert {name for name, _ in asked} == set(model.signatures)
    assert [asked.count(("recommend", rows)) for rows in (1, 8)] == [2, 1]
    assert filled >= 6


def test_the_same_model_writes_the_same_bytes(version, tmp_path):
    again = export(made()[4], tmp_path)
    name = "assets.extra/tf_serving_warmup_requests"
    assert (again / name).read_bytes() == (version / name).read_bytes()
