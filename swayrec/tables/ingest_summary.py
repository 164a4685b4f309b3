"""The report of an ingest in plain lines, for people."""

from collections.abc import Mapping
from typing import Any

_SECONDS = {"beside": ("beside", "beside it"), "joined": ("join", "joined with")}
"""A source's second files: their name in the report -> that of the scenario's field, and how a line begins."""


def summary(report: Mapping[str, Any], first: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Lines that say what was read, what became of it and what was left out or bad.

    Args:
        report: what ``Dataset.report()`` returns.
        first: what ``Dataset.first_bad()`` returns.
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
            ends = (("before", report.get("since")), ("at or after", report["until"]))
            outside = " or ".join(f"{side} {instant}" for side, instant in ends if instant)
            lines.append(f"  ignored, {outside}: {source['ignored']:,}")
        if source["merged"]:
            lines.append(f"  merged into one event a session and item: {source['merged']:,}")
        lines += _bad(source, first.get(name, {}))
        for field, (called, told) in _SECONDS.items():
            if second := source.get(field):
                lines += [
                    f"  {told} {second['path']}: {second['rows']:,} rows",
                    *_bad(second, first.get(f"{name}.{called}", {})),
                ]
    described = report["items"] - report["event_items"]
    if described:
        lines.append(f"{described:,} items have no event yet")
    return lines


def bad_rows(report: Mapping[str, Any], first: Mapping[str, Mapping[str, int]]) -> list[str]:
    """One line a source that has bad rows; arguments as of :func:`summary`."""
    lines = []
    for name, source in report["sources"].items():
        seconds = {f"{name}.{called}": source.get(field, {}) for field, (called, _) in _SECONDS.items()}
        parts = {name: source, **seconds}
        for called, part in parts.items():
            if counts := part.get("quarantined"):
                told = "; ".join(_told(counts, first.get(called, {})))
                lines.append(f"{called}: {sum(counts.values()):,} of {part['rows']:,} rows are bad ({told})")
    return lines


def _bad(source: Mapping[str, Any], first: Mapping[str, int]) -> list[str]:
    return [f"  quarantined, {told}" for told in _told(source["quarantined"], first)]


def _told(counts: Mapping[str, int], first: Mapping[str, int]) -> list[str]:
    return [
        f"{reason}: {count:,}" + (f", first in row {first[reason]:,}" if reason in first else "")
        for reason, count in counts.items()
    ]


def _span(report: Mapping[str, Any]) -> str:
    if report["from"] is None:
        return ", without a clock"
    return f", from {report['from'][:16].replace('T', ' ')} to {report['to'][:16].replace('T', ' ')} UTC"
