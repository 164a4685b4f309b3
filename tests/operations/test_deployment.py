import json
from pathlib import Path

import pytest

from swayrec.operations import deployment
from swayrec.operations.current import Current
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace
from swayrec.tables import objects
from tests.operations.test_registry import NO, register


@pytest.fixture
def left(tmp_path):
    """What the steps of a training left on a machine of their own."""
    place = tmp_path / "pod"
    for name in ("dataset", "influence", "evaluation"):
        (place / name).mkdir(parents=True)
        (place / name / f"{name}.json").write_text("{}")
    (place / "evaluation" / "cases.npz").write_bytes(b"ids")
    (place / "decision").write_text("{}")
    return {name: place / name for name in ("dataset", "influence", "evaluation", "decision")}


def deployed(workspace, scenario, left, version):
    told = {"model": version.place, "version": version.number}
    return deployment.deploy(str(scenario), workspace, **left, **told)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


def test_what_goes_with_its_machine_is_kept_in_the_workspace_and_what_lies_there_stays(
    workspace, shop, left, tmp_path
):
    version = register(Registry(workspace), tmp_path, 1)
    inside = workspace.runs / "run" / "dataset"
    inside.mkdir(parents=True)
    current = deployed(workspace, shop, {**left, "dataset": inside}, version)
    assert current == Current.read(workspace)
    assert current.dataset == inside
    for place in (current.influence, current.evaluation, current.decision):
        assert place.is_relative_to(workspace.deployed / "shop" / "1") and place.exists()
    assert (current.evaluation / "cases.npz").exists(), "the gate of the next training may read it"
    assert [path.name for path in (workspace.reports / "shop").iterdir()] == ["evaluation.json"]
    assert current.model == version.model and current.came_from == "" and current.asked == str(shop)
    assert (workspace.served_models / "1" / "saved_model.pb").exists()


def test_what_serves_is_the_champion_also_after_a_training_that_was_not_promoted(
    workspace, shop, left, tmp_path
):
    registry = Registry(workspace)
    first, second = register(registry, tmp_path, 1), register(registry, tmp_path, 2, NO)
    current = deployed(workspace, shop, left, second)
    assert (current.newest, current.version, current.model) == (2, 1, first.model)


def test_copies_of_older_trainings_go(workspace, shop, left, tmp_path):
    registry = Registry(workspace)
    for number in (1, 2, 3):
        deployed(workspace, shop, left, register(registry, tmp_path, number))
    assert {each.name for each in (workspace.deployed / "shop").iterdir()} == {"2", "3"}


def test_a_version_that_the_registry_does_not_know_leaves_all_as_it_is(workspace, shop, left, tmp_path):
    version = register(Registry(workspace), tmp_path, 1)
    with pytest.raises(deployment.UnregisteredError) as raised:
        deployment.deploy(str(shop), workspace, **left, model=version.place, version=2)
    assert not workspace.current.exists()
    assert deployment.UnregisteredError.of(str(raised.value)).place == version.place
    assert deployment.UnregisteredError.of("something else is wrong") is None


def test_model_and_scenario_of_object_storage_are_brought_into_the_workspace(
    workspace, shop, left, tmp_path, remote_registry, bucket
):
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "shop.toml").write_text(shop.read_text().replace('"shop"', '"far"'))
    objects.put(tmp_path / "up", f"{bucket}/scenarios")
    asked = f"{bucket}/scenarios/shop.toml"
    version = register(Registry(workspace), tmp_path, 1700000000, scenario="far")
    current = deployed(workspace, asked, left, version)
    assert current.asked == asked, "the next training reads what was changed there"
    assert current.scenario.is_relative_to(workspace.root) and current.name == "far"
    assert current.model.is_relative_to(workspace.root)
    link = workspace.served_models / "1700000000"
    assert (link / "saved_model.pb").read_bytes() == b"graph 1700000000"
    assert json.loads(workspace.current.read_text())["came_from"] == asked
    assert Path(json.loads(workspace.current.read_text())["model"]).is_absolute()
