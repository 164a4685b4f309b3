import numpy as np
import pytest

from swayrec.learning import slit as module
from swayrec.learning.slit import HALF_LIFE, slit
from tests.learning.test_kernels import dense
from tests.small_world import DAY, generated, log


def by_hand(log_, ridge):
    """Instant by instant: what came before, fading, and what was taken."""
    items = len(log_.items)
    squares, products = ridge * np.eye(items), np.zeros((items, items))
    for user in range(len(log_.users)):
        own = log_.user == user
        past = np.zeros(items)
        for instant in np.unique(log_.order[own]):
            taken = np.zeros(items)
            taken[log_.item[own & (log_.order == instant)]] = 1
            squares += np.outer(past, past)
            products += np.outer(past, taken)
            past = past * 0.5 ** (1 / HALF_LIFE) + taken
    weights = np.linalg.solve(squares, products)
    np.fill_diagonal(weights, 0)
    return weights


@pytest.mark.parametrize("at_once", [3, 20_000])
def test_slit_is_its_closed_form_however_many_instants_are_laid_out(monkeypatch, at_once):
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    some = generated(3, 30, 12)
    assert dense(slit(some, 2.0, 12)) == pytest.approx(by_hand(some, 2.0), abs=1e-4)


def test_slit_knows_what_came_first():
    rows = [(user, item, "view", item, item + 1) for user in range(20) for item in (0, 1)]
    weights = dense(slit(log(rows), 1.0, 2))
    assert weights[0, 1] > 0.5
    assert weights[1, 0] == pytest.approx(0, abs=1e-6)


def test_only_the_most_frequent_items_have_weights(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 2)
    rows = [(user, item, "view", item, item + 1) for user in range(5) for item in (0, 2)]
    weights = dense(slit(log([*rows, (0, 1, "view", 9, 9)]), 1.0, 3))
    assert weights[0, 2] > 0
    assert not weights[1].any() and not weights[:, 1].any()


def test_what_came_next_lately_counts_more_where_events_fade():
    rows = []
    for user, (other, day) in enumerate([(1, 1), (1, 1), (2, 21), (2, 21)]):
        rows += [(user, 0, "view", day, 1), (user, other, "view", day, 2)]
    some = log(rows)
    worth = 0.5 ** ((22 * DAY - some.time) / (5 * DAY))
    alike, lately = dense(slit(some, 0.1, 3)), dense(slit(some, 0.1, 3, worth))
    assert alike[0, 1] == pytest.approx(alike[0, 2], abs=1e-6)
    assert lately[0, 2] > 2 * lately[0, 1] > 0
