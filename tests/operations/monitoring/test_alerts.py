"""What the last verdict exposes to Prometheus, and the alert rules over it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from swayrec.operations.monitoring.gauges import exposition
from swayrec.operations.monitoring.retraining import retrain
from swayrec.operations.workspace import Workspace
from tests.operations.monitoring.verdicts import FIRST, WEEK, series

ROOT = Path(__file__).parents[3]
RULES = yaml.safe_load((ROOT / "k8s" / "monitoring" / "alerts.yaml").read_text(encoding="utf-8"))["spec"]
OF_SERVING = {"swayrec_answers_total", "swayrec_breaker_state", "swayrec_intake_behind"}
"""Held against the running processes by the tests of the Grafana dashboard."""


@pytest.fixture
def workspace(tmp_path):
    made = Workspace(tmp_path)
    folder = series(made.monitoring / "shop", "pass", "retrain")
    retrain(folder, lambda: 1, lambda record: record.with_end("failed", "the disk is full"))
    return made


def exposed(workspace):
    families = text_string_to_metric_families(exposition(workspace).decode())
    return [(each.name, each.labels, each.value) for family in families for each in family.samples]


def value(samples, name, **labels):
    full = f"swayrec_monitoring_{name}"
    [found] = [each for other, held, each in samples if other == full and labels.items() <= held.items()]
    return found


def test_the_last_verdict_is_exposed(workspace):
    samples = exposed(workspace)
    assert value(samples, "verdict", scenario="shop", verdict="retrain") == 1
    assert value(samples, "verdict", scenario="shop", verdict="pass") == 0
    assert value(samples, "window_end_timestamp_seconds") == FIRST + 2 * WEEK
    assert value(samples, "check_alarm", check="popularity") == 1
    assert value(samples, "check_alarm", check="quality") == 0
    assert value(samples, "check_evidence_ratio", check="popularity") == 2
    assert value(samples, "online", metric="ndcg") == 0.2
    assert value(samples, "retraining_failed") == 1
    assert value(samples, "retrainings", status="failed") == 1
    assert value(samples, "retraining_tries_total") == 1


def test_nothing_monitored_exposes_nothing(tmp_path):
    assert exposition(Workspace(tmp_path)) == b""


def test_every_rule_names_what_is_exposed(workspace):
    known = {name for name, _, _ in exposed(workspace)}
    for group in RULES["groups"]:
        for rule in group["rules"]:
            asked = set(re.findall(r"swayrec_[a-z_]+", rule["expr"]))
            assert asked and asked <= known | OF_SERVING, rule["alert"]


@pytest.mark.system("prometheus")
def test_prometheus_gives_each_alert_when_it_should(tmp_path):
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(RULES), encoding="utf-8")
    shutil.copy(Path(__file__).with_name("alerts_test.yaml"), tmp_path / "test.yaml")
    for asked in (["check", "rules", "rules.yaml"], ["test", "rules", "test.yaml"]):
        done = subprocess.run(["promtool", *asked], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
