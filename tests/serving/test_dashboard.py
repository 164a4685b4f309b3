"""Every query of the Grafana dashboard, held against what the running processes expose."""

import contextlib
import json
import re
import time
import urllib.parse
import urllib.request
from dataclasses import asdict

import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving import ports
from swayrec.operations.experiment import Experiment
from tests.prometheus_server import prometheus_of

from .conftest import HOUSE

DASHBOARD = json.loads((HOUSE / "k8s" / "monitoring" / "dashboard.json").read_text(encoding="utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]

_WORDS = {"sum", "max", "by", "rate", "histogram_quantile", "le"}


@pytest.fixture(scope="module")
def sides(whole, whole_place, wider):
    """An experiment whose other side never answers: of both sides something is counted, of one a failure."""
    address = f"{ports.HOST}:{ports.free()}"
    running = Experiment("dash", "tiny", 2, str(wider), 0.5, "2026-01-01T00:00:00+00:00", address)
    whole_place.experiment.write_text(json.dumps(asdict(running)), encoding="utf-8")
    users = [
        next(f"d{n}" for n in range(99) if running.side(f"d{n}") == side)
        for side in ("champion", "challenger")
    ]
    deadline = time.monotonic() + 60
    # The transformer looks once a second what runs.
    while "swayrec_variant_failures_total{" not in metrics(whole.url):
        assert time.monotonic() < deadline
        post(f"{whole.url}/v1/models/swayrec:predict", {"instances": [{"user_id": user} for user in users]})
        time.sleep(0.3)
    yield
    whole_place.experiment.unlink()


@pytest.fixture(scope="module")
def exposed(whole, sides):
    """The samples of transformer and intake after an answer and an event: labels by metric."""
    gone = {"item_id": "i28", "title": "Item 28", "available_until": "2020-01-01"}
    post(f"{whole.intake_url}/items", gone)
    body = {"instances": [{"user_id": "anna", "candidates": ["i28", "i05"]}]}
    post(f"{whole.url}/v1/models/swayrec:predict", body)
    post(f"{whole.intake_url}/events", {"user_id": "dash", "item_id": "i05", "behavior": "buy"})
    samples = {}
    for url in (whole.url, whole.intake_url):
        for family in text_string_to_metric_families(metrics(url)):
            for sample in family.samples:
                samples.setdefault(sample.name, []).append(sample.labels)
    return samples


def metrics(url):
    with urllib.request.urlopen(f"{url}/metrics", timeout=30) as response:
        return response.read().decode()


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30):
        pass


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_names_what_is_exposed(exposed, query):
    asked = re.findall(r"\b([a-z_]+)\b(?:\{([^}]*)\})?(?=\[5m\]|\)|$)", query)
    asked = [(name, matchers) for name, matchers in asked if name not in _WORDS and "_" in name]
    assert asked
    grouped = {
        name.strip() for names in re.findall(r"by \(([^)]*)\)", query) for name in names.split(",")
    } - {"job"}
    for name, matchers in asked:
        assert name in exposed, name
        known = exposed[name]
        assert any(grouped <= set(labels) for labels in known), (name, grouped)
        for label, kind, value in re.findall(r'(\w+)(=~|!=|=)"([^"]*)"', matchers):
            wanted = value.split("|") if kind == "=~" else [value]
            assert {labels[label] for labels in known} >= set(wanted), (name, label)


def test_every_metric_of_ours_is_on_the_dashboard(exposed):
    ours = {
        re.sub(r"_(bucket|count|sum|created|total)$", "", name)
        for name in exposed
        if name.startswith("swayrec_")
    }
    shown = " ".join(QUERIES)
    assert {name for name in ours if name not in shown} <= {"swayrec_breaker_opens"}


@pytest.fixture
def prometheus(whole, sides, tmp_path):
    """A Prometheus that looks at both processes twice a second; asks it a query."""
    doors = [url.removeprefix("http://") for url in (whole.url, whole.intake_url)]
    with prometheus_of(dict(zip(("transformer", "intake"), doors, strict=True)), tmp_path) as at:

        def asked(query):
            url = f"{at}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
            with urllib.request.urlopen(url, timeout=10) as response:
                return json.load(response)["data"]["result"]

        yield asked


@pytest.mark.system("prometheus")
def test_prometheus_answers_every_query(whole, prometheus):
    gone = {"item_id": "i28", "title": "Item 28", "available_until": "2020-01-01"}
    deadline = time.monotonic() + 60
    left = set(QUERIES)
    while left:
        post(f"{whole.intake_url}/items", gone)
        post(f"{whole.intake_url}/events", {"user_id": "dash", "item_id": "i05", "behavior": "buy"})
        body = {"instances": [{"user_id": "anna", "candidates": ["i28", "i05"]}]}
        post(f"{whole.url}/v1/models/swayrec:predict", body)
        with contextlib.suppress(OSError):
            left -= {query for query in left if prometheus(query)}
        assert time.monotonic() < deadline, left
        time.sleep(0.3)
