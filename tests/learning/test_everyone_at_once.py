import numpy as np
import pytest

from swayrec.learning.everyone import Everyone
from tests.small_world import DAY, generated

WINDOWS = (1.0, 7.0, 0.0)


@pytest.fixture(scope="module")
def some():
    return generated()


def instants(log):
    return np.quantile(log.time, [0.2, 0.5, 0.9]) + 1.0


def test_the_whole_catalogue_is_counted_as_candidates_are(some):
    everyone, now = Everyone(some), instants(some)
    size = len(some.items)
    past = np.zeros((3, 1), np.int32)
    whole = everyone.of_all(now, past, WINDOWS)
    named = everyone.at(now, np.broadcast_to(np.arange(size, dtype=np.int32), (3, size)), past, WINDOWS)
    for ours, theirs in zip(whole, named, strict=True):
        assert np.array_equal(ours.numpy(), theirs.numpy())
    few = np.array([[4, 1, -1]] * 3, np.int32)
    picked = whole.of(few)
    assert np.array_equal(
        picked.counts.numpy()[:, :2], everyone.at(now, few, past, WINDOWS).counts.numpy()[:, :2]
    )


def test_what_comes_at_or_after_an_instant_counts_nothing(some):
    now = instants(some)[1]
    before = Everyone(some.where(some.time < now)).of_all(np.array([now]), np.zeros((1, 1), int), WINDOWS)
    after = Everyone(some).of_all(np.array([now]), np.zeros((1, 1), int), WINDOWS)
    assert np.array_equal(before.counts.numpy(), after.counts.numpy())
    assert np.array_equal(
        before.age.numpy()[before.age.numpy() > 0], after.age.numpy()[before.age.numpy() > 0]
    )
    in_a_week = ((some.time >= now - 7 * DAY) & (some.time < now)).sum()
    types = len(some.behaviors)
    assert after.counts.numpy()[0, :, types : 2 * types].sum() == in_a_week
