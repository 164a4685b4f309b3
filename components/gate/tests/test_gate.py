import pytest

from components.gate.component import gate
from swayrec.operations.gate import Decision

pytestmark = pytest.mark.timeout(900)


def test_first_model_that_beats_popularity_is_promoted_and_the_reasons_are_told(
    made, groceries, artifact, tmp_path, capsys
):
    inputs = made("ingest", "dataset"), made("evaluate", "evaluation")
    out = tmp_path / "decision.json"
    gate.python_func(str(groceries), str(tmp_path / "workspace"), *map(artifact, inputs), artifact(out))
    decision = Decision.read(out)
    assert decision.promote
    assert decision.popularity.low > 0
    assert f"[swayrec] gate: {decision.reasons[0]}" in capsys.readouterr().out
    assert not (tmp_path / "workspace").exists(), "reading an empty registry makes none"
