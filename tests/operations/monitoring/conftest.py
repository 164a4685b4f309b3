import hashlib

import numpy as np
import pytest

from swayrec.operations.monitoring.baseline import baseline
from swayrec.tables.engine import connect
from tests.operations.monitoring import world


def encode(texts):
    """Vectors that are alike where words are: the sum of a fixed random vector for each word."""
    found = np.zeros((len(texts), 16), np.float32)
    for row, text in enumerate(texts):
        for word in text.replace("，", " ").split():
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
            found[row] += np.random.default_rng(seed).normal(size=16)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


@pytest.fixture
def engine(tmp_path):
    made = connect(tmp_path)
    yield made
    made.disconnect()


@pytest.fixture(scope="session")
def usual(tmp_path_factory):
    """The baseline of the weeks that were learned from, and what it was made of."""
    folder = tmp_path_factory.mktemp("usual")
    made = connect(folder)
    data = world.dataset(folder / "data", world.log(world.LEARNED))
    found = baseline(made, world.scenario(), data, encode)
    made.disconnect()
    return found, data
