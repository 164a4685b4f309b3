"""A SavedModel that can be asked: its newest version, its signatures, and what is wrong with a question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.framework.tensor_pb2 import TensorProto
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from serving.versions import SAVED_MODEL, newest
from swayrec.tables.errors import InputError


class InvalidRequestError(ValueError):
    """The inputs do not fit the signature; the message is one sentence for the caller."""


@dataclass(frozen=True)
class Signature:
    """One signature, from TensorProtos to TensorProtos.

    Reading a tensor op by op costs 0.1 ms each (measured), so one graph reads all inputs, runs the signature
    and writes all outputs: ``whole`` takes string[inputs] and gives string[outputs], serialized TensorProtos
    in the order of ``inputs`` and ``outputs``.
    """

    name: str
    inputs: Mapping[str, tf.TensorSpec]
    outputs: tuple[str, ...]
    whole: Callable[[tf.Tensor], tf.Tensor]

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

        return cls(name, inputs, outputs, whole)

    def run(self, given: Mapping[str, TensorProto]) -> dict[str, TensorProto]:
        """The outputs for the inputs.

        Raises:
            InvalidRequestError: an input is missing, unknown, or of another type or shape, or the graph
                refuses it.
        """
        self._check(given)
        protos = tf.constant([given[name].SerializeToString() for name in self.inputs])
        try:
            written = self.whole(protos).numpy()
        except tf.errors.InvalidArgumentError as error:
            raise InvalidRequestError(
                f"signature {self.name} refuses the inputs: {error.message.strip().splitlines()[0]}"
            ) from None
        return {
            name: TensorProto.FromString(value) for name, value in zip(self.outputs, written, strict=True)
        }

    def empty(self) -> dict[str, TensorProto]:
        """Inputs for one question that says nothing."""
        return {
            name: tf.make_tensor_proto(
                np.full([size or 1 for size in spec.shape], b"" if spec.dtype == tf.string else 0), spec.dtype
            )
            for name, spec in self.inputs.items()
        }

    def _check(self, given: Mapping[str, TensorProto]) -> None:
        if missing := sorted(set(self.inputs) - set(given)):
            raise InvalidRequestError(f"signature {self.name} needs the input {', '.join(missing)}")
        if unknown := sorted(set(given) - set(self.inputs)):
            raise InvalidRequestError(
                f"signature {self.name} has no input {', '.join(unknown)}; it has {', '.join(self.inputs)}"
            )
        batches = {}
        for name, spec in self.inputs.items():
            _check(name, given[name], spec)
            if spec.shape.rank:
                batches[name] = given[name].tensor_shape.dim[0].size
        if len(set(batches.values())) > 1:
            sizes = ", ".join(f"{name} {size}" for name, size in batches.items())
            raise InvalidRequestError(f"the inputs disagree on the batch size B: {sizes}")


@dataclass(frozen=True)
class Servable:
    """One loaded version of a model.

    ``signature_defs`` is what GetModelMetadata shows; ``model`` is the loaded object, whose variables live as
    long as this reference does.
    """

    version: int
    signatures: Mapping[str, Signature]
    signature_defs: Mapping[str, meta_graph_pb2.SignatureDef]
    model: Any

    def run(self, signature: str, given: Mapping[str, TensorProto]) -> dict[str, TensorProto]:
        """Runs a signature on TensorProtos by input name; TensorProtos by output name.

        Raises:
            InvalidRequestError: no such signature, or the inputs do not fit it.
        """
        if signature not in self.signatures:
            raise InvalidRequestError(
                f"the model has no signature {signature!r}; it has {', '.join(sorted(self.signatures))}"
            )
        return self.signatures[signature].run(given)

    def warm(self) -> None:
        """Runs every signature once, so that the first real question does not wait for it."""
        for signature in self.signatures.values():
            signature.run(signature.empty())


def load(model_folder: Path) -> Servable:
    """Loads the newest version of a model.

    Raises:
        InputError: there is none, or it is no whole SavedModel.
    """
    folder = newest(model_folder)
    try:
        held = saved_model_pb2.SavedModel.FromString((folder / SAVED_MODEL).read_bytes())
        model = tf.saved_model.load(str(folder))
        graph = held.meta_graphs[0]
    except (OSError, ValueError, IndexError, DecodeError, tf.errors.OpError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"{folder}: this is no whole SavedModel ({reason}); export it again") from None
    signatures = {name: Signature.of(name, function) for name, function in model.signatures.items()}
    return Servable(int(folder.name), signatures, dict(graph.signature_def), model)


def _check(name: str, proto: TensorProto, spec: tf.TensorSpec) -> None:
    if proto.dtype != spec.dtype.as_datatype_enum:
        given = tf.dtypes.as_dtype(proto.dtype).name if proto.dtype else "no type"
        raise InvalidRequestError(f"input {name} must be {spec.dtype.name}, not {given}")
    shape = tf.TensorShape(proto.tensor_shape)
    if not spec.shape.is_compatible_with(shape):
        raise InvalidRequestError(f"input {name} must have the shape {_said(spec.shape)}, not {_said(shape)}")


def _said(shape: tf.TensorShape) -> str:
    return "[" + ", ".join("B" if size is None else str(size) for size in shape) + "]"
