"""Runs a version's recorded questions before it serves, as TensorFlow Serving does with the same file."""

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow_serving.apis import prediction_log_pb2

from serving.refusals import InvalidRequestError
from serving.servable import Servable
from swayrec.tables.errors import InputError

RECORDS = "assets.extra/tf_serving_warmup_requests"
MOST = 1000
"""TensorFlow Serving refuses a model with more records."""


def warm(servable: Servable, *, together: bool = False) -> int:
    """Replays the version's warm-up records; one without any is asked an empty question a signature.

    Args:
        servable: the loaded version.
        together: whether questions will be run in batches of several, which is another graph.

    Returns:
        How many records were replayed.

    Raises:
        InputError: the file is damaged or holds what the model does not answer; nothing can serve then, here
            or under TensorFlow Serving.
    """
    if together:
        for signature in servable.signatures.values():
            if signature.batches:
                signature.run_together([signature.empty()] * 2)
    path = servable.folder / RECORDS
    if not path.exists():
        for signature in servable.signatures.values():
            signature.run(signature.empty())
        return 0
    count = 0
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            if count == MOST:
                raise InputError(
                    f"{path}: there are more than {MOST} warm-up records; export the model again"
                )
            log = prediction_log_pb2.PredictionLog.FromString(record)
            if log.WhichOneof("log_type") != "predict_log":
                raise InputError(f"{path}: record {count} is no predict_log; export the model again")
            request = log.predict_log.request
            servable.run(request.model_spec.signature_name or "serving_default", request.inputs)
            count += 1
    except (tf.errors.OpError, DecodeError, InvalidRequestError) as error:
        said = error.message if isinstance(error, tf.errors.OpError) else str(error)
        raise InputError(
            f"{path}: record {count} cannot be replayed ({said.strip()}); export the model again"
        ) from None
    return count
