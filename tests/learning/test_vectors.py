import numpy as np
import pytest

from swayrec.learning.vectors import Vectors
from swayrec.tables.errors import InputError


def test_vectors_come_back_from_their_folder(tmp_path):
    vectors = Vectors(np.array(["a", "商品"]), np.array([[1, 0], [0, 1]], np.float32))
    vectors.save(tmp_path / "new")
    again = Vectors.load(tmp_path / "new")
    assert again.item_id.tolist() == ["a", "商品"]
    assert (again.vector == vectors.vector).all() and again.vector.dtype == np.float32
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["vectors.npz"]


def test_vectors_follow_the_order_asked_for_and_are_zero_where_there_are_none():
    vectors = Vectors(np.array(["a", "b"]), np.array([[1, 0], [0, 1]], np.float32))
    assert vectors.of(["b", "new", "a"]).tolist() == [[0, 1], [0, 0], [1, 0]]
    assert vectors.of(np.array([], object)).shape == (0, 2)


def test_a_folder_without_vectors_is_named(tmp_path):
    with pytest.raises(
        InputError, match=r"vectors\.npz: there are no text vectors; run the embed step first"
    ):
        Vectors.load(tmp_path)
