"""Training and evaluating where cases bring their own candidates: what was planted is found again."""

import csv
from dataclasses import astuple
from datetime import UTC, datetime

import numpy as np
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.asking import ask_lists
from swayrec.evaluation.judgment import Judgment
from swayrec.evaluation.ledger import Ledger
from swayrec.evaluation.listed_ranking import ranked_within
from swayrec.evaluation.metrics import NDCG
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.everyone import Everyone
from swayrec.learning.export import ExportedModel
from swayrec.learning.exports import newest
from swayrec.learning.influence import fit
from swayrec.learning.layout import layout
from swayrec.learning.learned import Learned
from swayrec.learning.rows import everyone_of, sums
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import item_tables
from swayrec.operations import embedding, promotion
from swayrec.operations.gate import Decision
from swayrec.operations.plan import plan
from swayrec.operations.registry import Registry
from swayrec.operations.training import evaluate, fit_influence, train_intent, train_recommender
from swayrec.operations.training.fitted import Fitted
from swayrec.operations.training.listed_ranking import ranked_lists
from swayrec.operations.workspace import Workspace
from swayrec.tables.dataset import Dataset
from swayrec.tables.ingest import ingest
from swayrec.tables.log import DAY
from swayrec.tables.scenario import load
from tests.listed_world import rolling_log, scenario, shown_log

pytestmark = pytest.mark.timeout(900)


def fitted_on_validation(log, asked, written=None):
    """Its part, the lists of the fitted form, and the same with the person's past held back."""
    part = splits.split(log, asked).validation
    vectors = np.eye(2, dtype=np.float32)[np.arange(len(log.items)) % 2]
    catalogue = Catalogue([None] * len(log.items), vectors, written)
    forms = asked.influence.forms
    columns = layout(forms, asked.behavior_names, asked.targets, leave_own_out=False, listed=True)
    found = sums(part.before, part.until, asked, columns, catalogue)
    hand = [behavior.hand for behavior in asked.behaviors]
    w = fit(found.groups, columns.selected(forms[0]), columns.sharing(hand), 1e-4, 0.2).w
    tables = item_tables(part.before, part.until, columns, asked.influence, catalogue)
    everyone = everyone_of(part.known, asked, catalogue)
    scoring = Scoring(tables, columns)
    lists = [
        ranked_lists(scoring, [w], part, everyone, asked, emptied=emptied)[0] for emptied in (False, True)
    ]
    return part, *lists


def test_planted_freshness_is_recovered():
    log, asked = rolling_log(), scenario("rolling", "fresh")
    part, lists, without = fitted_on_validation(log, asked)
    first = Everyone(log).first

    def true(rows, candidates):
        age = part.cases.now[rows][:, None] - first[np.maximum(candidates, 0)]
        return [np.exp2(-age / DAY / 0.7)]

    [best] = ranked_within(part.cases, true)
    known, learned = (NDCG()(each, part.cases).mean() for each in (best, lists))
    assert learned == pytest.approx(known, rel=0.02)
    assert (lists == without).all()  # the form says nothing of the past


def test_planted_taste_is_what_the_past_adds_and_nothing_of_a_text_that_is_not_written_yet():
    log, asked = rolling_log(taste=8.0), scenario("rolling", "worded")
    part, lists, without = fitted_on_validation(log, asked)
    metric = NDCG()
    assert metric(lists, part.cases).mean() > metric(without, part.cases).mean() + 0.05
    unwritten = np.full(len(log.items), log.end)
    part, lists, without = fitted_on_validation(log, asked, unwritten)
    assert metric(lists, part.cases).mean() == pytest.approx(metric(without, part.cases).mean())


SCENARIO = """
name = "listed"
title = "Listed"
clock = "log"
[[events]]
name = "log"
path = "{folder}/log.csv"
user = "u"
item = "i"
behavior = "b"
{instant}
[[behaviors]]
name = "view"
[[behaviors]]
name = "purchase"
target = true
hand = 3
[split]
protocol = "{protocol}"
{split}
[influence]
ridges = [1e-4, 1e-2]
[influence.choices]
kind = "{protocol}"
levels = 3
[[influence.forms]]
name = "alone"
conversion = true
windows_days = {windows}
age_hours = {age}
[[influence.forms]]
name = "with_past"
conversion = true
windows_days = {windows}
age_hours = {age}
kernels = [{{ similarity = "transition", step_half_lives = [2] }}]
"""


