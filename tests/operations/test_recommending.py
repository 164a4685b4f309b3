import json

import numpy as np
import pyarrow as pa
import pytest

from swayrec.learning.export import ExportedModel
from swayrec.operations import batch, training
from swayrec.tables import dataset as datasets
from swayrec.tables import schema
from tests.looks import DAY, NOW, hidden, hidden_scenario, looks, looks_scenario

KINDS = ("closed form and network", "closed form and trees")


def dataset_of(log, folder):
    """A canonical dataset that holds a log."""
    names = [f"e{n}" for n in range(len(log))]
    events = {
        "event_id": names,
        "user_id": log.users[log.user],
        "item_id": log.items[log.item],
        "behavior": np.array(log.behaviors, object)[log.behavior],
        "order": log.order,
        "timestamp": pa.array((log.time * 1e6).astype(np.int64), schema.TIMESTAMP),
        "source": ["log"] * len(log),
    }
    items, users = {"item_id": log.items}, pa.table({"user_id": pa.array(log.users, pa.string())})
    folder.mkdir()
    tables = [
        pa.Table.from_pydict({**{name: pa.nulls(size) for name in columns.names}, **given}, schema=columns)
        for given, columns, size in ((events, schema.EVENTS, len(log)), (items, schema.ITEMS, len(log.items)))
    ]
    return datasets.write(folder, *tables, users, {})


@pytest.fixture
def train(tmp_path):
    """Trains on a log: the folder of the evaluated model, and all that was said."""

    def trained(log, asked=looks_scenario, **network):
        scenario, dataset, said = asked(**network), dataset_of(log, tmp_path / "dataset"), []
        vectors, influence, intent, model_test, model = (
            tmp_path / name for name in ("vectors", "influence", "intent", "model_test", "model")
        )
        training.fit_influence(scenario, dataset, vectors, influence, said.append)
        training.train_intent(scenario, dataset, vectors, influence, intent, said.append)
        training.train_recommender(
            scenario, dataset, vectors, influence, intent, model_test, model, said.append
        )
        return model_test, said

    return trained


def told_of_network(log, folder):
    """What the network adds to the first item of some users' lists, by the exported model."""
    model = ExportedModel.load(folder)
    asked = batch.user_queries(log, list(log.users[:20]), model.metadata)
    best = model.recommend(asked)["item"][:, 0]
    told = model.explain(
        [type(query)(**{**query.__dict__, "target": item}) for query, item in zip(asked, best, strict=True)]
    )
    return told["rest"][:, model.metadata.rest.index("network")]


def test_network_that_adds_is_kept_and_served(train):
    log = looks("one of both", 300, 11)
    folder, said = train(log)
    choice = json.loads((folder / "recommender.json").read_text())
    found = choice["validation"]
    kept = max(KINDS, key=lambda kind: found[kind]["ndcg"])
    assert choice["kept"] == kept
    for kind in KINDS:
        assert found[kind]["gain"][1] > 0
        assert found[kind]["ndcg"] - found["closed form"] == pytest.approx(found[kind]["gain"][0])
    assert np.abs(told_of_network(log, folder)).max() > 1e-3
    assert list((folder / "tensorboard" / "validation").iterdir())
    assert any("network, epoch 2: loss on held-out users" in line for line in said)


def test_network_that_does_not_help_is_not_kept_and_the_choice_says_so(train):
    log = looks("none", 120, 12)
    folder, said = train(log, epochs=3)
    choice = json.loads((folder / "recommender.json").read_text())
    assert choice["kept"] == "closed form"
    assert "is moved by the network by" in choice["why"] and "; trees by" in choice["why"]
    assert all(choice["validation"][kind]["gain"][1] <= 0 for kind in KINDS)
    assert not told_of_network(log, folder).any()
    assert any(choice["why"] in line for line in said)


def test_trees_alone_are_kept_and_served_where_the_scenario_asks_for_them(train):
    log = looks("one of both", 300, 11)
    folder, said = train(log, recommender="trees")
    choice = json.loads((folder / "recommender.json").read_text())
    assert choice["kept"] == "closed form and trees"
    assert set(choice["validation"]["closed form and trees"]["settings"]) == {
        "candidates",
        "share",
        "count",
        "retrieval",
    }
    assert np.abs(told_of_network(log, folder)).max() > 1e-3
    assert not any("epoch" in line for line in said)


def test_settings_of_trees_are_chosen_on_some_users_and_judged_by_all(train, monkeypatch):
    monkeypatch.setattr("swayrec.operations.training.tree_choice.CHOSEN_ON", 40)
    folder, said = train(looks("one of both", 150, 11), recommender="trees")
    found = json.loads((folder / "recommender.json").read_text())["validation"]
    assert any(line.endswith("the best of 20 on 40 of 150 cases") for line in said)
    trees = found["closed form and trees"]
    assert found["cases"] == 150
    assert trees["ndcg"] - found["closed form"] == pytest.approx(trees["gain"][0])


def test_halves_are_chosen_and_served_where_the_closed_form_does_not_find_what_is_taken(train):
    log = hidden(150, 1)
    folder, said = train(log, hidden_scenario, recommender="trees")
    choice = json.loads((folder / "recommender.json").read_text())
    assert choice["validation"]["closed form and trees"]["settings"]["retrieval"] == "both"
    assert any("the best of 40 on" in line for line in said)
    model = ExportedModel.load(folder)
    listed = model.recommend(batch.user_queries(log, list(log.users), model.metadata))["item"][:, :5]
    newest = log.time > NOW - 30 * DAY
    found = 0
    for user, items in enumerate(listed):
        viewed, carted = (
            set(log.items[log.item[newest & (log.user == user) & (log.behavior == behavior)]])
            for behavior in (0, 1)
        )
        found += bool(viewed & carted & set(items))
    assert found > 0.8 * len(listed)


def test_scenario_without_a_network_gets_the_closed_form(train):
    folder, _ = train(looks("none", 30, 13), recommender="none")
    choice = json.loads((folder / "recommender.json").read_text())
    assert choice == {"kept": "closed form", "why": "the scenario asks for nothing on top"}


def test_too_few_users_for_a_network_get_the_closed_form_and_are_told_why(train):
    folder, _ = train(looks("one of both", 2, 14))
    choice = json.loads((folder / "recommender.json").read_text())
    assert choice["kept"] == "closed form"
    assert "too few users" in choice["why"]
