"""The last verdict of each scenario as Prometheus metrics, read anew at every scrape."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from swayrec.operations.monitoring.retraining import FOLDER, Retraining, records
from swayrec.operations.monitoring.series import Series, Verdict, window_of
from swayrec.operations.monitoring.wording import ACTIONS
from swayrec.operations.workspace import Workspace

Family = GaugeMetricFamily | CounterMetricFamily

_PREFIX = "swayrec_monitoring_"


def exposition(workspace: Workspace) -> bytes:
    """All metrics in Prometheus's text format; without a verdict there are none."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Verdicts(workspace))
    return generate_latest(registry)


class Verdicts(Collector):
    """What was found in the last window of each scenario, and what retrainings there were."""

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.monitoring

    def collect(self) -> Iterable[Metric]:
        """The metrics as the files are now."""
        gauges = _Gauges()
        for folder in sorted(path for path in self._folder.glob("*") if path.is_dir()):
            if (newest := Series.read(folder).newest) is not None:
                _of_verdict(gauges, newest)
            if (folder / FOLDER).is_dir():
                _of_retrainings(gauges, folder.name, records(folder))
        yield from gauges.families()


class _Gauges:
    """Metrics by name, each a family that is made with its first sample."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}

    def add(
        self, name: str, told: str, value: float, kind: type[Family] = GaugeMetricFamily, **labels: str
    ) -> None:
        family = self._families.get(name)
        if family is None:
            family = self._families[name] = kind(_PREFIX + name, told, labels=list(labels))
        family.add_metric(list(labels.values()), value)

    def families(self) -> Iterator[Metric]:
        yield from self._families.values()


def _of_verdict(gauges: _Gauges, told: Verdict) -> None:
    of = {"scenario": told["scenario"]}
    for said in ACTIONS:
        gauges.add("verdict", "1 for what the last verdict says", said == told["verdict"], **of, verdict=said)
    window, made = window_of(told), datetime.fromisoformat(told["made"]).timestamp()
    gauges.add("window_end_timestamp_seconds", "End of the last window that was judged", window.end, **of)
    gauges.add("window_seconds", "Length of a window", window.end - window.start, **of)
    gauges.add("last_run_timestamp_seconds", "When the last window was judged", made, **of)
    gauges.add("model_version", "Registry version that was judged", told["champion"]["version"], **of)
    for row in told["checks"]:
        check = {**of, "check": row["check"]}
        gauges.add("check_alarm", "1 while a check gives an alarm", row["alarm"], **check)
        if row["judged"]:
            evidence = row["evidence"] / row["bar"]
            gauges.add("check_evidence_ratio", "Evidence over what an alarm needs", evidence, **check)
            gauges.add("check_change", "How far a check moved, in its own unit", row["change"], **check)
    for name, value in (told["online"] or {}).items():
        if isinstance(value, int | float):
            gauges.add("online", "Quality of what was shown, by metric", value, **of, metric=name)
    for name, value in told["counts"].items():
        gauges.add("count", "What the last window held", value, **of, what=name)


def _of_retrainings(gauges: _Gauges, scenario: str, found: list[Retraining]) -> None:
    statuses = ("promoted", "not promoted", "failed", "running", "submitted")
    for status in statuses:
        number = sum(record.status == status for record in found)
        gauges.add("retrainings", "Retrainings by how they stand", number, scenario=scenario, status=status)
    tries = sum(record.tries for record in found)
    told = "Times that a retraining was begun"
    gauges.add("retraining_tries", told, tries, CounterMetricFamily, scenario=scenario)
    if found:
        last = max(found, key=lambda record: record.started)
        told = "1 where the last retraining failed"
        gauges.add("retraining_failed", told, last.status == "failed", scenario=scenario)
        begun = datetime.fromisoformat(last.started).timestamp()
        told = "When the last retraining began"
        gauges.add("retraining_timestamp_seconds", told, begun, scenario=scenario)
