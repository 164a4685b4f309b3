"""A category that a bug hides, told from one that goes out of season and from one that is too small to tell."""

import numpy as np
import pytest

from swayrec.operations.monitoring import evidence
from swayrec.operations.monitoring.baseline import Usual
from swayrec.operations.monitoring.checks.exposure import hidden
from swayrec.operations.monitoring.tally import GROUPS, Counts
from swayrec.tables.scenario_monitoring import CHECKS

LABELS = ("tea", "milk", "eggs", "jam", "*", "")
SHOWN = np.array([0.4, 0.3, 0.1, 0.01, 0.1, 0.09])
TAKEN = np.array([0.3, 0.3, 0.1, 0.05, 0.15, 0.1])
WINDOWS = 6


def lists(random, shown=SHOWN, taken=TAKEN, items=6000.0):
    """Counts of a window: what is shown strays from week to week by a fifth, what is taken by a tenth."""
    moved = [shown * random.lognormal(0, 0.2, len(shown)), taken * random.lognormal(0, 0.1, len(taken))]
    sums = [random.poisson(size * part / max(part.sum(), 1) / GROUPS, (GROUPS, len(part)))
            for part, size in zip(moved, (items, items / 10), strict=True)]  # fmt: skip
    return Counts((*LABELS, *LABELS), np.concatenate(sums, 1)[None].astype(float))


def usual(random, **more):
    rows = np.stack([lists(random, **more).sums.sum((0, 1)) for _ in range(WINDOWS)])
    return {"exposure": Usual((*LABELS, *LABELS), rows, np.tile(rows.mean(0) / GROUPS, (GROUPS, 1)))}


def without(shares, *names):
    return np.array([0.0 if label in names else share for label, share in zip(LABELS, shares, strict=True)])


def found(seed, shown=SHOWN, taken=TAKEN, **more):
    """The part that moved most, and the p-value of the check."""
    random = np.random.default_rng(seed)
    then = usual(random, **more)
    result = hidden({"exposure": lists(random, shown, taken, **more)}, then)
    return result and (result, *evidence.strongest(result, CHECKS["hidden"].tolerance))


@pytest.mark.parametrize("name", ["tea", "milk", "eggs"])
def test_a_category_that_is_taken_but_shown_no_more_is_found_and_named(name):
    hits = [found(seed, without(SHOWN, name)) for seed in range(10)]
    assert {part.name for _, part, _ in hits} == {name}
    assert max(p for *_, p in hits) < 1e-3
    assert all(part.moved[0].now == 0 < part.moved[0].then for _, part, _ in hits)


def test_weeks_as_usual_hide_nothing():
    assert min(p for *_, p in map(found, range(40))) > 0.01


def test_a_category_that_people_take_no_more_either_counts_for_less():
    fewer = np.array([0.1 if label == "eggs" else 1.0 for label in LABELS])
    for seed in range(10):
        _, _, season = found(seed, SHOWN * fewer, TAKEN * fewer)
        _, _, bug = found(seed, SHOWN * fewer)
        assert season > 0.05 > bug


def test_a_category_that_is_hardly_shown_and_those_that_are_none_are_not_judged():
    result, *_ = found(0)
    assert [part.name for part in result.parts] == ["tea", "milk", "eggs"]
    assert found(0, items=60.0) is None


def test_where_nothing_is_shown_of_a_category_the_error_is_that_of_a_count():
    _, part, _ = found(1, without(SHOWN, "eggs"), taken=without(TAKEN, *LABELS), items=1000.0)
    assert part.error == pytest.approx(1 / np.sqrt(100), rel=0.2)
    assert part.low < part.change < part.high
