import numpy as np
import pytest

from swayrec.tables.log import DAY
from swayrec.tables.numbered_log import ARRAYS, numbered_parts
from tests.small_world import generated, log


@pytest.mark.parametrize("rows", [1, 70, 100_000])
def test_the_parts_are_the_log_with_no_user_in_two(rows, tmp_path):
    whole = generated(3)
    # As a split leaves it: some users have nothing left, the first and the last too.
    whole = whole.where(~np.isin(whole.user, [0, 1, 17, 18, 40, 59]))
    parts = numbered_parts(whole, tmp_path, rows)
    assert len(parts) == {1: 54, 100_000: 1}.get(rows, len(parts))
    logs = [part.log(whole.items, whole.behaviors) for part in parts]
    for name in ARRAYS:
        found = [
            getattr(each, name) + (part.first if name == "user" else 0)
            for each, part in zip(logs, parts, strict=True)
        ]
        np.testing.assert_array_equal(np.concatenate(found), getattr(whole, name))
        assert {getattr(each, name).dtype for each in logs} == {getattr(whole, name).dtype}
    numbers = [int(name) for each in logs for name in each.users]
    assert numbers == list(range(parts[0].first, len(whole.users)))
    assert [len(each) for each in logs] == [part.stop - part.start for part in parts]


def test_a_part_keeps_catalogue_behaviors_and_the_period_of_a_history(tmp_path):
    whole = log([(0, 0, "view", 1, 1), (1, 1, "purchase", 2, 1)], items=5)
    [part] = numbered_parts(whole, tmp_path, 10)
    found = part.log(whole.items, whole.behaviors, 7 * DAY)
    assert (found.items.tolist(), found.behaviors, found.period) == (
        whole.items.tolist(),
        whole.behaviors,
        7 * DAY,
    )


def test_a_log_without_events_has_no_part(tmp_path):
    whole = log([(0, 0, "view", 1, 1)])
    empty = whole.where(np.zeros(1, bool))
    assert numbered_parts(empty, tmp_path, 10) == []
