import json

import numpy as np
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.judge import judge
from swayrec.evaluation.judgment import Judgment
from swayrec.evaluation.parts import Cases, Part
from swayrec.evaluation.slices import by_history, by_novelty
from swayrec.learning.baselines import PersonalFrequency, Popular
from tests.small_world import generated, log, scenario


@pytest.fixture(scope="module")
def part():
    return splits.split(generated(3, users=120), scenario()).test


@pytest.fixture(scope="module")
def judged(part):
    ranked = {
        "popular": Popular().fit(part.known, scenario()).rank(part.cases, 10),
        "own": PersonalFrequency().fit(part.known, scenario()).rank(part.cases, 10),
    }
    return judge(ranked, part, model="own", bootstrap=Bootstrap(300))


def test_the_model_comes_first_and_differences_are_its_gain(judged):
    assert judged.systems == ("own", "popular") and judged.baselines == ("popular",)
    for metric, estimate in judged.differences["popular"].items():
        expected = judged.means["own"][metric].mean - judged.means["popular"][metric].mean
        assert estimate.mean == pytest.approx(expected)
    assert judged.differences["popular"]["ndcg"].above_zero
    assert judged.best_baseline() == "popular"


def test_a_judgment_comes_back_from_its_files_as_it_was(judged, tmp_path):
    judged.write(tmp_path)
    judged.write(tmp_path, "later-")
    assert (tmp_path / "later-users.npz").exists()
    again = Judgment.read(tmp_path)
    assert json.dumps(again.to_json()) == json.dumps(judged.to_json())
    assert (again.users == judged.users).all()
    for system in judged.systems:
        for metric, values in judged.scores[system].items():
            assert (again.scores[system][metric] == values).all()


def test_slices_by_history_share_out_the_cases(part):
    found = by_history(part)
    assert len(found) == 4
    assert sorted(np.concatenate([each.cases for each in found])) == list(range(len(part.cases)))
    for each in found:
        for place, case in enumerate(each.cases):
            assert each.truth.of(place).tolist() == part.cases.of(case).tolist()


def test_slices_by_novelty_share_out_the_truths_and_look_only_before_the_case():
    known = log(
        [(0, 0, "view", 1, 1), (0, 1, "view", 2, 2), (0, 2, "view", 3, 3), (1, 2, "view", 1, 1)], items=4
    )
    cases = Cases(
        users=np.array([0, 1]),
        before=np.array([3, 2]),
        now=np.array([0.0, 0.0]),
        ends=np.array([0, 3, 4]),
        truth=np.array([0, 2, 3, 2], np.int32),
    )
    old, new = by_novelty(Part("test", known, cases, 0.0))
    assert [old.truth.of(0).tolist(), old.truth.of(1).tolist()] == [[0], [2]]
    assert new.cases.tolist() == [0] and new.truth.of(0).tolist() == [2, 3]


def test_a_model_without_a_ranking_is_refused(part):
    with pytest.raises(ValueError, match="no ranking of mine"):
        judge({"other": np.zeros((len(part.cases), 1))}, part, model="mine")
