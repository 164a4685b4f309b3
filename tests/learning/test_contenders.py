import numpy as np
import pytest

from swayrec.learning.contenders import with_anywhere
from swayrec.learning.past import Past, to_past
from swayrec.tables.history import history
from tests.small_world import generated

SIZE, NUMBER = 40, 12


@pytest.fixture(scope="module")
def before() -> Past:
    log = generated(3, 30, SIZE)
    users = np.flatnonzero(np.diff(log.offsets()) > 0)
    return to_past(history(log, users, log.newest_orders()[users] + 1, 64), np.full(len(users), np.nan))


def test_candidates_from_anywhere_are_new_each_once_and_not_off_the_list(before):
    items = before.item.numpy()
    top = np.tile(np.array([[0, 1, 2, -1]], np.int32), (len(items), 1))
    found = with_anywhere(top, before, items >= 0, NUMBER, SIZE)
    assert np.array_equal(found[:, :4], top)
    for row, rest in enumerate(found[:, 4:]):
        drawn = rest[rest >= 0].tolist()
        assert len(set(drawn)) == len(drawn)
        assert not set(drawn) & {0, 1, 2, *items[row].tolist()}
    assert len(np.unique(found[:, 4:])) > NUMBER, "not the same for everybody"


def test_they_depend_on_the_history_alone(before):
    items = before.item.numpy()
    top, off = np.full((len(items), 1), -1, np.int32), np.zeros(items.shape, bool)
    whole = with_anywhere(top, before, off, NUMBER, SIZE)
    some = Past(*(part[7:9] for part in before))
    alone = with_anywhere(top[7:9], some, off[7:9], NUMBER, SIZE)
    assert np.array_equal(alone, whole[7:9])


def test_a_small_catalogue_gives_all_that_it_has(before):
    items = before.item.numpy()
    found = with_anywhere(
        np.full((len(items), 1), -1, np.int32), before, np.zeros(items.shape, bool), 100, SIZE
    )
    assert sorted(found[0][1:].tolist()) == list(range(SIZE))
