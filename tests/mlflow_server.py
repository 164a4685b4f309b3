"""A real MLflow server process on loopback, on SQLite, for tests: one a session. Clients write artifacts themselves."""

import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from serving.ports import free
from swayrec.operations import store


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory):
    """The server's URL."""
    folder, port = tmp_path_factory.mktemp("mlflow"), free()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--workers", "1"]
    command += ["--no-serve-artifacts", "--default-artifact-root", str(folder / "artifacts")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
        )
    url = f"http://127.0.0.1:{port}"
    for _ in range(1200):
        try:
            urllib.request.urlopen(f"{url}/health")
            break
        except OSError:
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
    yield url
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def remote_registry(mlflow_server, bucket, monkeypatch):
    """The environment of a cluster: the registry is on the server, models are in the bucket, at the place returned."""
    place = f"{bucket}/registry"
    monkeypatch.setenv(store.SERVER, mlflow_server)
    monkeypatch.setenv(store.ARTIFACTS, place)
    return place
