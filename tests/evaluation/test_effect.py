import numpy as np
import pytest

from swayrec.evaluation import effect as estimating
from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.effect import effect, placebo
from swayrec.learning.treated import units
from swayrec.tables.errors import InputError
from tests.evaluation.shop import ITEMS, made

pytestmark = pytest.mark.timeout(900)
DRAWS = Bootstrap(draws=500)


def compared(share, **how):
    return units(made(share, **how), np.arange(ITEMS) % 5, "mailed", ("buy",))


def truth(share, found, without):
    """What the mailing adds: it moves a share of those who would not have bought, treated or not."""
    assert np.array_equal(found.user, without.user) and np.array_equal(found.item, without.item)
    return share * (1 - without.outcome)


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_a_planted_effect_is_found_though_those_are_mailed_who_buy_anyway(share):
    pytest.importorskip("econml")
    found, without = compared(share), compared(0.0)
    added = truth(share, found, without)
    told = effect(found, DRAWS)
    assert told.naive.low > added.mean() + 0.05, "as it stands it is mostly who was mailed"
    assert told.everyone.low <= added.mean() <= told.everyone.high
    assert told.treated.low <= added[found.treated].mean() <= told.treated.high
    assert told.everyone.high - told.everyone.low < 0.06
    assert told.everyone.above_zero == (share > 0)
    assert 0 <= told.outside < 0.5 and 0 < told.sizes[0] <= found.treated.sum()


def test_the_placebo_holds_0_where_the_past_says_who_is_mailed_and_tells_where_it_does_not():
    pytest.importorskip("econml")
    held = placebo(compared(0.1), DRAWS)
    assert held.naive.above_zero
    assert held.everyone.low <= 0 <= held.everyone.high
    assert placebo(compared(0.1, hidden=True), DRAWS).everyone.above_zero


def test_no_model_sees_the_user_that_it_is_asked_about(monkeypatch):
    """Every user's outcome is one value of its own: a model that saw the user's other units would know it."""
    pytest.importorskip("econml")
    random = np.random.default_rng(0)
    user = np.repeat(np.arange(300), 40)
    outcome = np.repeat(random.integers(2, size=300), 40).astype(float)
    known = np.repeat(random.random((300, 2)), 40, axis=0)
    treated = random.integers(2, size=len(user)).astype(float)
    _, without, _ = estimating._foreseen(treated, outcome, known, user)
    assert abs(np.corrcoef(without, outcome)[0, 1]) < 0.3


def test_the_scores_average_to_what_econml_says_itself():
    pytest.importorskip("econml")
    from econml.dr import LinearDRLearner

    said = []
    fit = LinearDRLearner.fit

    def noted(self, *arguments, **named):
        said.append(fit(self, *arguments, **named))
        return self

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LinearDRLearner, "fit", noted)
        told = effect(compared(0.1), Bootstrap(draws=10))
    assert float(said[0].ate()) == pytest.approx(told.everyone.mean, abs=1e-9)


def test_too_few_users_and_a_library_that_is_missing_are_one_sentence(monkeypatch):
    few = compared(0.1)
    kept = np.flatnonzero((few.user < 20) | ~few.treated)
    with pytest.raises(InputError, match="users are on one side of the comparison, and 50 are needed"):
        effect(type(few)(**{name: value[kept] for name, value in vars(few).items()}))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="econml is not installed; install swayrec with its extra bench"):
        effect(few)
