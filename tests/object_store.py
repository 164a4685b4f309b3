"""A real S3 server process (moto's) on loopback, for tests: one a session, a versioned bucket of its own a test."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
import uuid

import pytest

from serving.ports import free
from swayrec.tables import objects


@pytest.fixture(scope="session")
def s3_server():
    """The server's URL."""
    port = free()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/moto-api/")
            break
        except OSError:
            assert process.poll() is None
            time.sleep(0.1)
    yield url
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def bucket(s3_server, monkeypatch, tmp_path):
    """A bucket with versioning, as `s3://NAME`; the environment says where, as it does for everybody."""
    for name, value in {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        objects.CACHE: str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(name, value)
    import boto3

    name, client = f"b-{uuid.uuid4().hex}", boto3.client("s3")
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return f"s3://{name}"
