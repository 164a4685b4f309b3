from collections import Counter

import numpy as np
import pytest
import redis

from feature_repo.publish import publish
from swayrec.learning.vectors import Vectors
from tests.benchmarks.store_size import ENTITIES, history_rows, shorter, view_rows


def shapes(hashes):
    """How many hashes there are of which lengths of names and values, without stamps."""
    return Counter(
        tuple(
            sorted((len(name), len(value)) for name, value in fields.items() if not name.startswith(b"_ts:"))
        )
        for fields in hashes
    )


@pytest.mark.system("redis-server")
def test_rows_of_the_sqlite_store_are_laid_into_redis_as_feast_lays_them(redis_server, world, tmp_path):
    dataset = world.dataset(tmp_path / "data", world.rows())
    vectors = Vectors(np.array(["i1", "i2", "i3"]), np.array([[0.6, 0.8], [0, 0], [1, 0]], np.float32))
    name = world.scenario().name
    database = redis_server.hold_features(tmp_path / "in-redis" / name)
    for features in ("in-redis", "in-sqlite"):
        publish(dataset, world.scenario(), tmp_path / features, vectors)

    together = {}
    for entity, views in ENTITIES.items():
        for view in views:
            for key, fields in view_rows(tmp_path / "in-sqlite" / name / "online.db", name, view).items():
                together.setdefault((entity, key), {}).update(fields)
    with redis.Redis(port=redis_server.port, db=database) as client:
        held = [client.hgetall(key) for key in client.scan_iter()]
    assert shapes(held) == shapes(together.values())
    assert all(any(field.startswith(b"_ts:") for field in fields) for fields in held)

    mean, longest = history_rows(tmp_path / "in-sqlite" / name / "offline")
    assert 1 <= mean <= longest
    assert shorter({b"u": {b"item": b"12345678", b"count": b"1234"}}, 0.5) == {
        b"u": {b"item": b"1234", b"count": b"12"}
    }
