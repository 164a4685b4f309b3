import json

from components.deploy.component import deploy
from swayrec.operations.current import Current
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace
from tests.operations.test_registry import register


def test_the_workspace_stands_at_the_training_afterwards(shop, artifact, tmp_path, capsys):
    workspace = Workspace(tmp_path / "workspace")
    version = register(Registry(workspace), tmp_path, 1)
    inputs = {name: tmp_path / name for name in ("dataset", "influence", "evaluation")}
    for place in inputs.values():
        place.mkdir()
    inputs["decision"] = tmp_path / "decision"
    inputs["decision"].write_text("{}")
    registered, out = artifact(version.model), artifact(tmp_path / "deployed")
    registered.uri, registered.metadata = version.place, {"version": 1.0}
    deploy.python_func(
        str(shop),
        str(workspace.root),
        **{name: artifact(place) for name, place in inputs.items()},
        registered=registered,
        service="",
        namespace="",
        share=0.1,
        minutes=60.0,
        prometheus="",
        deployed=out,
    )
    assert Current.read(workspace).version == 1
    assert json.loads((tmp_path / "deployed").read_text())["version"] == 1
    assert "[swayrec] deploy: version 1 is served" in capsys.readouterr().out