def written(folder, log, protocol):
    """A scenario file beside the log as a CSV file."""
    with (folder / "log.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["u", "i", "b", "t", "o"])
        for user, item, behavior, time, order in zip(
            log.user, log.item, log.behavior, log.time, log.order, strict=True
        ):
            shown = "" if np.isnan(time) else datetime.fromtimestamp(time, UTC).isoformat()
            writer.writerow([log.users[user], log.items[item], log.behaviors[behavior], shown, order])
    rolling = protocol == "rolling"
    text = SCENARIO.format(
        folder=folder,
        protocol=protocol,
        instant='time = "t"' if rolling else 'order = "o"',
        split="" if rolling else 'shown = "view"\ncuts = [0.6, 0.8]',
        windows="[0.25, 1]" if rolling else "[0]",
        age=str(rolling).lower(),
    )
    path = folder / "listed.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=["rolling", "shown"])
def world(request, tmp_path_factory):
    """The scenario, its dataset, and the folders that every step of its training wrote."""
    folder = tmp_path_factory.mktemp(request.param)
    log = rolling_log() if request.param == "rolling" else shown_log()[0]
    path = written(folder, log, request.param)
    asked = load(path)
    made = ingest(asked, str(path), folder / "dataset", until=None, now=datetime.now(UTC))
    vectors, influence, intent = (folder / name for name in ("vectors", "influence", "intent"))
    said = []
    embedding.embed(asked, str(path), made, folder / "cache", vectors, said.append)
    fit_influence(asked, made, vectors, influence, said.append)
    train_intent(asked, made, vectors, influence, intent, said.append)
    models = folder / "model_test", folder / "model"
    train_recommender(asked, made, vectors, influence, intent, *models, said.append)
    ledger = Ledger(folder / "ledger.jsonl")
    scores = evaluate(
        asked, Dataset(folder / "dataset"), vectors, influence, models[0], ledger, folder / "out", said.append
    )
    return asked, made, folder, scores, said


def test_a_training_ends_with_a_report_that_says_what_the_past_adds(world):
    asked, _, folder, scores, _ = world
    judgment, told = Judgment.read(folder / "out"), (folder / "out" / "report.md").read_text(encoding="utf-8")
    assert scores["hit_first"] == judgment.means["swayrec"]["hit_first"].mean
    assert scores["ndcg"] > judgment.means["random"]["ndcg"].mean + 0.05
    assert "without the person's past" in told and "the past adds" in told
    reason = (
        "the item was not alive" if asked.split.protocol == "rolling" else "nothing of the list was taken"
    )
    assert f"left out of the test cases: {reason}" in told
    assert "HR@1" in told and "whole catalogue" not in told


def test_the_exported_model_ranks_lists_as_the_scoring_in_memory_does(world):
    asked, dataset, folder, _, _ = world
    if asked.split.protocol != "shown":
        pytest.skip("an export's tables stand at one instant")
    part = splits.split(dataset.log(asked), asked).test
    fitted = Fitted.load(folder / "influence" / "test")
    scoring = fitted.scoring(Learned.layout_of(newest(folder / "model_test")))
    [inside] = ranked_lists(scoring, [fitted.solution.w], part, None, asked)
    outside = ask_lists(ExportedModel.load(folder / "model_test"), part).ranked
    assert (inside == outside).mean() > 0.99  # what differs are ties


def test_the_gate_compares_with_the_best_of_what_circulates_or_is_clicked(world, tmp_path):
    asked, dataset, folder, *_ = world
    workspace = Workspace(tmp_path / "workspace")
    judgment = Judgment.read(folder / "out")
    rolling = asked.split.protocol == "rolling"
    rivals = [name for name in judgment.baselines if name.startswith("popular_" if rolling else "click_rate")]
    best = max(rivals, key=lambda name: judgment.means[name]["ndcg"].mean)
    first = promotion.judged(asked, workspace, dataset, folder / "out")
    assert astuple(first.popularity) == pytest.approx(astuple(judgment.differences[best]["ndcg"]))
    assert best.replace("_", " ") in first.reasons[0]
    kept = {"reference_folder": None, "report_folder": None, "decision": Decision(True, ("first",), None)}
    Registry(workspace).register(
        "listed", folder / "model", parameters={}, metrics={}, fingerprint="", code_version="", **kept
    )
    again = promotion.judged(asked, workspace, dataset, folder / "out")
    assert again.promote == first.promote and again.champion is None
    assert not again.promote or "not compared with the champion, which ranks" in again.reasons[1]


def test_check_says_how_many_candidates_a_case_has_and_what_is_left_out(world):
    asked, dataset, *_ = world
    coming = plan(asked, "listed.toml", dataset)
    part = coming["parts"]["validation"]
    assert part["candidates"] == 5 if asked.split.protocol == "shown" else 5 < part["candidates"] < 29
    assert set(part["left_out"].values()) == {0} or asked.split.protocol == "rolling"
