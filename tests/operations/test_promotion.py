import json
import shutil
from dataclasses import astuple

import pytest

from swayrec.evaluation.judgment import Judgment
from swayrec.learning.signature import METADATA
from swayrec.operations import promotion
from swayrec.operations.current import Current
from swayrec.operations.gate import Decision
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset

pytestmark = pytest.mark.timeout(900)


def judged(trained, workspace):
    current = Current.read(trained)
    asked = scenarios.load(current.scenario)
    return promotion.judged(asked, workspace, Dataset(current.dataset), current.evaluation)


@pytest.fixture
def twin_champion(made, tmp_path):
    """A registry whose champion is the evaluated model itself; its data ended long before the test part."""
    model = tmp_path / "model"
    shutil.copytree(made("train_recommender", "model_test"), model)
    [metadata] = model.glob(f"*/{METADATA}")
    told = json.loads(metadata.read_text())
    told["until"] -= 300 * 86400
    metadata.write_text(json.dumps(told))
    workspace = Workspace(tmp_path / "workspace")
    Registry(workspace).register(
        "ecommerce",
        model,
        parameters={},
        metrics={},
        fingerprint="",
        code_version="",
        reference_folder=None,
        report_folder=None,
        decision=Decision(True, ("first",), None),
    )
    return workspace


def test_first_model_is_compared_with_popularity_alone(trained, tmp_path):
    decision = judged(trained, Workspace(tmp_path))
    assert decision.champion is None
    assert "there is no champion to compare with" in decision.reasons
    judgment = Judgment.read(Current.read(trained).evaluation)
    expected = judgment.differences["windowed_popular"]["ndcg"]
    assert astuple(decision.popularity) == pytest.approx(astuple(expected))


def test_champion_that_has_seen_the_test_part_is_not_compared(trained):
    decision = judged(trained, trained)
    assert decision.champion is None
    assert any("not compared with the champion" in reason for reason in decision.reasons)


def test_champion_that_has_not_seen_the_test_part_is_asked_about_it(trained, twin_champion):
    decision = judged(trained, twin_champion)
    assert decision.champion is not None
    assert astuple(decision.champion) == pytest.approx((0, 0, 0), abs=1e-9)
    assert decision.promote
