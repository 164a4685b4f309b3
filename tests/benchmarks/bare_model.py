"""What one call of the SavedModel costs by itself, in the process that holds it.

``python -m tests.benchmarks.bare_model MODEL_FOLDER [--rows 50 500]`` prints one JSON object a length of history; ms.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata, pad
from tests.benchmarks.made_query import made_query


def milliseconds(model: Path, rows: int, calls: int) -> np.ndarray:
    """Of each call of `recommend`: tensors in, arrays out."""
    folder = newest(model)
    shape = Metadata.read(folder)
    loaded = tf.saved_model.load(str(folder))
    signature = loaded.signatures["recommend"]
    batch = pad([made_query(shape, rows)], shape)
    took = []
    for _ in range(calls):
        start = time.perf_counter()
        answer = signature(**{name: tf.constant(values) for name, values in batch.items()})
        for value in answer.values():
            value.numpy()
        took.append(time.perf_counter() - start)
    return np.array(took[calls // 10 :]) * 1e3


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bare_model", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[50])
    parser.add_argument("--calls", type=int, default=500)
    given = parser.parse_args()
    for rows in given.rows:
        p50, p99 = np.percentile(milliseconds(given.model, rows, given.calls), [50, 99])
        print(json.dumps({"rows": rows, "p50": round(p50, 3), "p99": round(p99, 3)}))


if __name__ == "__main__":
    main()
