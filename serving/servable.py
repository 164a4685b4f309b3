"""A SavedModel that can be asked: one loaded version, its signatures, and what is wrong with a question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from serving.refusals import InvalidRequestError
from swayrec.learning.exports import SAVED_MODEL, newest
from swayrec.tables.errors import InputError

MOST_ROWS = 256
"""Largest batch size of one question: a message of a hundred bytes may claim a batch that no memory holds."""

_MOST_VALUES = 2**24

Tensors = Mapping[str, TensorProto]


@dataclass(frozen=True)
class Signature:
    """One signature, from TensorProtos to TensorProtos.

    Reading a tensor op by op costs 0.1 ms each (measured), so one graph reads all inputs, runs the signature
    and writes all outputs: ``whole`` takes string[inputs] and gives string[outputs], serialized TensorProtos
    in the order of ``inputs`` and ``outputs``. ``function`` is the SavedModel's own, for batches of several
    questions.
    """

    name: str
    inputs: Mapping[str, tf.TensorSpec]
    outputs: tuple[str, ...]
    whole: Callable[[tf.Tensor], tf.Tensor]
    function: Callable[..., Mapping[str, tf.Tensor]]

    @classmethod
    def of(cls, name: str, function: Any) -> "Signature":
        """The signature of a loaded SavedModel's concrete function."""
        inputs = dict(function.structured_input_signature[1])
        outputs = tuple(sorted(function.structured_outputs))

        @tf.function(input_signature=[tf.TensorSpec([len(inputs)], tf.string)])
        def whole(protos: tf.Tensor) -> tf.Tensor:
            tensors = {
                name: tf.ensure_shape(tf.io.parse_tensor(protos[place], spec.dtype), spec.shape)
                for place, (name, spec) in enumerate(inputs.items())
            }
            results = function(**tensors)
            return tf.stack([tf.io.serialize_tensor(results[name]) for name in outputs])

        # Traced now: tf.function's own first call would warn of retracing from the fifth version on.
        return cls(name, inputs, outputs, whole.get_concrete_function(), function)

    @property
    def batches(self) -> bool:
        """Whether several questions may be run as one: every input has a free first dimension."""
        return all(spec.shape.rank and spec.shape[0] is None for spec in self.inputs.values())

    def rows(self, given: Tensors) -> int:
        """The batch size of inputs that fit.

        Raises:
            InvalidRequestError: an input is missing, unknown, or of another type or shape.
        """
        if missing := sorted(set(self.inputs) - set(given)):
            raise InvalidRequestError(f"signature {self.name} needs the input {', '.join(missing)}")
        if unknown := sorted(set(given) - set(self.inputs)):
            raise InvalidRequestError(
                f"signature {self.name} has no input {_listed(unknown)}; it has {', '.join(self.inputs)}"
            )
        sizes = {name: _checked(name, given[name], spec) for name, spec in self.inputs.items()}
        batches = {name: each[0] for name, each in sizes.items() if each}
        if len(set(batches.values())) > 1:
            told = ", ".join(f"{name} {size}" for name, size in batches.items())
            raise InvalidRequestError(f"the inputs disagree on the batch size B: {told}")
        rows = next(iter(batches.values()), 1)
        if rows > MOST_ROWS:
            raise InvalidRequestError(f"the batch size B is {rows}; it must be at most {MOST_ROWS}")
        for name, each in sizes.items():
            if prod(each) > _MOST_VALUES:
                raise InvalidRequestError(f"input {name} has {prod(each)} values; {_MOST_VALUES} at most")
        return rows

    def run(self, given: Tensors) -> dict[str, TensorProto]:
        """The outputs for the inputs.

        Raises:
            InvalidRequestError: the inputs do not fit (:meth:`rows`), or the graph refuses them.
        """
        self.rows(given)
        protos = tf.constant([given[name].SerializeToString() for name in self.inputs])
        try:
            written = self.whole(protos).numpy()
        except tf.errors.InvalidArgumentError as error:
            raise self._refused(error) from None
        return {
            name: TensorProto.FromString(value) for name, value in zip(self.outputs, written, strict=True)
        }

    def run_together(self, questions: Sequence[Tensors]) -> list[dict[str, TensorProto]]:
        """The outputs of several questions, run as one batch.

        Raises:
            InvalidRequestError: one of them does not fit, or the graph refuses it: none is answered.
        """
        if len(questions) == 1:
            return [self.run(questions[0])]
        cuts = np.cumsum([self.rows(given) for given in questions])[:-1]
        try:
            joined = {
                name: np.concatenate([tf.make_ndarray(given[name]) for given in questions])
                for name in self.inputs
            }
            results = self.run_arrays(joined)
        except (tf.errors.InvalidArgumentError, ValueError) as error:
            raise self._refused(error) from None
        split = {name: np.split(results[name], cuts) for name in self.outputs}
        return [
            {name: tf.make_tensor_proto(parts[place]) for name, parts in split.items()}
            for place in range(len(questions))
        ]

    def run_arrays(self, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The outputs for inputs of the right shapes; strings come out as bytes.

        Raises:
            tf.errors.InvalidArgumentError, ValueError: the inputs do not fit, or the graph refuses them.
        """
        tensors = {name: tf.constant(given[name], spec.dtype) for name, spec in self.inputs.items()}
        results = self.function(**tensors)
        return {name: results[name].numpy() for name in self.outputs}

    def empty(self) -> dict[str, TensorProto]:
        """Inputs for one question that says nothing."""
        return {
            name: tf.make_tensor_proto(
                np.full([size or 1 for size in spec.shape], b"" if spec.dtype == tf.string else 0), spec.dtype
            )
            for name, spec in self.inputs.items()
        }

    def _refused(self, error: Exception) -> InvalidRequestError:
        said = error.message if isinstance(error, tf.errors.OpError) else str(error)
        line = (said.strip() or type(error).__name__).splitlines()[0]
        return InvalidRequestError(f"signature {self.name} refuses the inputs: {line}")


@dataclass(frozen=True)
class Servable:
    """One loaded version of a model.

    ``signature_defs`` is what GetModelMetadata shows; ``model`` is the loaded object, whose variables live as
    long as this reference does.
    """

    version: int
    folder: Path
    signatures: Mapping[str, Signature]
    signature_defs: Mapping[str, meta_graph_pb2.SignatureDef]
    model: Any

    def signature(self, name: str) -> Signature:
        """A signature by name.

        Raises:
            InvalidRequestError: the model has no such signature.
        """
        if name not in self.signatures:
            raise InvalidRequestError(
                f"the model has no signature {_short(name)}; it has {', '.join(sorted(self.signatures))}"
            )
        return self.signatures[name]

    def run(self, signature: str, given: Tensors) -> dict[str, TensorProto]:
        """Runs a signature on TensorProtos by input name; TensorProtos by output name.

        Raises:
            InvalidRequestError: no such signature, or the inputs do not fit it.
        """
        return self.signature(signature).run(given)


def load(folder: Path) -> Servable:
    """Loads a version folder, or the newest version of a model folder.

    Raises:
        InputError: there is none, or it is no whole SavedModel.
    """
    if not (folder / SAVED_MODEL).exists():
        folder = newest(folder)
    try:
        held = saved_model_pb2.SavedModel.FromString((folder / SAVED_MODEL).read_bytes())
        model = tf.saved_model.load(str(folder))
        graph = held.meta_graphs[0]
    except (OSError, ValueError, IndexError, DecodeError, tf.errors.OpError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"{folder}: this is no whole SavedModel ({reason}); export it again") from None
    signatures = {name: Signature.of(name, function) for name, function in model.signatures.items()}
    return Servable(int(folder.name), folder, signatures, dict(graph.signature_def), model)


def _checked(name: str, proto: TensorProto, spec: tf.TensorSpec) -> list[int]:
    """The tensor's sizes.

    Raises:
        InvalidRequestError: its type or shape is not the signature's.
    """
    if proto.dtype != spec.dtype.as_datatype_enum:
        raise InvalidRequestError(f"input {name} must be {spec.dtype.name}, not {_kind(proto.dtype)}")
    sizes = [dim.size for dim in proto.tensor_shape.dim]
    fits = (
        not proto.tensor_shape.unknown_rank
        and len(sizes) == spec.shape.rank
        and all(size >= 0 and wanted in (None, size) for size, wanted in zip(sizes, spec.shape, strict=True))
    )
    if not fits:
        given = "one of unknown rank" if proto.tensor_shape.unknown_rank else str(sizes[:8])
        raise InvalidRequestError(f"input {name} must have the shape {_said(spec.shape)}, not {given}")
    return sizes


def _kind(number: int) -> str:
    """A TensorFlow type's name by its number, which may come from anyone."""
    if not number:
        return "no type"
    try:
        return tf.dtypes.as_dtype(number).name
    except TypeError:
        return f"type number {number}"


def _said(shape: tf.TensorShape) -> str:
    return "[" + ", ".join("B" if size is None else str(size) for size in shape) + "]"


def _short(name: str) -> str:
    """A name from outside, in one line."""
    return repr(name if len(name) <= 100 else name[:99] + "…")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name if name.isidentifier() else _short(name) for name in names[:5])
