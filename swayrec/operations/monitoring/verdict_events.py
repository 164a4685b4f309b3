"""Verdicts and retrainings as CloudEvents 1.0, and which of them somebody is told of."""

from collections.abc import Mapping
from typing import Any

from swayrec.operations.monitoring.retraining import Retraining
from swayrec.operations.monitoring.series import Verdict

VERDICT = "io.swayrec.monitoring.verdict"
RETRAINING = "io.swayrec.monitoring.retraining"


def of_verdict(verdict: Verdict, former: Verdict | None) -> dict[str, Any] | None:
    """What is told of a verdict; None = nothing: all is well, and was.

    The id depends on the window, the champion and what is said alone: a window that is looked at again tells nothing
    new, and a receiver knows an event that comes twice.

    Args:
        verdict: of the window.
        former: of the window before; None = there is none.
    """
    well = verdict["verdict"] == "pass"
    if well and (former is None or former["verdict"] == "pass"):
        return None
    window, champion = verdict["window"], verdict["champion"]["version"]
    data = {
        "verdict": verdict["verdict"],
        "title": verdict["title"],
        "window": {"since": window["since"], "until": window["until"]},
        "model_version": champion,
        "reasons": verdict["reasons"],
        "notes": verdict["notes"],
        "alarms": [row["check"] for row in verdict["checks"] if row["alarm"]],
    }
    name = f"{window['since']}/{champion}/{verdict['verdict']}/{','.join(data['alarms'])}"
    return _event(VERDICT, verdict["scenario"], name, verdict["made"], data)


def of_retraining(record: Retraining) -> dict[str, Any]:
    """What is told of a retraining that has ended, or was handed to a cluster."""
    name = f"{record.window['since']}/{record.asked_of}/{record.status}/{record.tries}"
    return _event(RETRAINING, record.scenario, name, record.ended or record.started, record.to_json())


def _event(kind: str, scenario: str, name: str, time: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": kind,
        "source": f"/swayrec/monitoring/{scenario}",
        "id": name,
        "subject": scenario,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    }
