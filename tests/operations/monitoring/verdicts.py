"""Verdicts as a series keeps them, made by hand."""

from datetime import UTC, datetime

from swayrec.operations.monitoring import wording
from swayrec.operations.monitoring.series import SCHEMA, Series

WEEK = 7 * 86400
FIRST = int(datetime(2025, 3, 31, tzinfo=UTC).timestamp())


def verdict(week, said, champion=1, scenario="shop", alarms=()):
    start, end = FIRST + week * WEEK, FIRST + (week + 1) * WEEK
    reasons = [wording.TITLES[name].to_json() for name in alarms]
    checks = [
        {
            "check": name,
            "title": wording.TITLES[name].to_json(),
            "action": "retrain",
            "judged": True,
            "alarm": name in alarms,
            "evidence": 2.0 if name in alarms else 0.1,
            "bar": 1.0,
            "part": "all",
            "change": 0.2,
            "interval": [0.1, 0.3],
            "tolerance": 0.1,
        }
        for name in ("popularity", "quality")
    ]
    return {
        "schema": SCHEMA,
        "scenario": scenario,
        "window": {"start": float(start), "end": float(end), "since": datetime.fromtimestamp(start, UTC).isoformat(),
                   "until": datetime.fromtimestamp(end, UTC).isoformat()},
        "made": datetime.fromtimestamp(end + 60, UTC).isoformat(),
        "champion": {"version": champion},
        "verdict": said,
        "title": wording.ACTIONS[said].to_json(),
        "reasons": reasons,
        "notes": [],
        "counts": {"events": 1000, "users": 100},
        "online": {"ndcg": 0.2, "taken_share": 0.4},
        "influence": None,
        "checks": checks,
        "measured": {},
        "state": {"champion": champion, "checks": {}, "retrained": None},
    }  # fmt: skip


def series(folder, *said, champion=1, alarms=("popularity",)):
    """A folder whose weeks got these verdicts."""
    folder.mkdir(parents=True, exist_ok=True)
    held = Series(folder, (), ())
    for week, each in enumerate(said):
        held.write(verdict(week, each, champion, alarms=() if each == "pass" else alarms))
    return folder
