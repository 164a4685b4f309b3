"""Questions recorded beside a model, which whoever serves it runs once before it answers anybody.

TensorFlow Serving's own format: a TFRecord of PredictionLog in the version folder's ``assets.extra``.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from swayrec.learning.signature import Metadata, Query, pad, pad_similar

RECORDS = Path("assets.extra") / "tf_serving_warmup_requests"
MODEL = "swayrec"
_BATCH = 8


def write(metadata: Metadata, items: Sequence[str], version_folder: Path) -> None:
    """Writes the records: for each signature no history, a full one, and a batch of full ones.

    Args:
        metadata: the model's.
        items: ids of its catalogue, for the histories.
        version_folder: of the model.
    """
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    path = version_folder / RECORDS
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as records:
        for signature, inputs in _questions(metadata, items):
            request = predict_pb2.PredictRequest()
            request.model_spec.name, request.model_spec.signature_name = MODEL, signature
            for name, values in inputs.items():
                request.inputs[name].CopyFrom(tf.make_tensor_proto(values))
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            # Deterministic, so that the same model is the same bytes.
            records.write(log.SerializeToString(deterministic=True))


def _questions(metadata: Metadata, items: Sequence[str]) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
    for signature in ("recommend", "rank", "explain"):
        full = _asked(signature, metadata, items, metadata.history)
        for queries in ([_asked(signature, metadata, items, 0)], [full], [full] * _BATCH):
            yield signature, pad(queries, metadata)
    if metadata.similar is not None:
        for rows in (1, _BATCH):
            yield "similar", pad_similar([items[0]] * rows, [()] * rows, [()] * rows, metadata)


def _asked(signature: str, metadata: Metadata, items: Sequence[str], rows: int) -> Query:
    now = metadata.until or 0.0
    history: dict[str, list] = {
        "item": [items[row % len(items)] for row in range(rows)],
        "behavior": [metadata.behaviors[row % len(metadata.behaviors)] for row in range(rows)],
        "time": [now - 3600.0 * row for row in range(rows)],
        "order": list(range(rows, 0, -1)),
        "count": [1.0] * rows,
        "value": [float("nan")] * rows,
    }
    return Query(
        history=history,
        now=now,
        now_order=rows + 1,
        candidate=list(items[: metadata.candidates]) if signature == "rank" else None,
        target=items[0] if signature == "explain" else None,
    )
