"""The command lines of our containers, read by the programs that they start."""

import argparse
import importlib
import re
import sys

import click
import pytest
import sqlalchemy

from swayrec import cli
from tests.cluster.built import COMBINATIONS, HOUSE, of
from tests.cluster.pods import pods, services

SERVERS = ("transformer", "predictor", "intake")
"""What the image starts as a module of `serving`; anything else is a command of `swayrec`."""

ADDED_BY_KSERVE = ("--model_name", "--predictor_host", "--http_port")


class ReadError(Exception):
    """A program has read its command line, and would go to work now."""


def of_the_image(combination):
    for pod in pods(combination):
        for each in pod.spec["containers"]:
            if each["image"].rpartition(":")[0].rpartition("/")[2] == "swayrec" and "command" not in each:
                yield pod, each


def read(monkeypatch, name, options):
    """What a server's own parser makes of the options."""
    module = importlib.import_module(f"serving.{name}")
    kept = {}

    def parsed(parser, *args, **named):
        kept.update(vars(original(parser, *args, **named)))
        raise ReadError

    original = argparse.ArgumentParser.parse_args
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parsed)
    monkeypatch.setattr(sys, "argv", [name, *options])
    with pytest.raises(ReadError):
        module.main()
    return kept


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_a_server_reads_its_options_and_answers_where_the_pod_says(combination, monkeypatch):
    seen = set()
    for pod, each in of_the_image(combination):
        name, *options = each["args"]
        if name not in SERVERS:
            continue
        seen.add(name)
        with monkeypatch.context() as patched:
            given = read(patched, name, options)
        assert given["host"] == "0.0.0.0"
        assert [given["port"]] == [port["containerPort"] for port in each["ports"]], pod.name
        assert not any(option.startswith(ADDED_BY_KSERVE) for option in options)
        if name == "predictor":
            assert str(given["model_base_path"]) == "/workspace/serving/model"
        else:
            assert str(given["workspace"]) == "/workspace"
    assert {"transformer", "intake"} <= seen


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_a_command_reads_its_options(combination):
    seen = set()
    for pod, each in of_the_image(combination):
        name, *options = each["args"]
        if name in SERVERS:
            continue
        seen.add(name)
        # Below the group: a command keeps the names of its help as it was first asked.
        group = click.Context(cli.main, info_name="swayrec", **cli.main.context_settings)
        command = cli.main.get_command(group, name)
        assert command is not None, name
        given = command.make_context(name, list(options), parent=group).params
        assert str(given["root"]) == "/workspace"
        if name == "dashboard":
            assert given["host"] == "0.0.0.0"
            assert [given["port"]] == [port["containerPort"] for port in each["ports"]], pod.name
    assert {"refresh", "dashboard"} <= seen


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_addresses_in_options_are_those_of_services(combination, monkeypatch):
    there = {name: ports for name, (_, ports) in services(combination).items()}
    for _, each in of_the_image(combination):
        if each["args"][0] != "transformer":
            continue
        given = read(monkeypatch, "transformer", each["args"][1:])
        assert given["intake"] == "http://swayrec-intake" and 80 in there["swayrec-intake"]
        if "transformer-collocated" in combination.components:
            assert (given["predictor_host"], given["predictor_port"]) == ("127.0.0.1", 9000)
        else:
            assert given["predictor_port"] == 80 and 80 in there["swayrec-predictor"]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_addresses_in_the_environment_are_those_of_services(combination):
    there = {name: ports for name, (_, ports) in services(combination).items()}
    told = of(combination, "ConfigMap", "swayrec-config")["data"]
    host, _, port = told["MLFLOW_TRACKING_URI"].removeprefix("http://").partition(":")
    assert int(port) in there[host]
    for made in of(combination, "InferenceService", "swayrec")["spec"].values():
        for metric in made.get("autoScaling", {}).get("metrics", []) if isinstance(made, dict) else []:
            assert metric["external"]["metric"]["serverAddress"] == told["SWAYREC_PROMETHEUS"]
    for pod in pods(combination):
        for each in pod.spec["containers"]:
            for variable in each.get("env", []):
                assert "://" not in variable.get("value", ""), variable


@pytest.mark.parametrize("combination", COMBINATIONS[:2], ids=str)
def test_mlflow_reads_its_options_and_lets_in_who_calls_it_by_its_services_name(combination, monkeypatch):
    from mlflow.cli import server
    from mlflow.server.fastapi_security import get_allowed_hosts
    from mlflow.server.security_utils import is_allowed_host_header

    [each] = [
        each
        for pod in pods(combination)
        for each in pod.spec["containers"]
        if each.get("command") == ["mlflow", "server"]
    ]
    values = {variable["name"]: variable.get("value", "") for variable in each["env"]}
    page = (HOUSE / "docs" / "cluster" / "manifests.md").read_text(encoding="utf-8")
    [address] = set(re.findall(r"`(postgresql[^`]*@[^`]*)`", page))
    monkeypatch.setenv("MLFLOW_BACKEND_STORE_URI", address)
    told = of(combination, "ConfigMap", "swayrec-config")["data"]
    [root] = [one for one in each["env"] if one["name"] == "MLFLOW_DEFAULT_ARTIFACT_ROOT"]
    monkeypatch.setenv(root["name"], told[root["valueFrom"]["configMapKeyRef"]["key"]])
    given = server.make_context("server", list(each["args"])).params
    assert given["host"] == "0.0.0.0" and given["port"] == each["ports"][0]["containerPort"]
    # The driver that the address asks for is there; the one that plain `postgresql://` means is not.
    database = sqlalchemy.create_engine(given["backend_store_uri"]).url
    assert (database.host, database.database) == ("swayrec-postgresql", "mlflow")
    # A version's source must be an address that KServe reads, not one of this server.
    bucket = given["default_artifact_root"]
    assert bucket.startswith("s3://") and given["serve_artifacts"] is False
    model = of(combination, "InferenceService", "swayrec")["spec"]["predictor"]["model"]
    assert model["storageUri"].startswith(f"{bucket}/")
    assert values["MLFLOW_DISABLE_TELEMETRY"] == "true"
    monkeypatch.setenv("MLFLOW_SERVER_ALLOWED_HOSTS", values["MLFLOW_SERVER_ALLOWED_HOSTS"])
    hosts = get_allowed_hosts()
    for host in (
        "swayrec-mlflow:5000",
        "swayrec-mlflow.swayrec:5000",
        "swayrec-mlflow.swayrec.svc.cluster.local",
    ):
        assert is_allowed_host_header(hosts, host), host
    assert not is_allowed_host_header(hosts, "evil.example")
