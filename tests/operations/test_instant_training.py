from datetime import UTC, datetime

import pytest

from swayrec.evaluation.judgment import Judgment
from swayrec.evaluation.ledger import Ledger
from swayrec.evaluation.splits import split
from swayrec.learning.export import ExportedModel
from swayrec.operations import embedding
from swayrec.operations.training import evaluate, fit_influence, train_intent, train_recommender
from swayrec.tables.errors import InputError
from swayrec.tables.ingest import ingest
from swayrec.tables.scenario import load
from tests.chains import NETWORK, SCENARIO, chains


def test_a_model_of_each_instant_is_judged_at_the_cases_own_instants(tmp_path):
    (tmp_path / "log.csv").write_text(chains(users=60), encoding="utf-8")
    path = tmp_path / "chains.toml"
    path.write_text(SCENARIO.format(folder=tmp_path, ridges="[1e-2]", more="each_instant = true") + NETWORK)
    asked, said = load(path), []
    made = ingest(asked, str(path), tmp_path / "dataset", until=None, now=datetime.now(UTC))
    vectors, influence, intent = (tmp_path / name for name in ("vectors", "influence", "intent"))
    embedding.embed(asked, str(path), made, tmp_path / "cache", vectors, said.append)
    fit_influence(asked, made, vectors, influence, said.append)
    train_intent(asked, made, vectors, influence, intent, said.append)
    models = tmp_path / "model_test", tmp_path / "model"
    train_recommender(asked, made, vectors, influence, intent, *models, said.append)
    ledger = Ledger(tmp_path / "ledger.jsonl")
    scores = evaluate(asked, made, vectors, influence, models[0], ledger, tmp_path / "out", said.append)
    cases = split(made.log(asked), asked).test.cases
    assert any(f"asked {len(cases)} cases in memory, each at its own instant" in line for line in said)
    judged = Judgment.read(tmp_path / "out")
    assert scores["ndcg"] > 1.5 * judged.means["popular"]["ndcg"].mean
    assert "each case's instant" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert ExportedModel.load(models[1]).metadata.scenario == "chains", "what is served is exported as ever"


def test_choices_without_an_instant_of_their_own_are_told_so(tmp_path):
    path = tmp_path / "chains.toml"
    text = SCENARIO.format(folder=tmp_path, ridges="[1e-2]", more="each_instant = true")
    path.write_text(text.replace('kind = "next"', 'kind = "window"'), encoding="utf-8")
    with pytest.raises(InputError, match="each_instant is for kind 'next'"):
        load(path)
