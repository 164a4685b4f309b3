"""Fairness in a real Evidently report: the number, its test and the table of groups, in JSON and in HTML."""

import json

import numpy as np
import pandas as pd
import pytest
from evidently import DataDefinition, Dataset, Report
from evidently.tests import gte, lte

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness import Groups, exposure_against_merit, exposure_parity, quality_gaps
from swayrec.evaluation.metrics import gini
from swayrec.operations.monitoring.evidently_catalogue import Catalogue
from swayrec.operations.monitoring.evidently_metrics import (
    CalibrationGap,
    ChoiceGap,
    ExposureGap,
    ExposureParity,
    QualityGap,
)
from swayrec.tables.errors import InputError
from tests.evaluation.fairness.market import Market, foretold, quality

BOOTSTRAP = Bootstrap(200)
BY_USER = {"user": "user", "group": "region", "draws": 200}
BY_ITEM = {"user": "user", "group": "provider", "item": "item", "position": "position", "draws": 200}


def cases(less=0.0, seed=0):
    """A row a list: who, of which region, how good; and a probability with its outcome."""
    random = np.random.default_rng(seed)
    values, users, groups = quality(random, 400, [0.3, 0.7], less)
    probability, outcome, _, _ = foretold(random, len(values), [1.0], less=less / 4)
    return pd.DataFrame(
        {
            "user": np.char.add("u", users.astype(str)),
            "region": np.array(groups.names)[groups.member[users]],
            "ndcg": values,
            "intent": probability[: len(values)],
            "outcome": outcome[: len(values)].astype(float),
        }
    )


def shown(hidden=0.0, seed=0):
    """A row a placement, and one for each thing wanted."""
    market = Market((20, 20, 60))
    there, wanted, groups = market.draw(np.random.default_rng(seed), 300, hidden=hidden, places=3)
    place = pd.DataFrame({"user": there.user, "item": there.item, "position": there.position, "merit": 0})
    liked = pd.DataFrame({"user": wanted.user, "item": wanted.item, "position": None, "merit": wanted.weight})
    frame = pd.concat([place, liked.astype({"position": float})], ignore_index=True)
    frame["provider"] = np.array(groups.names)[groups.member[frame["item"]]]
    frame["region"] = np.where(frame["user"] < 100, "north", "south")
    return frame.astype({"user": str, "item": str}), (there, wanted, groups)


def dataset(frame):
    numbers = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name])]
    words = [name for name in frame if name not in numbers]
    return Dataset.from_pandas(frame, DataDefinition(numerical_columns=numbers, categorical_columns=words))


def run(metrics, frame, reference=None):
    ours = None if reference is None else dataset(reference)
    return Report(metrics).run(dataset(frame), ours)


def told(snapshot):
    """Values and test statuses, as the JSON has them."""
    found = json.loads(snapshot.json())
    return [each["value"] for each in found["metrics"]], [each["status"] for each in found["tests"]]


def test_a_quality_gap_stands_in_the_report_with_its_test_and_its_groups(tmp_path):
    metrics = [
        QualityGap(**BY_USER, value="ndcg", tests=[lte(0.02)]),
        QualityGap(**BY_USER, value="ndcg", shows="p", tests=[gte(0.05)]),
        QualityGap(**BY_USER, value="ndcg", shows="bound", tests=[lte(0.0)]),
        QualityGap(**BY_USER, value="ndcg", shows="groups", tests=[gte(2)]),
    ]
    frame = cases(less=0.6)
    snapshot = run(metrics, frame)
    number = pd.factorize(frame["user"])[0]
    region = frame.groupby("user")["region"].first().reindex(pd.unique(frame["user"]))
    found = quality_gaps(frame["ndcg"], number, Groups.of(region.tolist()), bootstrap=BOOTSTRAP)
    values, statuses = told(snapshot)
    assert values == pytest.approx([found.largest.mean, found.p, found.largest.low, 2])
    assert statuses == ["FAIL", "FAIL", "FAIL", "SUCCESS"]
    path = tmp_path / "report.html"
    snapshot.save_html(str(path))
    page = path.read_text(encoding="utf-8")
    assert "Quality gap of ndcg by region: largest gap, lower bound" in page
    gap = found["g0"].gap
    assert f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]" in page
    snapshot.save_json(str(tmp_path / "report.json"))
    assert told(snapshot)[0] == [
        each["value"] for each in json.loads((tmp_path / "report.json").read_text())["metrics"]
    ]


def test_without_a_gap_the_same_tests_pass():
    metrics = [
        QualityGap(**BY_USER, value="ndcg", shows="p", tests=[gte(0.05)]),
        QualityGap(**BY_USER, value="ndcg", shows="bound", tests=[lte(0.0)]),
        CalibrationGap(**BY_USER, probability="intent", outcome="outcome", shows="p", tests=[gte(0.05)]),
        CalibrationGap(**BY_USER, probability="intent", outcome="outcome", measure="bias", tests=[lte(0.05)]),
    ]
    assert told(run(metrics, cases()))[1] == ["SUCCESS"] * 4


