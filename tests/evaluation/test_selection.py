import numpy as np
import pytest

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.selection import Trial, best, gain, significantly_better


def trial(name, complexity, *scores):
    return Trial(name, complexity, np.array(scores, float))


def test_the_best_mean_wins_even_by_little():
    assert best([trial("a", 0, 0.5, 0.5), trial("b", 9, 0.5, 0.51)]).name == "b"


def test_a_tie_goes_to_the_simpler_whatever_the_order():
    tied = [trial("involved", 2, 0.4, 0.6), trial("simple", 1, 0.6, 0.4), trial("worse", 0, 0.1, 0.2)]
    assert best(tied).name == best(tied[::-1]).name == "simple"


def test_nothing_to_choose_from_is_refused():
    with pytest.raises(ValueError, match="no setting"):
        best([])


def test_better_is_significant_only_where_the_whole_paired_interval_is_above_zero():
    random = np.random.default_rng(0)
    base, users = random.random(400), np.arange(400)
    assert significantly_better(base + 0.02 + 0.05 * random.standard_normal(400), base, users)
    assert not significantly_better(base + 0.05 * random.standard_normal(400), base, users)
    assert not significantly_better(base, base + 0.1, users)
    assert gain(base + 0.1, base, users, Bootstrap(100)).mean == pytest.approx(0.1)
