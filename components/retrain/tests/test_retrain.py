import json

import pytest
from kfp.compiler import Compiler

from components.retrain.component import retrain
from pipelines.training import training
from swayrec.operations.current import Current
from tests.kfp_server import kfp_server
from tests.operations.monitoring.shop import trained
from tests.operations.monitoring.verdicts import series

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def server(tmp_path):
    with kfp_server() as (made, url):
        package = tmp_path / "training.yaml"
        Compiler().compile(training, str(package))
        made.add_pipeline(package.read_bytes())
        yield made, url


def test_a_run_is_begun_where_a_verdict_asks_for_it_and_its_end_is_told_at_the_next(
    server, artifact, tmp_path, capsys
):
    made, url = server
    workspace = trained(tmp_path)
    out = tmp_path / "retraining.json"

    def told():
        inputs = (str(workspace.root), "", "swayrec-training", url, "", "", 0.1, 60.0, "")
        retrain.python_func(*inputs, artifact(tmp_path / "none"), artifact(out))
        return json.loads(out.read_text(encoding="utf-8"))

    assert told() == []
    series(workspace.monitoring / "shop", "warn", "retrain")
    [begun] = told()
    assert begun["status"] == "submitted" and begun["run"] in made.runs
    given = made.runs[begun["run"]]["runtime_config"]["parameters"]
    assert given["scenario"] == str(Current.read(workspace).scenario)
    assert given["workspace"] == str(workspace.root.resolve()) and given["raw"] and given["code"]
    assert told() == [], "it goes on"
    made.runs[begun["run"]] |= {"state": "FAILED", "error": {"code": 2, "message": "out of memory"}}
    ended, again = told()
    assert (ended["status"], ended["told"]) == ("failed", [f"run {begun['run']}: out of memory"])
    assert (again["status"], again["tries"]) == ("submitted", 2) and again["run"] != begun["run"]
    assert "out of memory" in capsys.readouterr().out
