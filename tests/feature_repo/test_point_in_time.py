"""Feast's point-in-time join against the cut that training makes, on exact clocks."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feature_repo.histories import histories
from feature_repo.store import applied
from swayrec.tables.history import history
from swayrec.tables.schema import HISTORY_FIELDS


def snapshots(log, length):
    """A row for every instant of every user: the history just after it."""
    instants = np.unique(np.stack([log.user, log.order]), axis=1)
    return histories(log, instants[0], instants[1] + 1, length)


def joined(folder, rows: pa.Table, asked: pd.DataFrame) -> pd.DataFrame:
    (folder / "offline").mkdir(parents=True)
    pq.write_table(rows, folder / "offline" / "user_history.parquet")
    store = applied(folder, "small", ("user_history",))
    features = [f"user_history:{name}" for name in HISTORY_FIELDS]
    return store.get_historical_features(asked, features).to_df().set_index("choice").sort_index()


@pytest.fixture(scope="module")
def log(world, tmp_path_factory):
    return world.dataset(tmp_path_factory.mktemp("data"), world.rows()).log(world.scenario())


@pytest.fixture(scope="module")
def choices(log):
    """Every event asked for the history before it, as an entity table of Feast."""
    stamps = pd.to_datetime(np.rint(log.time * 1e6).astype(np.int64), unit="us", utc=True)
    return pd.DataFrame(
        {"user_id": log.users[log.user], "event_timestamp": stamps, "choice": np.arange(len(log))}
    )


def test_the_join_returns_the_history_strictly_before_each_choice(log, choices, world, tmp_path):
    found = joined(tmp_path / "store", snapshots(log, world.LENGTH), choices)
    past = history(log, log.user, log.order, world.LENGTH)
    filled = 0
    for choice in range(len(log)):
        size = int(past.lengths[choice])
        if not size:
            assert found.loc[choice, "item"] is None or found.loc[choice, "item"] is pd.NA
            continue
        filled += 1
        expected = {name: getattr(past, name)[choice, :size] for name in HISTORY_FIELDS}
        expected["item"] = log.items[expected["item"]]
        expected["behavior"] = np.array(log.behaviors)[expected["behavior"]]
        for name, values in expected.items():
            np.testing.assert_array_equal(np.asarray(found.loc[choice, name]), values, err_msg=name)
    assert filled > 100 and filled < len(log)


def test_a_leak_planted_at_the_instant_of_the_choice_is_kept_out(log, choices, world, tmp_path):
    """At the instant of the choice the user does what gives it away; a microsecond before, another thing."""
    events = [
        ("u0", "i1", "view", 1, world.START, None),
        ("u0", "i2", "view", 2, world.START + timedelta(microseconds=1), None),
        ("u0", "i3", "view", 3, world.START + timedelta(microseconds=2), None),
        ("u0", "i3", "buy", 3, world.START + timedelta(microseconds=2), None),
    ]
    log = world.dataset(tmp_path / "data", events).log(world.scenario())
    asked = pd.DataFrame({"user_id": ["u0"], "event_timestamp": [pd.Timestamp(events[-1][4])], "choice": [0]})
    rows = snapshots(log, world.LENGTH)
    found = joined(tmp_path / "store", rows, asked)
    assert list(found.loc[0, "item"]) == ["i2", "i1"]
    # The same rows stamped with the instant itself let it in: it is the microsecond that keeps it out.
    place = rows.schema.get_field_index("event_timestamp")
    shifted = pa.compute.subtract(rows["event_timestamp"], pa.scalar(timedelta(microseconds=1)))
    leaking = rows.set_column(place, rows.schema.field(place), shifted)
    assert "i3" in joined(tmp_path / "leaking", leaking, asked).loc[0, "item"]
