"""The registry on an MLflow server, its models in object storage."""

import uuid

import pytest

from swayrec.operations import store
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError
from tests.operations.test_registry import NO, YES, register


@pytest.fixture
def scenario():
    return f"s{uuid.uuid4().hex[:8]}"


@pytest.fixture
def registry(remote_registry, tmp_path):
    return Registry(Workspace(tmp_path / "here"))


def test_a_version_lies_in_object_storage_as_tf_serving_and_kserve_read_it(
    registry, remote_registry, scenario, tmp_path
):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.json").write_text("{}")
    made = register(registry, tmp_path, 1700000000, scenario=scenario, report_folder=tmp_path / "report")
    assert made.source.startswith(f"{remote_registry}/{scenario}/") and made.source.endswith("/model")
    assert made.place == made.source
    # Brought here whole, what lies beside the model too.
    assert made.trained == made.model / "1700000000"
    assert (made.trained / "saved_model.pb").read_bytes() == b"graph 1700000000"
    assert (made.report / "report.json").read_text() == "{}"


def test_another_workspace_sees_the_same_versions(registry, scenario, tmp_path):
    register(registry, tmp_path, 1, scenario=scenario)
    register(registry, tmp_path, 2, NO, scenario=scenario)
    other = Registry(Workspace(tmp_path / "there"))
    assert [(each.number, each.aliases) for each in other.versions(scenario)] == [
        (2, ("challenger",)),
        (1, ("champion",)),
    ]
    other.promote(2, scenario)
    assert registry.champion(scenario).number == 2
    assert registry.rollback(scenario).number == 1


def test_a_server_that_is_away_is_one_sentence_within_seconds(registry, monkeypatch):
    monkeypatch.setenv(store.SERVER, "http://127.0.0.1:9")
    with pytest.raises(InputError, match=r"127.0.0.1:9: the MLflow server does not answer"):
        registry.versions()


def test_a_server_that_would_hide_models_behind_itself_is_refused(registry, scenario, tmp_path, monkeypatch):
    monkeypatch.setenv(store.ARTIFACTS, "mlflow-artifacts:/x")
    with pytest.raises(InputError, match="no predictor can take them from; give s3://"):
        register(registry, tmp_path, 1, YES, scenario=scenario)
