import json

import pytest

from components.monitor.component import monitor
from tests.operations.monitoring import world
from tests.operations.monitoring.shop import trained

pytestmark = pytest.mark.timeout(300)


def test_the_newest_window_gets_a_verdict_that_is_kept_and_handed_on(artifact, tmp_path, capsys):
    workspace = trained(tmp_path, world.log(world.LEARNED + 1))
    out = tmp_path / "verdicts.json"
    monitor.python_func(str(workspace.root), "", "", artifact(out))
    told = json.loads(out.read_text(encoding="utf-8"))
    [verdict] = told["verdicts"]
    assert verdict["verdict"] == "pass" and verdict["window"]["since"].startswith("2025-03-24")
    [kept] = (workspace.monitoring / "shop").glob("*.json")
    assert json.loads(kept.read_text(encoding="utf-8")) == verdict
    assert "[swayrec] monitor: verdict: " in capsys.readouterr().out
