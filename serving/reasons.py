"""Reasons in words: what of a user's past speaks for an item, in English and Chinese."""

import math
from collections.abc import Mapping

DAY = 86400.0
LANGUAGES = ("en", "zh")


def because(
    words: Mapping[str, Mapping[str, str]],
    behavior: str,
    title: str,
    count: float,
    age: float,
    language: str = "en",
    archived: bool = False,
) -> str:
    """One reason as a clause.

    Args:
        words: how a behavior is called, by language (the model's metadata).
        behavior: what the user did.
        title: what with.
        count: how often.
        age: seconds since the newest; NaN where there is no clock.
        language: "en" or "zh".
        archived: whether now is the end of an archived log, so that "ago" would be wrong.

    >>> because({"buy": {"en": "bought"}}, "buy", "YOGURT", 6, 3 * 86400.0)
    "because you bought 'YOGURT' 6 times, last 3 days ago"
    """
    times = max(round(count), 1)
    if language == "zh":
        said = words.get(behavior, {}).get("zh") or f"有过“{_plain(behavior)}”："
        parts = [f"因为您{said}“{title}”"]
        if times > 1:
            parts.append(f"{times} 次")
        when = _when_zh(age, archived)
        if when:
            parts.append(f"，最近一次{when}" if times > 1 else f"，{when}")
        return "".join(parts)
    did = words.get(behavior, {}).get("en")
    text = f"because you {did} '{title}'" if did else f"because of your {_plain(behavior)} of '{title}'"
    if times > 1:
        text += f" {times} times"
    when = _when_en(age, archived)
    if not when:
        return text
    return f"{text}, last {when}" if times > 1 else f"{text} {when}"


def _plain(behavior: str) -> str:
    return behavior.replace("_", " ")


def _when_en(age: float, archived: bool) -> str:
    if math.isnan(age):
        return ""
    number, unit = _span(age)
    if number == 0:
        return "just before" if archived else "just now"
    return f"{number} {unit}{'s' if number > 1 else ''} {'before' if archived else 'ago'}"


def _when_zh(age: float, archived: bool) -> str:
    if math.isnan(age):
        return ""
    number, unit = _span(age)
    if number == 0:
        return "就在此前" if archived else "就在刚才"
    named = {"minute": "分钟", "hour": "小时", "day": "天"}[unit]
    return f"在此前 {number} {named}" if archived else f"在 {number} {named}前"


def _span(age: float) -> tuple[int, str]:
    for seconds, unit in ((DAY, "day"), (3600.0, "hour"), (60.0, "minute")):
        if age >= seconds:
            return int(age // seconds), unit
    return 0, "minute"
