"""The metrics beside an evaluation that was written on its own; skipped where it is not at hand."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.exclusion import unwanted
from swayrec.evaluation.judge import judge
from swayrec.evaluation.parts import Cases, Part
from swayrec.learning.baselines import Ease, PersonalFrequency, Popular
from tests.small_world import generated, log, scenario

BENCH = Path(__file__).parents[3] / "shared" / "bench"
pytestmark = pytest.mark.skipif(not BENCH.is_dir(), reason="the yardstick is not beside the checkout")
NAMES = {"hit_rate": "hit", "recall": "recall", "ndcg": "ndcg", "mrr": "mrr"}


@pytest.fixture
def yardstick(monkeypatch):
    def load(name):
        monkeypatch.syspath_prepend(str(BENCH))
        found = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
        module = importlib.util.module_from_spec(found)
        sys.modules.setdefault(name, module)
        found.loader.exec_module(module)
        return module

    yield load
    for name in ("evaluate", "taobao"):
        sys.modules.pop(name, None)


def table(ranked, part):
    place = np.argwhere(ranked >= 0)
    return pd.DataFrame(
        {
            "user": part.known.users[part.cases.users[place[:, 0]]],
            "item": part.known.items[ranked[ranked >= 0]],
            "rank": place[:, 1] + 1,
        }
    )


def truth(part):
    owner = np.repeat(part.cases.users, np.diff(part.cases.ends))
    return pd.DataFrame({"user": part.known.users[owner], "item": part.known.items[part.cases.truth]})


@pytest.mark.parametrize("repeats", [True, False])
def test_means_coverage_and_popularity_agree_to_the_fourth_decimal(yardstick, repeats):
    evaluate = yardstick("evaluate")
    setting = scenario(repeats)
    part = splits.split(generated(7, users=200, items=90), setting).test
    ranked = {
        "popular": Popular().fit(part.known, setting).rank(part.cases, 10),
        "own": PersonalFrequency().fit(part.known, setting).rank(part.cases, 10),
        "ease": Ease().fit(part.known, setting).rank(part.cases, 10),
    }
    ranked["own"][::7, 5:] = -1
    ranked["own"][3] = -1
    judged = judge(ranked, part, model="own")
    known = pd.DataFrame(
        {"user": part.known.users[part.known.user], "item": part.known.items[part.known.item], "timestamp": 0}
    )
    for system in ranked:
        report = evaluate.evaluate(
            table(ranked[system], part), truth(part), known, k=10, catalogue=len(part.known.items)
        )
        assert report["users"] == len(part.cases)
        for ours, theirs in NAMES.items():
            estimate = judged.means[system][ours]
            assert report[theirs]["mean"] == pytest.approx(estimate.mean, abs=6e-5)
            assert report[theirs]["ci95"] == pytest.approx([estimate.low, estimate.high], abs=0.02)
        assert report["coverage"] == pytest.approx(judged.lists[system].coverage, abs=6e-5)
        assert report["arp"] == pytest.approx(judged.lists[system].arp, abs=6e-3)
        assert report["arp_ratio"] == pytest.approx(judged.lists[system].arp_ratio, abs=6e-4)


def test_a_log_without_order_agrees_with_the_published_protocol(yardstick):
    taobao = yardstick("taobao")
    random = np.random.default_rng(0)
    rows = {
        (int(u), int(i), ("view", "purchase")[b])
        for u, i, b in random.integers((0, 0, 0), (80, 50, 2), (900, 3))
    }
    known = log([(user, item, behavior, None, 0) for user, item, behavior in sorted(rows)], 80, 50)
    bought = {(u, i) for u, i, behavior in rows if behavior == "purchase"}
    held = {user: next(i for i in random.permutation(50) if (user, i) not in bought) for user in range(80)}
    cases = Cases(
        users=np.arange(80),
        before=np.ones(80, np.int64),
        now=np.full(80, np.nan),
        ends=np.arange(81),
        truth=np.array([held[user] for user in range(80)], np.int32),
    )
    part = Part("test", known, cases, float("nan"))
    setting = scenario(False, ("purchase",))
    exclude = unwanted(part, setting.seen)
    ranked = PersonalFrequency().fit(known, setting).rank(cases, 10, exclude)
    judged = judge({"own": ranked}, part, model="own", bootstrap=Bootstrap(200))
    names = {"user": "user_id", "item": "item_id"}
    events = pd.DataFrame(
        {
            "user_id": known.users[known.user],
            "item_id": known.items[known.item],
            "behavior": np.array(known.behaviors)[known.behavior],
        }
    )
    report = taobao.score(
        table(ranked, part).rename(columns=names), truth(part).rename(columns=names), events
    )
    assert report["HR@10"]["mean"] == pytest.approx(judged.means["own"]["hit_rate"].mean, abs=6e-5)
    assert report["NDCG@10"]["mean"] == pytest.approx(judged.means["own"]["ndcg"].mean, abs=6e-5)
