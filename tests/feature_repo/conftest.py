import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from feature_repo.publication import Publication
from feature_repo.publish import publish
from swayrec.learning.vectors import Vectors
from swayrec.tables.dataset import Dataset
from tests.redis_server import REDIS

_spec = importlib.util.spec_from_file_location("small_log_world", Path(__file__).with_name("world.py"))
_world = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_world)


@pytest.fixture(scope="session")
def world():
    """The module `world`: tests are no package that one could import it from."""
    return _world


@pytest.fixture(scope="session", params=["sqlite", REDIS])
def engine(request):
    """Has a scenario's folder, which is not there yet, keep its online store in one engine or the other."""
    if request.param == "redis":
        return request.getfixturevalue("redis_server").hold_features
    return lambda folder: None


@pytest.fixture
def features(engine, world, tmp_path):
    """An empty folder of features for the scenario `small`."""
    engine(tmp_path / "features" / world.scenario().name)
    return tmp_path / "features"


@dataclass(frozen=True)
class Published:
    features: Path
    dataset: Dataset
    receipt: Publication


@pytest.fixture(scope="session")
def published(engine, world, tmp_path_factory):
    """A publication that no test changes."""
    root = tmp_path_factory.mktemp("published")
    engine(root / "features" / world.scenario().name)
    dataset = world.dataset(root / "data", world.rows())
    vectors = Vectors(np.array(["i1", "i2", "i3"]), np.array([[0.6, 0.8], [0, 0], [1, 0]], np.float32))
    receipt = publish(dataset, world.scenario(), root / "features", vectors)
    return Published(root / "features", dataset, receipt)
