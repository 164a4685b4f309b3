import subprocess
import sys

import numpy as np
import pytest

from serving import wire


def test_arrays_come_back_as_they_were_sent():
    sent = {
        "text": np.array([["a", "热牛奶", "", ""], ["b", "", "", ""]], object),
        "single": np.array([1.5, float("nan")], np.float32),
        "double": np.array([[1.5], [2.5]], np.float64),
        "order": np.array([7, -1], np.int64),
        "row": np.array([[0, -1]], np.int32),
        "nothing": np.full((2, 3), "", object),
    }
    request = wire.request("m", "s", sent)
    response = wire.PredictResponse()
    for named in request.inputs:
        response.outputs.add(key=named.key, value=named.value)
    back = wire.outputs(wire.PredictResponse.FromString(response.SerializeToString()))
    assert set(back) == set(sent)
    for name, array in sent.items():
        assert back[name].shape == array.shape
        np.testing.assert_array_equal(back[name], array)


def test_padding_does_not_travel():
    padded = wire.request("m", "s", {"exclude": np.array([["a"] + [""] * 1999], object)})
    assert len(padded.inputs[0].value.string_val) == 2
    assert len(padded.SerializeToString()) < 100


@pytest.mark.parametrize(
    "rows",
    [
        [["a", "b", "c"]],
        [["a", "", "c"]],
        [["", "", "热"]],
        [["a", "", ""], ["", "b", ""]],
        [["a", "", ""], ["", "", ""]],
        [["", "", ""]],
        [],
    ],
)
def test_texts_are_those_that_tensorflow_reads(rows):
    import tensorflow as tf

    array = np.array(rows, object).reshape(len(rows), 3)
    [named] = wire.request("m", "s", {"text": array}).inputs
    read = tf.io.parse_tensor(named.value.SerializeToString(), tf.string).numpy()
    assert [[text.decode() for text in row] for row in read] == rows
    proto = tf.make_tensor_proto(array, tf.string)
    response = wire.PredictResponse()
    response.outputs.add(key="text").value.ParseFromString(proto.SerializeToString())
    np.testing.assert_array_equal(wire.outputs(response)["text"], array)


def test_an_array_that_no_signature_has_is_refused():
    with pytest.raises(TypeError, match="complex128"):
        wire.request("m", "s", {"x": np.zeros(1, complex)})


def test_whoever_calls_a_predictor_does_not_import_tensorflow():
    code = (
        "import sys; from serving import answer, explanation, online_store, popular_lists, predictor_client;"
        "from serving import processes, transformer;"
        "heavy = ('tensorflow', 'keras', 'kserve', 'feast', 'mlflow', 'pandas');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr
