"""Reasons in words: what of a user's past speaks for an item, in English and Chinese."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from swayrec.tables.log import DAY

LANGUAGES = ("en", "zh")


def because(
    words: Mapping[str, Mapping[str, str]],
    behavior: str,
    title: str,
    count: float,
    time: float,
    now: float | None = None,
    language: str = "en",
) -> str:
    """One reason as a clause.

    Args:
        words: how a behavior is called, by language (the model's metadata).
        behavior: what the user did.
        title: what with.
        count: how often.
        time: epoch seconds of the newest; NaN where there is no clock.
        now: epoch seconds; None for an archived log, where "ago" would be wrong and a date is not.
        language: "en" or "zh".

    >>> because({"buy": {"en": "bought"}}, "buy", "YOGURT", 6, 0.0, now=3 * 86400.0)
    "because you bought 'YOGURT' 6 times, last 3 days ago"
    >>> because({"buy": {"en": "bought"}}, "buy", "YOGURT", 6, 0.0)
    "because you bought 'YOGURT' 6 times, last on 1970-01-01"
    """
    times = max(round(count), 1)
    if language == "zh":
        said = words.get(behavior, {}).get("zh") or f"有过“{_plain(behavior)}”："
        parts = [f"因为您{said}“{title}”"]
        if times > 1:
            parts.append(f"{times} 次")
        when = _when_zh(time, now)
        if when:
            parts.append(f"，最近一次{when}" if times > 1 else f"，{when}")
        return "".join(parts)
    did = words.get(behavior, {}).get("en")
    text = f"because you {did} '{title}'" if did else f"because of your {_plain(behavior)} of '{title}'"
    if times > 1:
        text += f" {times} times"
    when = _when_en(time, now)
    if not when:
        return text
    return f"{text}, last {when}" if times > 1 else f"{text} {when}"


def _plain(behavior: str) -> str:
    return behavior.replace("_", " ")


def _when_en(time: float, now: float | None) -> str:
    if math.isnan(time):
        return ""
    if now is None:
        return f"on {_date(time)}"
    number, unit = _span(now - time)
    return f"{number} {unit}{'s' if number > 1 else ''} ago" if number else "just now"


def _when_zh(time: float, now: float | None) -> str:
    if math.isnan(time):
        return ""
    if now is None:
        return f"在 {_date(time)}"
    number, unit = _span(now - time)
    named = {"minute": "分钟", "hour": "小时", "day": "天"}[unit]
    return f"在 {number} {named}前" if number else "就在刚才"


def _date(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"


def _span(age: float) -> tuple[int, str]:
    for seconds, unit in ((DAY, "day"), (3600.0, "hour"), (60.0, "minute")):
        if age >= seconds:
            return int(age // seconds), unit
    return 0, "minute"
