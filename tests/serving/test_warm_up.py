"""Recorded questions are replayed before a version serves; a record that fails is told."""

import shutil

import pytest
import tensorflow as tf

from serving import servable, warm_up
from swayrec.learning import warm_up as recorded
from swayrec.tables.errors import InputError

from .conftest import VERSION

ITEMS = [f"i{number:02d}" for number in range(30)]


@pytest.fixture
def version(tmp_path, model_folder):
    return shutil.copytree(model_folder / str(VERSION), tmp_path / str(VERSION))


def test_the_records_of_an_export_are_replayed_through_the_servable(version, shape):
    recorded.write(shape, ITEMS, version)
    assert str(recorded.RECORDS) == warm_up.RECORDS
    assert warm_up.warm(servable.load(version)) >= 9


def test_a_model_without_records_is_warmed_too(version):
    assert warm_up.warm(servable.load(version)) == 0


def test_a_cut_file_is_named(version, shape):
    recorded.write(shape, ITEMS, version)
    path = version / recorded.RECORDS
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(InputError, match=r"tf_serving_warmup_requests: record \d+ cannot be replayed"):
        warm_up.warm(servable.load(version))


def test_records_of_another_model_are_named_with_what_does_not_fit(version, shape):
    from dataclasses import replace

    recorded.write(replace(shape, history=21), ITEMS, version)
    with pytest.raises(InputError, match=r"record 0 cannot be replayed .*must have the shape \[B, 20\]"):
        warm_up.warm(servable.load(version))


def test_a_record_that_is_no_question_is_named(version):
    from tensorflow_serving.apis import prediction_log_pb2

    log = prediction_log_pb2.PredictionLog()
    log.classify_log.SetInParent()
    with tf.io.TFRecordWriter(str(version / recorded.RECORDS)) as records:
        records.write(log.SerializeToString())
    with pytest.raises(InputError, match="record 0 is no predict_log"):
        warm_up.warm(servable.load(version))
