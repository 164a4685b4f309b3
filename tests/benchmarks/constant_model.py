"""A model that always says the same: what serving costs when the model costs nothing.

``python -m tests.benchmarks.constant_model MODEL_FOLDER FOLDER`` answers `recommend` with what the real model says
to one history of 50 rows, in the real one's shapes.
"""

import argparse
from pathlib import Path

import tensorflow as tf

from swayrec.learning.export import ExportedModel
from swayrec.learning.exports import newest
from tests.benchmarks.made_query import made_query


class Constant(tf.Module):
    """The signature `recommend`, from one row that was computed before."""

    def __init__(self, row: dict[str, tf.Tensor]) -> None:
        super().__init__()
        self._row = row

    def recommend(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """The row, as often as there are questions."""
        size = tf.shape(inputs["now"])[0]
        return {name: tf.repeat(value[None], size, axis=0) for name, value in self._row.items()}


def constant(model: Path, folder: Path) -> None:
    """Writes it below ``folder``, under the number of the real one."""
    real = newest(model)
    loaded = tf.saved_model.load(str(real))
    shape = ExportedModel(real).metadata
    signature = loaded.signatures["recommend"]
    answer = ExportedModel(real).recommend([made_query(shape, 50)])
    made = Constant({name: tf.constant(values[0]) for name, values in answer.items()})
    specs = {
        name: tf.TensorSpec(spec.shape, spec.dtype, name)
        for name, spec in signature.structured_input_signature[1].items()
    }
    concrete = tf.function(made.recommend).get_concrete_function(**specs)
    target = folder / real.name
    tf.saved_model.save(made, str(target), signatures={"recommend": concrete})
    shape.write(target)


def main() -> None:
    """Reads the command line and makes the model."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.constant_model", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    constant(given.model, given.folder)


if __name__ == "__main__":
    main()
