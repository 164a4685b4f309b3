from dataclasses import replace

import numpy as np
import pytest

from swayrec.learning import factors
from swayrec.learning.everyone import Everyone
from swayrec.tables.log import DAY
from tests.small_world import generated

WINDOWS = (1 / 24, 1.0, 7.0, 0.0)


@pytest.fixture(scope="module")
def asked():
    """A log, 40 instants of which half are those of events, and candidates at each."""
    log, random = generated(2), np.random.default_rng(0)
    now = np.concatenate([random.choice(log.time, 20), random.uniform(0, log.time.max(), 20)])
    return log, now, random.integers(0, len(log.items), (40, 6)).astype(np.int32)


def test_counts_are_those_of_a_plain_count_of_each_case(asked):
    log, now, items = asked
    counts = Everyone(log).counts(now, items, WINDOWS)
    assert counts.sum() > 100
    for case in range(len(now)):
        for place, item in enumerate(items[case]):
            for number, window in enumerate(WINDOWS):
                since = now[case] - window * DAY if window else -np.inf
                inside = (log.item == item) & (log.time < now[case]) & (log.time >= since)
                plain = [int((inside & (log.behavior == behavior)).sum()) for behavior in range(2)]
                assert counts[case, place, number].tolist() == plain


def test_counts_and_ages_at_one_instant_are_those_of_the_item_tables(asked):
    log, _, _ = asked
    now = log.end
    items = np.arange(len(log.items), dtype=np.int32)[None]
    moment = Everyone(log).at(np.array([now]), items, items[:, :1], WINDOWS)
    tables = factors.counts(log, WINDOWS, now)
    assert moment.counts.numpy()[0].tolist() == tables.reshape(len(tables), -1).tolist()
    assert moment.age.numpy()[0] == pytest.approx(factors.age(log, now), abs=1e-6)


def test_moving_what_comes_later_changes_nothing(asked):
    log, now, items = asked
    for case in range(0, len(now), 5):
        later = log.time >= now[case]
        random = np.random.default_rng(case)
        moved = replace(
            log,
            time=np.where(later, log.time + random.uniform(0, 9 * DAY, len(log)), log.time),
            item=np.where(later, random.permutation(log.item), log.item).astype(np.int32),
        )
        rows = (now[case : case + 1], items[case : case + 1], items[case : case + 1, :2], WINDOWS)
        before, after = Everyone(log).at(*rows), Everyone(moved).at(*rows)
        for part, other in zip(before, after, strict=True):
            assert (part.numpy() == other.numpy()).all()


def test_a_text_is_known_from_the_instant_after_it_was_written_on(asked):
    log, _, _ = asked
    written = np.full(len(log.items), np.nan)
    written[:2] = [10 * DAY, 20 * DAY]
    items = np.array([[0, 1, 2, -1]] * 3, np.int32)
    moment = Everyone(log, written).at(np.array([10, 15, 21]) * DAY, items, items[:, :2], WINDOWS)
    assert moment.told.numpy()[:, :3].tolist() == [[0, 0, 1], [1, 0, 1], [1, 1, 1]]
    assert moment.heard.numpy().tolist() == [[0, 0], [1, 0], [1, 1]]