def test_bias_is_the_gap_of_probability_minus_outcome():
    frame = cases(less=0.6)
    metric = CalibrationGap(**BY_USER, probability="intent", outcome="outcome", measure="bias")
    [value], _ = told(run([metric], frame))
    away = (frame["intent"] - frame["outcome"]).groupby(frame["region"]).mean()
    assert value == pytest.approx(abs(away["g0"] - away["g1"]))


def test_the_reference_is_measured_beside():
    found = run([QualityGap(**BY_USER, value="ndcg")], cases(less=0.6), cases(seed=1))
    [value], _ = told(found)
    assert value > 0.06
    widgets = json.dumps([each.dict() for result in found.metric_results.values() for each in result.widget])
    assert '"label": "reference"' in widgets


def test_a_hidden_provider_fails_the_tests_of_exposure_and_a_fair_market_passes():
    metrics = [
        ExposureGap(**BY_ITEM, merit="merit", shows="p", tests=[gte(0.05)]),
        ExposureGap(**BY_ITEM, merit="merit", shows="ratio", tests=[gte(0.8)]),
        ExposureParity(**BY_ITEM, catalogue={"g0": 20, "g1": 20, "g2": 60, "never": 20}, shows="ratio"),
    ]
    frame, (there, wanted, groups) = shown(hidden=0.7)
    values, statuses = told(run(metrics, frame))
    found = exposure_against_merit(there, wanted, groups, bootstrap=BOOTSTRAP)
    assert values[:2] == pytest.approx([found.p, found["g0"].ratio.mean])
    assert values[2] == 0  # the group that is never shown is compared as well
    assert statuses == ["FAIL", "FAIL"]
    assert told(run(metrics[:1], shown()[0]))[1] == ["SUCCESS"]
    whole = ExposureParity(**BY_ITEM, catalogue={"g0": 20, "g1": 20, "g2": 60})
    [gap], _ = told(run([whole], frame))
    assert gap == pytest.approx(exposure_parity(there, groups, bootstrap=BOOTSTRAP).largest.mean)


def test_choice_and_the_catalogue_are_measured_on_placements():
    frame, (there, _, _) = shown()
    metrics = [
        ChoiceGap(**{**BY_ITEM, "group": "region"}, catalogue=100, shows="p", tests=[gte(0.05)]),
        Catalogue(item="item", position="position", catalogue=200, tests=[gte(0.1)]),
        Catalogue(item="item", position="position", catalogue=200, shows="gini", language="zh"),
    ]
    snapshot = run(metrics, frame)
    values, statuses = told(snapshot)
    assert statuses == ["SUCCESS", "SUCCESS"]
    assert values[1] == len(set(there.item.tolist())) / 200
    assert values[2] == pytest.approx(gini(np.bincount(there.item, there.exposure, 200)))
    assert [each.display_name for each in snapshot.metric_results.values()][2] == "曝光的基尼系数"


def test_small_groups_are_named_in_the_page_and_raise_no_alarm():
    frame = cases()
    frame.loc[frame["region"] == "g0", "region"] = [None] * (frame["region"] == "g0").sum()
    frame.loc[frame["user"] == frame["user"][0], "region"] = "island"
    metrics = [
        QualityGap(**BY_USER, value="ndcg", language="zh", tests=[lte(0.01)]),
        QualityGap(**BY_USER, value="ndcg", language="zh", shows="p", tests=[gte(0.05)]),
        QualityGap(**BY_USER, value="ndcg", language="zh", shows="ratio", tests=[gte(0.8)]),
    ]
    snapshot = run(metrics, frame)
    assert told(snapshot) == ([0, 1, 1], ["SUCCESS"] * 3)
    table = next(iter(snapshot.metric_results.values())).widget[1].params
    assert ["island", "1", "未比较：用户不足 30 人"] in [row[:3] for row in table["data"]]


def test_rows_of_nobody_stand_for_themselves_and_a_user_is_of_the_last_group_it_had():
    frame = pd.DataFrame(
        {
            "user": ["a", "a", None, None, "", "", "b"],
            "region": ["x", "y", "x", "x", "x", "x", "y"],
            "ndcg": [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        }
    )
    found = QualityGap(**BY_USER, value="ndcg", minimum=2).contrasts(frame)
    assert {each.group: each.users for each in found.contrasts} == {"x": 4, "y": 2}
    assert found["y"].value.mean == 1


def test_columns_that_are_missing_or_wrong_are_named():
    frame = cases()
    with pytest.raises(InputError, match="no column score; it has user, region"):
        QualityGap(**BY_USER, value="score").contrasts(frame)
    with pytest.raises(InputError, match="column region holds something that is no number"):
        QualityGap(**BY_USER, value="region").contrasts(frame)
    placed = shown()[0].assign(position=0)
    with pytest.raises(InputError, match="position 0; the first is 1"):
        ExposureGap(**BY_ITEM, merit="merit").contrasts(placed)
