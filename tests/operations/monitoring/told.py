"""Verdicts as `swayrec monitor` writes them, made by hand: of a shop whose popularity drifts from the sixth week on."""

from datetime import UTC, datetime

from swayrec.operations.monitoring import wording
from swayrec.operations.monitoring.number_titles import ONLINE
from swayrec.tables.scenario_monitoring import CHECKS
from tests.operations.monitoring.world import START, WEEK

BAR = 1400.0
DRIFTS = 6


def row(check, moved):
    about = {"check": check, "title": wording.TITLES[check].to_json(), "action": CHECKS[check].action}
    change, evidence = (0.3, 3 * BAR) if moved else (0.01, 0.7)
    return {
        **about,
        "judged": True,
        "alarm": moved,
        "evidence": evidence,
        "bar": BAR,
        "part": "a part",
        "parts": 1,
        "seen": change,
        "change": change,
        "interval": [change - 0.02, change + 0.02],
        "error": 0.01,
        "usual": [0.01] * 12,
        "reference": "usual windows",
        "sample": {"events": 100},
        "moved": [],
        "tolerance": CHECKS[check].tolerance,
        "p": 0.5,
    }


def verdict(week, champion=1, **more):
    """The verdict on a week, the first is 0."""
    start = START + week * WEEK
    drifts = week >= DRIFTS
    said = "retrain" if week == DRIFTS + 1 else "warn" if drifts else "pass"
    gap = {"users": 100, "value": [0.2, 0.1, 0.3], "other": [0.3, 0.2, 0.4], "gap": [-0.1, -0.2, -0.01]}
    region = {"of": "users", "attribute": "region", "largest": [0.1, 0.01, 0.2], "p": 0.01, "unnamed": 0}
    return {
        "schema": 1,
        "scenario": "shop",
        "window": {
            "start": start,
            "end": start + WEEK,
            "since": datetime.fromtimestamp(start, UTC).isoformat(),
            "until": datetime.fromtimestamp(start + WEEK, UTC).isoformat(),
        },
        "made": "2026-01-01T00:00:00+00:00",
        "champion": {"version": champion},
        "verdict": said,
        "title": wording.ACTIONS[said].to_json(),
        "reasons": [{"en": "Popularity moved.", "zh": "热度变化。"}] if drifts else [],
        "notes": [{"en": "7 lists wait.", "zh": "7 个列表尚待评判。"}],
        "counts": {
            "events": 1700 + week,
            "users": 250,
            "answers": 500,
            "judged_lists": 400,
            "answered_lists": 150,
        },
        "online": dict.fromkeys(ONLINE, 0.2) | {"ndcg": 0.3 - 0.01 * week, "coverage": 0.9},
        "online_intervals": {"ndcg": [0.2, 0.35], "coverage": [0.8, 1.0]},
        "fairness": {
            "minimum": 30,
            "compared": [
                {
                    **region,
                    "groups": [{"group": "north", "adjusted": 0.01, **gap}],
                    "too_small": 2,
                    "unknown": 3,
                }
            ],
            "told": [{"en": "The north is served worse.", "zh": "北方的质量较差。"}],
        },
        "serving": {
            "full": 0.9,
            "cold": 0.1,
            "session": 0.0,
            "category": 0.0,
            "popular": 0.0,
            "age_days": 1.5,
        },
        "influence": {"view": 0.4, "buy": 1.0},
        "checks": [row(check, check == "popularity" and drifts) for check in CHECKS],
        "measured": {},
        "state": {"champion": champion, "checks": {}, "retrained": None},
        **more,
    }
