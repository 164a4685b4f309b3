"""The pages on a cluster name what the code has: alerts, settings, parameters, metrics and limits."""

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from pipelines import placement
from pipelines.training import training
from serving import variant_metrics
from swayrec.operations.rollout.rules import Limits

ROOT = Path(__file__).parents[1]
FILLED_IN = {"code", "raw", "reason"}
"""Parameters of the training pipeline that nobody gives by hand."""


@pytest.fixture(params=["", ".zh"], ids=["en", "zh"])
def page(request):
    """The text of a page, in one language or the other."""
    return lambda name: (ROOT / "docs" / "cluster" / f"{name}{request.param}.md").read_text(encoding="utf-8")


def rows(part):
    """The names in code that begin the rows of a part's tables."""
    cells = re.findall(r"^\| (`[^|]*`) \|", part, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_alert_has_a_row_that_says_what_to_do(page):
    rules = yaml.safe_load((ROOT / "k8s" / "monitoring" / "alerts.yaml").read_text(encoding="utf-8"))["spec"]
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    assert rows(page("operations").split("\n## ")[1]) == alerts


def test_the_settings_of_steps_are_all_told(page):
    told, _, secrets = page("install").split("\n## ")[3].partition(f"Secret `{placement.S3}`")
    assert rows(told) == set(placement._SETTINGS)
    assert {"REDIS_PASSWORD", "SWAYREC_EVENT_LOG"} < rows(secrets.partition(f"Secret `{placement.REDIS}`")[2])


def test_every_parameter_of_the_training_is_told(page):
    asked = set(training.pipeline_spec.root.input_definitions.parameters) - FILLED_IN
    assert rows(page("install").split("\n## ")[-1]) >= asked


def test_metrics_and_limits_of_a_canary_are_those_of_the_code(page):
    metrics = [each for each in vars(variant_metrics).values() if isinstance(each, MetricWrapperBase)]
    told = rows(page("rollout").split("\n## ")[3])
    assert {name.removesuffix("_total") for name in told} == {each.describe()[0].name for each in metrics}
    limits = Limits()
    for figure in (f"{limits.failures}"[1:], f"{limits.slower}", f"{limits.taken}"[1:], f"{limits.least}"):
        assert figure in page("rollout"), figure
