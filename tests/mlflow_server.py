"""A real MLflow server process on loopback, on SQLite, for tests: one a session. Clients write artifacts themselves."""

import sys

import pytest

from serving.ports import free
from swayrec.operations import store
from tests.server_process import answering


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory):
    """The server's URL."""
    folder, port = tmp_path_factory.mktemp("mlflow"), free()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--workers", "1"]
    command += ["--no-serve-artifacts", "--default-artifact-root", str(folder / "artifacts")]
    url = f"http://127.0.0.1:{port}"
    silent = {"MLFLOW_DISABLE_TELEMETRY": "true"}
    with answering(command, f"{url}/health", folder / "log", **silent):
        yield url


@pytest.fixture
def remote_registry(mlflow_server, bucket, monkeypatch):
    """The environment of a cluster: the registry is on the server, models are in the bucket, at the place returned."""
    place = f"{bucket}/registry"
    monkeypatch.setenv(store.SERVER, mlflow_server)
    monkeypatch.setenv(store.ARTIFACTS, place)
    return place
