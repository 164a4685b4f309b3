import time

import numpy as np
import pytest

from swayrec.evaluation import cost
from swayrec.evaluation.cost import Cost


def test_memory_is_what_the_block_needed_at_most_and_no_earlier_block():
    with Cost() as large:
        np.ones(30_000_000).sum()
    with Cost() as small:
        np.ones(3_000_000).sum()
    assert large.memory == pytest.approx(240_000_000, rel=0.2)
    assert small.memory < 60_000_000


def test_seconds_are_those_of_the_clock():
    with Cost() as slept:
        time.sleep(0.05)
    assert 0.05 <= slept.seconds < 5


def test_where_the_mark_cannot_be_set_back_memory_is_by_how_much_it_rose(monkeypatch, tmp_path):
    monkeypatch.setattr(cost, "_RESET", tmp_path / "absent" / "clear_refs")
    with Cost() as rose:
        held = np.ones(60_000_000)
    assert 0 <= rose.memory <= 1.2 * held.nbytes
    del held
    with Cost() as again:
        np.ones(1_000_000)
    assert again.memory < 60_000_000


def test_a_block_that_fails_is_measured_and_fails():
    measured = Cost()
    with pytest.raises(ZeroDivisionError), measured:
        _ = 1 / 0
    assert measured.seconds >= 0
