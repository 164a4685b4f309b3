import numpy as np
import pytest

from swayrec.operations.rollout.measured import Measured
from swayrec.operations.rollout.rules import Limits, less_taken, worse
from swayrec.operations.rollout.taken import Taken

GOOD = Measured(questions=9000, failures=2, poorer=30, p99=0.05)


def side(questions=1000, failures=0, poorer=3, p99=0.05):
    return Measured(questions, failures, poorer, p99)


@pytest.mark.parametrize(
    ("challenger", "told"),
    [
        (side(failures=60), "6.0% of the questions to the challenger have no answer, 0.0% of the champion's"),
        (side(poorer=60), "6.0% of the questions to the challenger are answered from less than there is"),
        (side(p99=0.2), "the challenger's p99 is 0.200 s, the champion's 0.050 s"),
    ],
)
def test_what_speaks_against_a_challenger_is_told_with_both_figures(challenger, told):
    [reason] = worse(GOOD, challenger, Limits())
    assert reason.startswith(told)


@pytest.mark.parametrize(
    "challenger",
    [
        side(),
        side(questions=10, failures=1, poorer=0),
        side(p99=0.09),
        side(questions=100, p99=5.0),
        side(questions=0, p99=float("nan")),
    ],
    ids=["as good", "one failure of ten", "slower, but quick", "too few to tell p99", "nothing yet"],
)
def test_what_chance_or_nothing_explains_stops_nothing(challenger):
    assert worse(GOOD, challenger, Limits()) == []


def test_a_challenger_that_nobody_takes_from_is_stopped_and_an_equal_one_is_not():
    champion = Taken(9000, 900)
    [reason] = less_taken(champion, Taken(1000, 40), Limits())
    assert (
        reason == "something was taken from 4.0% of the challenger's 1000 lists, from 10.0% of the champion's"
    )
    assert less_taken(champion, Taken(1000, 100), Limits()) == []
    assert less_taken(champion, Taken(20, 0), Limits()) == [], "too few to tell"
    assert less_taken(Taken(0, 0), Taken(1000, 0), Limits()) == []


def test_equal_sides_are_stopped_once_in_a_hundred_looks_at_most():
    draw = np.random.default_rng(1)
    stopped = 0
    for _ in range(1000):
        champion, challenger = draw.binomial(9000, 0.1), draw.binomial(1000, 0.1)
        stopped += bool(less_taken(Taken(9000, champion), Taken(1000, challenger), Limits(taken=1.0)))
    assert stopped <= 20
    failed = draw.binomial(300, 0.012, 1000)
    same = Measured(9000, 108, 0, 0.05)
    assert sum(bool(worse(same, side(300, int(n)), Limits(failures=0.0))) for n in failed) <= 20
