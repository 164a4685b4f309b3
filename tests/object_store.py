"""A real S3 server process (moto's) on loopback, for tests: one a session, a versioned bucket of its own a test."""

import sys
import uuid

import pytest

from serving.ports import free
from swayrec.tables import objects
from tests.server_process import answering


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    """The server's URL."""
    port = free()
    url, command = f"http://127.0.0.1:{port}", [sys.executable, "-m", "moto.server", "-H", "127.0.0.1"]
    log = tmp_path_factory.mktemp("s3") / "log"
    with answering([*command, "-p", str(port)], f"{url}/moto-api/", log):
        yield url


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
