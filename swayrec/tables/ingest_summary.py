"""The report of an ingest in plain lines, for people."""

from collections.abc import Mapping
from typing import Any


def summary(report: Mapping[str, Any]) -> list[str]:
    """Lines that say what was read, what became of it and what was left out or bad.

    ``report`` is what ``Dataset.report()`` returns.
    """
    lines = [
        f"{report['events']:,} events of {report['event_users']:,} users on {report['event_items']:,} items"
        + _span(report)
    ]
    lines += [f"  {behavior}: {count:,}" for behavior, count in report["behaviors"].items()]
    for name, source in report["sources"].items():
        lines.append(f"{name}: {source['rows']:,} rows read from {source['path']}, {source['kept']:,} kept")
        lines += [f"  left out, {reason}: {count:,}" for reason, count in source["left_out"].items()]
        if source["ignored"]:
            lines.append(f"  ignored, at or after {report['until']}: {source['ignored']:,}")
        if source["merged"]:
            lines.append(f"  merged into one event a session and item: {source['merged']:,}")
        lines += _bad(source)
        if joined := source.get("joined"):
            lines += [f"  joined with {joined['path']}: {joined['rows']:,} rows", *_bad(joined)]
    described = report["items"] - report["event_items"]
    if described:
        lines.append(f"{described:,} items have no event yet")
    return lines


def _bad(source: Mapping[str, Any]) -> list[str]:
    return [f"  quarantined, {reason}: {count:,}" for reason, count in source["quarantined"].items()]


def _span(report: Mapping[str, Any]) -> str:
    if report["from"] is None:
        return ", without a clock"
    return f", from {report['from'][:16].replace('T', ' ')} to {report['to'][:16].replace('T', ' ')} UTC"
