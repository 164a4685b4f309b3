import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swayrec.operations import reference
from swayrec.operations.pseudonym import pseudonyms
from swayrec.operations.reference import Answers
from swayrec.tables import schema
from swayrec.tables.dataset import write

DAY = datetime(2024, 3, 1, tzinfo=UTC)


def table(kind: pa.Schema, **columns) -> pa.Table:
    size = len(next(iter(columns.values())))
    return pa.table(
        [pa.array(columns.get(name, [None] * size), kind.field(name).type) for name in kind.names], kind
    )


def dataset(folder, size=12_000, clock=True):
    random = np.random.default_rng(1)
    users, items = random.integers(50, size=size), random.integers(4, size=size)
    events = table(
        schema.EVENTS,
        event_id=[str(n) for n in range(size)],
        user_id=[f"user-{n}" for n in users],
        item_id=[f"i{n}" for n in items],
        behavior=np.where(random.random(size) < 0.25, "buy", "view").tolist(),
        order=[0] * size,
        timestamp=[DAY.replace(day=1 + n % 3) if clock else None for n in range(size)],
        value=[float(n % 100) if n % 2 else None for n in range(size)],
        text=["secret words of a person" if n == 0 else None for n in range(size)],
        source=["log"] * size,
    )
    described = table(
        schema.ITEMS,
        item_id=[f"i{n}" for n in range(4)],
        text=["Fresh pizza with cheese", "cheese, the best", "新鲜的牛奶和面包", None],
        language=["en", "en", "zh", None],
        category=["food", "food", "drink", None],
    )
    folder.mkdir(parents=True, exist_ok=True)
    return write(folder, events, described, pa.table({"user_id": [f"user-{n}" for n in range(50)]}), {})


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    answers = Answers(
        np.linspace(-1, 1, 400, dtype=np.float32).reshape(40, 10),
        np.full((40, 2), [0.2, 0.7]),
        ("buy", "view"),
    )
    data = dataset(folder / "data")
    given = {"weights": {"buy": 1.0, "view": 0.25}, "covariance": np.eye(2) / 4, "answers": answers}
    reference.write(folder / "reference", data, b"key", **given)
    reference.write(folder / "again", data, b"key", **given)
    return folder, data


def test_the_statistics_are_those_of_the_tables(written):
    folder, data = written
    told = json.loads((folder / "reference" / "reference.json").read_text())
    events = data.events().to_pandas()
    assert told["fingerprint"] == data.fingerprint()
    assert told["events"]["behaviors"] == events["behavior"].value_counts().to_dict()
    assert told["events"]["per_day"] == {"2024-03-01": 4000, "2024-03-02": 4000, "2024-03-03": 4000}
    assert (told["events"]["users"], told["events"]["clock"]) == (50, True)
    buys = events.loc[events["behavior"] == "buy", "value"]
    assert told["events"]["value"]["buy"]["quantiles"]["0.5"] == pytest.approx(buys.median())
    assert told["events"]["value"]["buy"]["count"] == buys.count()
    assert told["items"]["categories"] == {"food": 0.5, "drink": 0.25, "": 0.25}
    assert told["items"]["languages"] == {"en": 0.5, "zh": 0.25, "": 0.25}
    assert told["items"]["without_text"] == 1
    assert told["keywords"]["cheese"] == pytest.approx(2 / 4)
    assert told["keywords"]["牛奶"] == pytest.approx(1 / 4) and "the" not in told["keywords"]
    assert told["influence"] == {"weights": {"buy": 1.0, "view": 0.25}, "covariance": [[0.25, 0], [0, 0.25]]}
    assert told["score"]["mean"] == pytest.approx(0, abs=1e-6)
    assert told["intent"]["view"]["quantiles"]["0.99"] == pytest.approx(0.7)


def test_the_sample_knows_no_user_by_name_and_keeps_nobodys_words(written):
    folder, data = written
    sample = pq.read_table(folder / "reference" / "events.parquet")
    assert len(sample) == 5000 and "text" not in sample.column_names
    known = dict(zip(pseudonyms([f"user-{n}" for n in range(50)], b"key"), range(50), strict=True))
    assert set(sample["user"].to_pylist()) <= set(known)
    for path in (folder / "reference").iterdir():
        held = path.read_bytes()
        assert b"user-" not in held and b"secret words" not in held
    row = sample.slice(0, 1).to_pylist()[0]
    expected = data.items().filter(pa.compute.equal(data.items()["item_id"], row["item_id"])).to_pylist()[0]
    assert (row["category"], row["language"]) == (expected["category"], expected["language"])


def test_the_same_seed_writes_the_same_files(written):
    folder, _ = written
    for path in (folder / "reference").iterdir():
        assert path.read_bytes() == (folder / "again" / path.name).read_bytes()


def test_answers_are_sampled_with_their_ranks_and_targets(written):
    folder, _ = written
    scores = pq.read_table(folder / "reference" / "scores.parquet").to_pandas()
    assert scores["rank"].min() == 1 and scores["rank"].max() == 10 and len(scores) == 400
    assert pq.read_table(folder / "reference" / "intents.parquet").column_names == ["buy", "view"]


def test_a_log_without_clock_values_or_answers_has_a_reference_too(tmp_path):
    told = reference.write(tmp_path / "reference", dataset(tmp_path / "data", size=3, clock=False), b"key")
    assert (
        told["events"]["clock"] is False
        and told["events"]["per_day"] == {}
        and told["events"]["until"] is None
    )
    assert told["influence"]["weights"] is None and "score" not in told
    assert len(pq.read_table(tmp_path / "reference" / "events.parquet")) == 3
