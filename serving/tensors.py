"""Tensors of the v2 protocol, whatever carried them: values in the shape that was said, or one sentence."""

import math
import struct
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from swayrec.tables.errors import InputError

TEXT, TRUTH, WHOLE, NUMBER = "BYTES", "BOOL", "INT64", "FP64"

_WHOLE = {f"INT{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)}
_WHOLE |= {f"U{name}": kind.replace("i", "u") for name, kind in _WHOLE.items()}
_FLOATS = {"FP32": "<f4", "FP64": "<f8"}
TAKEN: dict[str, dict[str, str]] = {
    TEXT: {"BYTES": ""},
    TRUTH: {"BOOL": "?"},
    WHOLE: _WHOLE,
    NUMBER: {**_FLOATS, **_WHOLE},
}
"""The datatypes that may stand for each of ours, with numpy's name of their bytes."""

_LARGEST = 1e300


class Tensor(Protocol):
    """What KServe makes of an input tensor: ``data`` from JSON or gRPC contents, ``_raw_data`` from bytes."""

    name: str
    shape: Sequence[int]
    datatype: str
    data: Any


def values(tensor: Tensor, kind: str, rank: int) -> np.ndarray:
    """The values of an input as an object array in its shape: str, bool, int or float.

    Args:
        tensor: as KServe read it.
        kind: what is wanted: TEXT, TRUTH, WHOLE or NUMBER.
        rank: 1 = one value a question, 2 = a list a question. A rank of 1 may also come as [B, 1].

    Raises:
        InputError: another datatype or shape, or data that do not fit them.
    """
    place = f"the input {tensor.name}"
    if tensor.datatype not in TAKEN[kind]:
        raise InputError(f"{place} has the datatype {tensor.datatype[:20]}; it must be {kind}")
    shape = [int(size) for size in tensor.shape]
    if rank == 1 and len(shape) == 2 and shape[1] == 1:
        shape = shape[:1]
    if len(shape) != rank or any(size < 0 for size in shape):
        wanted = "[B]" if rank == 1 else "[B, n]"
        raise InputError(f"{place} has the shape {list(tensor.shape)[:9]}; it must be {wanted}")
    size = int(np.prod(shape, dtype=object))
    raw = getattr(tensor, "_raw_data", None)
    found = (
        _unpacked(raw, tensor.datatype, kind, size, place) if raw is not None else _flat(tensor.data, size)
    )
    if len(found) != size:
        raise InputError(f"{place} holds {len(found)} values; its shape {shape} wants {size}")
    checked = np.empty(size, object)
    for number, value in enumerate(found):
        checked[number] = _checked(value, kind, place)
    return checked.reshape(shape)


def _flat(data: Any, size: int) -> list:
    """All values of a nested list in order; a few more than ``size`` at most: it is wrong then anyway."""

    def each(part: Any) -> Iterator[Any]:
        for value in part:
            if isinstance(value, list):
                yield from each(value)
            else:
                yield value

    found: list = []
    for value in each(data if isinstance(data, list) else []):
        found.append(value)
        if len(found) > size:
            break
    return found


def _unpacked(raw: bytes, datatype: str, kind: str, size: int, place: str) -> list:
    if datatype == "BYTES":
        return _texts(raw, size, place)
    dtype = np.dtype(TAKEN[kind][datatype])
    if len(raw) != size * dtype.itemsize:
        raise InputError(f"{place} holds {len(raw)} bytes; its shape wants {size * dtype.itemsize}")
    return np.frombuffer(raw, dtype).tolist()


def _texts(raw: bytes, size: int, place: str) -> list[bytes]:
    """Texts as the binary extension writes them: each behind its length in four bytes."""
    found: list[bytes] = []
    start = 0
    while start < len(raw) and len(found) <= size:
        if start + 4 > len(raw):
            raise InputError(f"{place} ends within the length of a text")
        (length,) = struct.unpack_from("<I", raw, start)
        start += 4
        if start + length > len(raw):
            raise InputError(f"{place} ends within a text")
        found.append(raw[start : start + length])
        start += length
    return found


def _checked(value: Any, kind: str, place: str) -> Any:
    if kind == TEXT:
        if isinstance(value, bytes):
            try:
                return value.decode()
            except UnicodeDecodeError:
                raise InputError(f"{place} holds bytes that are not UTF-8") from None
        if isinstance(value, str):
            return value
    elif kind == TRUTH:
        if isinstance(value, bool):
            return value
    elif not isinstance(value, bool):
        if kind == WHOLE and isinstance(value, int):
            return value
        if kind == NUMBER and value is None:
            return math.nan  # JSON has no NaN.
        if kind == NUMBER and isinstance(value, int | float) and not abs(value) > _LARGEST:
            return float(value)
    raise InputError(f"{place} holds {str(value)[:40]!r}, which is no {kind}")
