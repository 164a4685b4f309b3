import numpy as np
import pytest

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.operations.gate import Decision, decide, unseen

USERS = np.arange(400)
RANDOM = np.random.default_rng(5)
POPULAR = RANDOM.uniform(0, 0.4, 400)
NOISE = RANDOM.normal(0, 0.1, 400)
ALL = np.ones(400, bool)


def test_the_first_model_above_windowed_popularity_is_promoted_and_the_numbers_are_said():
    decision = decide(POPULAR + 0.05 + NOISE, POPULAR, USERS)
    assert decision.promote and decision.champion is None
    assert decision.popularity.low > 0
    assert "above windowed popularity (NDCG@10 +0.05" in decision.reasons[0]
    assert "400 users" in decision.reasons[0]
    assert decision.reasons[1] == "there is no champion to compare with"


@pytest.mark.parametrize(
    ("shift", "words"), [(0.0, "not surely above"), (-0.05, "below windowed popularity")]
)
def test_a_model_that_is_not_surely_above_popularity_is_kept_back(shift, words):
    decision = decide(POPULAR + shift + NOISE - NOISE.mean(), POPULAR, USERS, champion=POPULAR - 1, fresh=ALL)
    assert not decision.promote
    assert words in decision.reasons[0]


def test_a_model_surely_below_the_champion_is_kept_back_though_above_popularity():
    candidate = POPULAR + 0.1
    decision = decide(candidate, POPULAR, USERS, champion=candidate + 0.05 + NOISE, fresh=ALL)
    assert not decision.promote
    assert decision.champion.below_zero
    assert decision.reasons[0].startswith("not promoted: below the champion")
    assert "above windowed popularity" in decision.reasons[1]


def test_a_model_level_with_the_champion_is_promoted():
    candidate = POPULAR + 0.1
    decision = decide(candidate, POPULAR, USERS, champion=candidate + NOISE - NOISE.mean(), fresh=ALL)
    assert decision.promote
    assert decision.champion.low < 0 < decision.champion.high
    assert "not below the champion" in decision.reasons[1]


def test_the_champion_is_compared_on_unseen_cases_only():
    candidate = POPULAR + 0.1
    fresh = USERS >= 200
    # Where it has seen the truth the champion looks perfect; that must not count.
    champion = np.where(fresh, candidate - 0.02, 1.0)
    decision = decide(candidate, POPULAR, USERS, champion=champion, fresh=fresh)
    assert decision.promote
    assert decision.champion.mean == pytest.approx(0.02)
    assert "200 users" in decision.reasons[1]


def test_values_of_the_champion_on_seen_cases_may_be_missing():
    champion = np.where(USERS >= 200, 0.0, np.nan)
    assert decide(POPULAR + 0.1, POPULAR, USERS, champion=champion, fresh=USERS >= 200).promote
    with pytest.raises(ValueError, match="finite"):
        decide(POPULAR + 0.1, POPULAR, USERS, champion=champion, fresh=ALL)


def test_a_champion_that_has_seen_everything_is_not_compared_and_it_is_said():
    decision = decide(POPULAR + 0.1, POPULAR, USERS, champion=np.ones(400), fresh=~ALL)
    assert decision.promote and decision.champion is None
    assert "not compared with the champion" in decision.reasons[1]


@pytest.mark.parametrize("cases", [0, 1, 3])
def test_fewer_than_two_users_promote_nothing(cases):
    decision = decide(np.ones(cases), np.zeros(cases), np.zeros(cases, int))
    assert not decision.promote and decision.popularity is None
    assert "too few" in decision.reasons[0]


def test_arrays_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one value a case"):
        decide(POPULAR, POPULAR[1:], USERS)


def test_cases_at_or_after_the_champions_end_are_unseen():
    now = np.array([9.0, 10.0, 11.0])
    assert unseen(now, 10.0).tolist() == [False, True, True]
    assert not unseen(now, None).any()
    assert not unseen(np.full(3, np.nan), 10.0).any()


def test_a_decision_survives_its_file(tmp_path):
    for champion in (None, POPULAR):
        decision = decide(
            POPULAR + 0.1, POPULAR, USERS, champion=champion, fresh=ALL, bootstrap=Bootstrap(draws=50)
        )
        decision.write(tmp_path / "gate" / "decision.json")
        assert Decision.read(tmp_path / "gate" / "decision.json") == decision
