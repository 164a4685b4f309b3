"""TensorFlow Serving's messages and tensors without TensorFlow.

Importing ``tensorflow_serving.apis`` imports all of TensorFlow (25 s and 700 MB on a busy machine), so this
restates the few fields that a caller needs. On the wire a message is its field numbers, not its name; they
are those of tensorflow/core/framework/tensor.proto and tensorflow_serving/apis/predict.proto. The descriptors
live in a pool of their own, so they never meet TensorFlow's in one process.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PREDICT = "/tensorflow.serving.PredictionService/Predict"
STATUS = "/tensorflow.serving.ModelService/GetModelStatus"

AVAILABLE = 30
"""The state of a version that serves (get_model_status.proto)."""

_FIELD = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "swayrec.wire"
# message: (field, number, type, repeated); a type in capitals is a message of this table.
_MESSAGES: dict[str, tuple[tuple[str, int, int | str, bool], ...]] = {
    "Dimension": (("size", 1, _FIELD.TYPE_INT64, False),),
    "Shape": (("dim", 2, "Dimension", True),),
    "Tensor": (
        ("dtype", 1, _FIELD.TYPE_INT32, False),
        ("tensor_shape", 2, "Shape", False),
        ("tensor_content", 4, _FIELD.TYPE_BYTES, False),
        ("float_val", 5, _FIELD.TYPE_FLOAT, True),
        ("double_val", 6, _FIELD.TYPE_DOUBLE, True),
        ("int_val", 7, _FIELD.TYPE_INT32, True),
        ("string_val", 8, _FIELD.TYPE_BYTES, True),
        ("int64_val", 10, _FIELD.TYPE_INT64, True),
    ),
    "Version": (("value", 1, _FIELD.TYPE_INT64, False),),
    "ModelSpec": (
        ("name", 1, _FIELD.TYPE_STRING, False),
        ("version", 2, "Version", False),
        ("signature_name", 3, _FIELD.TYPE_STRING, False),
    ),
    "Named": (("key", 1, _FIELD.TYPE_STRING, False), ("value", 2, "Tensor", False)),
    "PredictRequest": (("model_spec", 1, "ModelSpec", False), ("inputs", 2, "Named", True)),
    "PredictResponse": (("outputs", 1, "Named", True), ("model_spec", 2, "ModelSpec", False)),
    "StatusRequest": (("model_spec", 1, "ModelSpec", False),),
    "VersionStatus": (("version", 1, _FIELD.TYPE_INT64, False), ("state", 2, _FIELD.TYPE_INT32, False)),
    "StatusResponse": (("model_version_status", 1, "VersionStatus", True),),
}


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="swayrec/wire.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, repeated in fields:
            label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            if isinstance(kind, str):
                message.field.add(
                    name=field,
                    number=number,
                    label=label,
                    type=_FIELD.TYPE_MESSAGE,
                    type_name=f".{_PACKAGE}.{kind}",
                )
            else:
                message.field.add(name=field, number=number, label=label, type=kind)  # type: ignore[arg-type]
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)  # type: ignore[no-untyped-call]
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _MESSAGES
    }


_CLASSES = _classes()
PredictRequest = _CLASSES["PredictRequest"]
PredictResponse = _CLASSES["PredictResponse"]
StatusRequest = _CLASSES["StatusRequest"]
StatusResponse = _CLASSES["StatusResponse"]

_STRING = 7
# TensorFlow's number of a type: its numpy type and the field that holds single values.
_NUMBERS: dict[int, tuple[type, str]] = {
    1: (np.float32, "float_val"),
    2: (np.float64, "double_val"),
    3: (np.int32, "int_val"),
    9: (np.int64, "int64_val"),
}
_CODES = {np.dtype(kind): code for code, (kind, _) in _NUMBERS.items()}


def request(model: str, signature: str, inputs: Mapping[str, np.ndarray], version: int | None = None) -> Any:
    """A PredictRequest to a model's signature; ``version`` None = the newest that serves.

    Raises:
        TypeError: an array's type is none of the signature's (float32, float64, int32, int64, str objects).
    """
    message = PredictRequest()
    message.model_spec.name = model
    message.model_spec.signature_name = signature
    if version is not None:
        message.model_spec.version.value = version
    for name, array in inputs.items():
        named = message.inputs.add(key=name)
        _fill(named.value, array)
    return message


def outputs(response: Any) -> dict[str, np.ndarray]:
    """The arrays of a PredictResponse; strings as object arrays of str."""
    return {named.key: _array(named.value) for named in response.outputs}


def _fill(tensor: Any, array: np.ndarray) -> None:
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    if array.dtype == object:
        tensor.dtype = _STRING
        flat = array.ravel().tolist()
        # A tensor with fewer values than its shape repeats the last one: padding need not travel.
        kept = _filled(flat)
        tensor.string_val.extend(map(str.encode, flat[:kept]))
        if kept < len(flat):
            tensor.string_val.append(b"")
        return
    code = _CODES.get(array.dtype)
    if code is None:
        raise TypeError(f"an input of type {array.dtype} cannot be sent to a predictor")
    tensor.dtype = code
    tensor.tensor_content = np.ascontiguousarray(array).tobytes()


def _filled(texts: list[str]) -> int:
    """How many texts there are up to the last one that is not ''."""
    if "" not in texts:
        return len(texts)
    # One row ends where its padding begins; of several, only the last one's end counts.
    first = texts.index("")
    if not any(texts[first:]):
        return first
    return max(place for place, text in enumerate(texts) if text) + 1


def _array(tensor: Any) -> np.ndarray:
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    if tensor.dtype == _STRING:
        return _laid(np.array(list(map(bytes.decode, tensor.string_val)), object), shape, "")
    if tensor.dtype not in _NUMBERS:
        raise TypeError(f"a predictor's output has type number {tensor.dtype}, which no signature has")
    kind, field = _NUMBERS[tensor.dtype]
    if tensor.tensor_content:
        return np.frombuffer(tensor.tensor_content, kind).reshape(shape)
    return _laid(np.array(getattr(tensor, field), kind), shape, 0)


def _laid(values: np.ndarray, shape: tuple[int, ...], empty: object) -> np.ndarray:
    size = math.prod(shape)
    if len(values) < size:
        last = values[-1] if len(values) else empty
        values = np.concatenate([values, np.full(size - len(values), last, values.dtype)])
    return values.reshape(shape)
