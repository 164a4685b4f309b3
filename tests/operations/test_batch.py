from dataclasses import replace

import numpy as np
import pytest

from swayrec.operations import batch
from swayrec.operations.current import Current
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def log(trained):
    current = Current.read(trained)
    return Dataset(current.dataset).log(scenarios.load(current.scenario))


@pytest.fixture
def model(trained):
    from swayrec.learning.export import ExportedModel

    return ExportedModel.load(Current.read(trained).model)


def by_user(table):
    lists = {}
    for row in table.to_pylist():
        lists.setdefault(row["user_id"], []).append((row["item_id"], row["rank"], row["score"]))
    return lists


def test_every_user_gets_k_different_items_best_first_and_a_stranger_what_everyone_takes(model, log):
    users = [*log.users[:70], "a stranger"]
    told = []
    lists = by_user(batch.recommend(model, log, users, 5, exclude_seen=True, progress=told.append))
    assert list(lists) == users
    assert told == [64, 7]
    for rows in lists.values():
        items, ranks, scores = zip(*rows, strict=True)
        assert len(set(items)) == 5
        assert ranks == (1, 2, 3, 4, 5)
        assert list(scores) == sorted(scores, reverse=True)


def test_order_of_users_and_size_of_the_batch_change_nothing(model, log):
    users = list(log.users[:10])
    together = by_user(batch.recommend(model, log, users, 5, exclude_seen=True))
    for user in reversed(users):
        [alone] = by_user(batch.recommend(model, log, [user], 5, exclude_seen=True)).values()
        assert [row[0] for row in alone] == [row[0] for row in together[user]]
        assert np.allclose([row[2] for row in alone], [row[2] for row in together[user]], atol=1e-5)


def test_seen_items_stay_off_the_list_only_when_asked(model, log):
    user = str(log.users[np.bincount(log.user).argmax()])
    model.metadata = replace(model.metadata, seen=model.metadata.targets)
    theirs = (log.users[log.user] == user) & log.is_behavior(model.metadata.targets)
    taken = set(log.items[log.item[theirs]])
    [without] = by_user(batch.recommend(model, log, [user], 20, exclude_seen=True)).values()
    [with_] = by_user(batch.recommend(model, log, [user], 20, exclude_seen=False)).values()
    assert not taken & {row[0] for row in without}
    assert taken & {row[0] for row in with_}


def test_more_candidates_than_the_signature_holds_are_ranked_as_the_whole_catalogue_is(model, log):
    user = str(log.users[3])
    [best] = by_user(batch.recommend(model, log, [user], 10, exclude_seen=True)).values()
    everything = {user: [str(item) for item in log.items]}
    assert len(log.items) > 2 * model.metadata.candidates
    [ranked] = by_user(
        batch.recommend(model, log, [user], 10, exclude_seen=True, candidates=everything)
    ).values()
    assert [row[0] for row in ranked] == [row[0] for row in best]


def test_user_without_candidates_has_no_rows(model, log):
    table = batch.recommend(model, log, list(log.users[:2]), 3, exclude_seen=True, candidates={})
    assert table.num_rows == 0
