import numpy as np
import pytest

from swayrec.learning import kernels
from swayrec.learning.catalogue import Catalogue


def test_categories_are_numbered_in_the_order_of_their_names():
    catalogue = Catalogue(["b", None, "a"])
    assert (catalogue.categories, catalogue.category.tolist()) == (("a", "b"), [1, -1, 0])


def test_texts_that_are_alike_are_found_once_and_only_where_there_are_texts():
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 0]], np.float32)
    catalogue = Catalogue([None] * 3, vectors)
    assert catalogue.alike(2) is catalogue.alike(2)
    assert (catalogue.alike(2).index == kernels.text(vectors, 2).index).all()
    assert catalogue.alike(1).value.shape == (3, 1)
    with pytest.raises(ValueError, match="needs text vectors"):
        Catalogue(["a"]).alike(2)
