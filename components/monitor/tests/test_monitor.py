import json

import pytest

from components.monitor.component import monitor
from tests.operations.monitoring import world
from tests.operations.monitoring.shop import trained

pytestmark = pytest.mark.timeout(300)


def test_the_newest_window_gets_a_verdict_that_is_kept_and_handed_on(artifact, tmp_path, capsys):
    workspace = trained(tmp_path, world.log(world.LEARNED + 1))
    out, summary, report = (tmp_path / name for name in ("verdicts.json", "summary.md", "report.html"))
    monitor.python_func(str(workspace.root), "", "", *map(artifact, (out, summary, report)))
    told = json.loads(out.read_text(encoding="utf-8"))
    [verdict] = told["verdicts"]
    assert verdict["verdict"] == "pass" and verdict["window"]["since"].startswith("2025-03-24")
    [kept] = (workspace.monitoring / "shop").glob("*.json")
    assert json.loads(kept.read_text(encoding="utf-8")) == verdict
    assert "[swayrec] monitor: verdict: " in capsys.readouterr().out
    assert "pass: the model may stay" in summary.read_text(encoding="utf-8")
    assert "通过：模型可以继续使用" in report.read_text(encoding="utf-8")
