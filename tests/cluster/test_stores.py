"""What the containers of Redis and of the feature store's file do, done here: their own words, in a shell."""

import json
import re
import subprocess
import time

import pytest
import redis
import yaml

from feature_repo.publish import publish
from feature_repo.reader import FeatureReader
from serving import answer_metrics, ports
from serving.event_log import EVENT, Record
from serving.redis_log import RedisLog
from swayrec.tables.errors import InputError
from tests.cluster.built import HOUSE, STANDARD, Combination, built, of
from tests.cluster.pods import pods
from tests.feature_repo import world

ALL = Combination(STANDARD, ("postgresql", "redis-store", "monitor-cronjob"))
PASSWORD = "0123456789abcdef"


def container(name):
    [found] = [pod.spec["containers"][0] for pod in pods(ALL) if pod.name == name]
    return found


def settings(combination, name):
    """The data of the ConfigMap whose name begins so: kustomize adds a hash."""
    [found] = [
        each for each in of(combination, "ConfigMap") if each["metadata"]["name"].startswith(f"{name}-")
    ]
    return found["data"]


@pytest.fixture
def server(tmp_path):
    """The port of a Redis that was started as its container is."""
    port, folders = ports.free(), {"/etc/redis": "settings", "/tmp": "tmp", "/data": "data"}
    for folder in folders.values():
        (tmp_path / folder).mkdir()
    conf = settings(ALL, "swayrec-redis")["redis.conf"]
    told = conf.replace("dir /data", f"dir {tmp_path / 'data'}").replace("port 6379", f"port {port}")
    (tmp_path / "settings" / "redis.conf").write_text(told, encoding="utf-8")
    each = container("swayrec-redis")
    [script] = each["args"]
    script = re.sub(r"(/etc/redis|/tmp)/", lambda found: f"{tmp_path / folders[found[1]]}/", script)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*each["command"], script], env={"REDISCLI_AUTH": PASSWORD}, stdout=log, stderr=log
        )
    deadline = time.monotonic() + 30
    while not ports.listens(port):
        assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text()
        time.sleep(0.05)
    yield port
    process.terminate()
    assert process.wait(20) == 0


@pytest.mark.system("redis-server")
def test_redis_is_started_so_that_the_intake_takes_it_and_strangers_are_refused(server, tmp_path):
    log = RedisLog(f"redis://:{PASSWORD}@127.0.0.1:{server}/1", "shop")
    event = {"event_id": "e", "user_id": "u", "item_id": "i", "behavior": "buy", "timestamp": 1.0}
    log.append([Record(EVENT, "u", event, "e")]).result(10)
    assert log.newest() == 1
    log.close()
    with pytest.raises(InputError, match="the event log does not answer"):
        RedisLog(f"redis://127.0.0.1:{server}/1", "shop")
    told = redis.Redis(port=server, password=PASSWORD, decode_responses=True)
    wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""}
    assert {name: told.config_get(name)[name] for name in wanted} == wanted
    assert 0 < int(told.config_get("maxmemory")["maxmemory"]) <= 0.75 * 4 * 2**30
    assert (tmp_path / "tmp" / "redis.conf").stat().st_mode & 0o077 == 0


@pytest.mark.system("redis-server")
def test_the_probe_of_redis_says_yes_to_the_server_alone(server):
    each = container("swayrec-redis")
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        command = each[probe]["exec"]["command"]
        for password, number, code in (
            (PASSWORD, server, 0),
            ("wrong", server, 1),
            (PASSWORD, ports.free(), 1),
        ):
            script = command[-1].replace("redis-cli", f"redis-cli -p {number}")
            done = subprocess.run(
                [*command[:-1], script],
                env={"REDISCLI_AUTH": password, "PATH": "/usr/bin:/bin"},
                capture_output=True,
                timeout=10,
            )
            assert done.returncode == code, (probe, done.stderr)


@pytest.mark.system("redis-server")
def test_the_job_puts_a_file_that_a_publication_keeps_and_redis_serves(server, tmp_path, monkeypatch):
    (tmp_path / "mounted").mkdir()
    text = settings(ALL, "swayrec-feature-store")["feature_store.yaml"]
    (tmp_path / "mounted" / "feature_store.yaml").write_text(text, encoding="utf-8")
    each = container("swayrec-redis-store")
    [script] = each["args"]
    script = script.replace("/workspace", str(tmp_path / "workspace"))
    script = script.replace("/etc/swayrec", str(tmp_path / "mounted"))
    for _ in range(2):
        subprocess.run(
            [*each["command"], script], env={"SCENARIO": "small", "PATH": "/usr/bin:/bin"}, check=True
        )
    folder = tmp_path / "workspace" / "features" / "small"
    assert [path.name for path in folder.iterdir()] == ["feature_store.yaml"]
    told = (folder / "feature_store.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(told)["project"] == "small"
    told = told.replace("swayrec-redis:6379", f"127.0.0.1:{server}")
    (folder / "feature_store.yaml").write_text(told, encoding="utf-8")
    monkeypatch.setenv("REDIS_PASSWORD", PASSWORD)
    publish(world.dataset(tmp_path / "data", world.rows(users=2)), world.scenario(), folder.parent)
    assert FeatureReader(folder.parent).history("u1")
    assert redis.Redis(port=server, db=1, password=PASSWORD).dbsize() > 0


def test_the_file_for_redis_is_the_one_of_the_page():
    from tests.pages import blocks

    [page] = blocks(HOUSE / "docs" / "redis.md", "yaml")
    ours, told = (
        yaml.safe_load(settings(ALL, "swayrec-feature-store")["feature_store.yaml"]),
        yaml.safe_load(page),
    )
    address = told["online_store"]["connection_string"].replace("redis.example:6379,", "")
    assert set(address.split(",")) < set(ours["online_store"].pop("connection_string").split(","))
    del told["online_store"]["connection_string"]
    assert ours == told


def test_grafana_is_given_the_dashboard_as_it_is():
    held = of(ALL, "ConfigMap", "swayrec-grafana-dashboard")
    whole = (HOUSE / "k8s" / "monitoring" / "dashboard.json").read_text(encoding="utf-8")
    assert json.loads(held["data"]["dashboard.json"]) == json.loads(whole)
    assert held["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_kedas_queries_are_of_what_the_transformer_counts():
    made = of(ALL, "InferenceService", "swayrec")["spec"]
    for part in ("predictor", "transformer"):
        [metric] = made[part]["autoScaling"]["metrics"]
        query = metric["external"]["metric"]["query"]
        name, wanted = re.fullmatch(r"sum\(rate\((\w+)\{(.*)\}\[2m\]\)\)", query).groups()
        [asked] = [each for each in answer_metrics._ANSWERS.collect() if f"{each.name}_total" == name]
        levels = {sample.labels["level"] for sample in asked.samples}
        told = re.search(r'level=~"([^"]*)"', wanted)
        assert not told or set(told[1].split("|")) < levels
        assert f'namespace="{built(ALL)[0]["metadata"]["namespace"]}"' in wanted
