import numpy as np
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Cases, Part
from swayrec.evaluation.race import race, tune
from swayrec.learning.baselines import BASELINES
from swayrec.learning.catalogue import Catalogue
from tests.small_world import generated, log, scenario


@pytest.fixture(scope="module")
def parts():
    return splits.split(generated(3, users=120), scenario())


def test_tuning_keeps_the_best_of_the_grid_and_says_what_was_tried(parts):
    tuned = tune("personal_frequency", parts.validation, scenario())
    assert tuned.validation == max(value for _, value in tuned.tried)
    fresh = type(tuned.model)(tuned.model.decay, tuned.model.weights).fit(parts.validation.known, scenario())
    again = NDCG(10)(fresh.rank(parts.validation.cases, 10), parts.validation.cases)
    assert (again == tuned.ndcg).all()
    assert tuned.describe()["tried"] == len(
        BASELINES["personal_frequency"].grid(parts.validation.known, scenario())
    )


def test_all_baselines_run_and_rank_a_part_that_they_were_not_tuned_on(parts):
    told = []
    found = race(parts.validation, scenario(), progress=told.append)
    assert [each.name for each in found.tuned] == list(BASELINES) and not found.absent
    assert told == [kind.title for kind in BASELINES.values()]
    before = [each.model.settings for each in found.tuned]
    ranked = found.ranked(parts.test, scenario())
    assert {name: array.shape for name, array in ranked.items()} == dict.fromkeys(
        BASELINES, (len(parts.test.cases), 10)
    )
    assert [each.model.settings for each in found.tuned] == before
    assert found.ranked(parts.test, scenario()).keys() == ranked.keys()


def test_the_race_is_the_same_every_time(parts):
    first, second = (
        race(parts.validation, scenario(), seed=1).ranked(parts.test, scenario()) for _ in range(2)
    )
    assert all((first[name] == second[name]).all() for name in first)


def test_seen_items_are_off_every_list_and_rules_are_absent_without_an_order():
    random = np.random.default_rng(0)
    rows = {
        (int(u), int(i), ("view", "purchase")[b])
        for u, i, b in random.integers((0, 0, 0), (60, 30, 2), (700, 3))
    }
    known = log([(user, item, behavior, None, 0) for user, item, behavior in sorted(rows)], 60, 30)
    setting = scenario(False, ("purchase",))
    targets = np.flatnonzero(known.is_behavior(("purchase",)))
    held = targets[np.unique(known.user[targets], return_index=True)[1]]
    keep = np.ones(len(known), bool)
    keep[held] = False
    cases = Cases(
        users=known.user[held].astype(np.int64),
        before=np.ones(len(held), np.int64),
        now=np.full(len(held), np.nan),
        ends=np.arange(len(held) + 1),
        truth=known.item[held],
    )
    part = Part("validation", known.where(keep), cases, float("nan"))
    found = race(part, setting)
    assert "no order" in found.absent["sequential_rules"]
    bought = {
        (u, i)
        for u, i, b in zip(part.known.user, part.known.item, part.known.behavior, strict=True)
        if b == 1
    }
    for array in found.ranked(part, setting).values():
        pairs = {(int(u), int(i)) for u, row in zip(cases.users, array, strict=True) for i in row if i >= 0}
        assert not pairs & bought


def test_what_was_asked_for_by_name_runs_and_the_rest_does_not(parts):
    found = race(parts.validation, scenario(), names=("tifu_knn", "popular", "text_knn"))
    assert [each.name for each in found.tuned] == ["tifu_knn", "popular"]
    assert "no text vectors" in found.absent["text_knn"]
    with pytest.raises(ValueError, match="no baseline popularity"):
        race(parts.validation, scenario(), names=("popular", "popularity"))


def test_vectors_of_texts_reach_those_that_read_them(parts):
    size = len(parts.validation.known.items)
    vectors = np.random.default_rng(0).normal(size=(size, 8)).astype(np.float32)
    items = Catalogue([None] * size, vectors)
    found = race(parts.validation, scenario(), names=("text_knn",), items=items)
    assert found.ranked(parts.test, scenario(), items=items)["text_knn"].shape == (len(parts.test.cases), 10)


def test_tuning_says_what_it_cost(parts):
    tuned = tune("ease", parts.validation, scenario())
    assert 0 < tuned.seconds < 60 and 0 <= tuned.memory < 2**30
    assert {"seconds", "memory"} <= tuned.describe().keys()
