import numpy as np
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.metrics import NDCG
from swayrec.learning.baselines import LambdaRank, Popular
from tests.small_world import at, generated, log, scenario

ALL = slice(None)


def setting(candidates=20, **choices):
    return scenario().with_choices(candidates=candidates, **choices)


def test_it_finds_the_favorites_that_people_come_back_to():
    asked = setting()
    part = splits.split(generated(5, users=150), asked).validation
    metric = NDCG(10)
    trees = metric(LambdaRank().fit(part.known, asked).rank(part.cases, 10), part.cases).mean()
    popular = metric(Popular().fit(part.known, asked).rank(part.cases, 10), part.cases).mean()
    assert trees > popular + 0.1


def test_candidates_come_first_by_the_trees_and_the_rest_by_the_plain_sum():
    from swayrec.learning.past import to_past

    known, moments = generated(6), at(range(60), 200)
    model = LambdaRank().fit(known, setting(candidates=5))
    scores = model.scores(moments, ALL)
    past = to_past(model._pasts.at(moments.users, moments.before, 500), moments.now)
    influence, base = model._scoring.score(past)
    plain = (influence + base).numpy()
    ranked, by_plain = np.argsort(-scores, 1), np.argsort(-plain, 1)
    assert (np.sort(ranked[:, :5]) == np.sort(by_plain[:, :5])).all()
    assert (np.diff(np.take_along_axis(plain, ranked[:, 5:], 1)) <= 1e-6).all()
    assert (ranked[:, :5] != by_plain[:, :5]).any()


def test_where_people_do_not_repeat_nothing_of_the_past_is_a_candidate():
    known = generated(7)
    asked = setting(candidates=5).model_copy(update={"repeats": False})
    model = LambdaRank().fit(known, asked)
    # A past that holds half of the catalogue: what was taken is out, however well it scores.
    scores = model.scores(at([3], 200), ALL)[0]
    best = set(np.argsort(-scores)[:5].tolist())
    assert not best & set(known.item[known.user == 3].tolist())


def test_blocks_and_the_number_of_rounds_are_asked_of_one_fit():
    known, moments = generated(8), at(range(60), 200)
    fitted = LambdaRank(15, 100).fit(known, setting())
    more = fitted.adjusted(LambdaRank(15, 200))
    assert LambdaRank(15, 200).fits_like(fitted) and not LambdaRank(31, 100).fits_like(fitted)
    own = LambdaRank(15, 200).fit(known, setting())
    assert more.scores(moments, ALL) == pytest.approx(own.scores(moments, ALL), abs=1e-5)
    part = fitted.scores(moments, slice(10, 30))
    assert np.argmax(part, 1).tolist() == np.argmax(fitted.scores(moments, ALL)[10:30], 1).tolist()


def test_it_says_why_it_has_nothing_to_say():
    lonely = log([(0, 0, "purchase", 1, 1), (1, 1, "purchase", 1, 1)])
    assert "no choice to learn from" in LambdaRank.unfit_because(lonely, scenario())
    asked = scenario()
    form = asked.influence.forms[0]
    text = form.model_copy(update={"kernels": (form.kernels[0].model_copy(update={"similarity": "text"}),)})
    reads = asked.model_copy(update={"influence": asked.influence.model_copy(update={"forms": (text,)})})
    assert "no text vectors" in LambdaRank.unfit_because(generated(), reads)
