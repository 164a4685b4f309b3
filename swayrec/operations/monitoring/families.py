"""The families of counts that a window is told by: a label for every event, as SQL."""

from calendar import day_name
from collections.abc import Sequence
from dataclasses import dataclass

from swayrec.operations.monitoring.scales import NONE, OTHER, STRATA, Scales
from swayrec.operations.monitoring.sql import binned, named, quoted

GAPS = (1, 60, 600, 3600, 21_600, 86_400, 3 * 86_400, 7 * 86_400, 28 * 86_400)
"""Edges of the time since a user's event before, in seconds."""

NULLABLE = ("value", "text", "session_id", "request_id")
LANGUAGES = ("en", "zh", "other", NONE)
EACH_USER = "share"
FORGOTTEN = "stratum IS NULL AND NOT is_new"
GIVEN, MISSING = "given", "missing"
"""Labels of what an event may lack."""


@dataclass(frozen=True)
class Family:
    """Labels, and the SQL that gives an event's place among them; NULL = the event is of none.

    ``amount`` is what is summed: by default 1 an event; with ``EACH_USER`` all events of a user together are 1, so that
    a few who do very much do not decide what people do.
    """

    name: str
    labels: tuple[str, ...]
    place: str
    amount: str = "1"


def families(scales: Scales) -> list[Family]:
    """What is counted of the events of a window; the columns are those of :func:`~.tally.prepared`."""
    days = [f"{edge} s" for edge in GAPS]
    strata = tuple(str(number) for number in range(STRATA))
    found = [
        Family("behaviors", scales.behaviors, named("behavior", scales.behaviors)),
        Family("hours", tuple(f"{hour} h" for hour in range(24)), "hour(moment)", EACH_USER),
        Family("weekdays", tuple(day_name), "isodow(moment) - 1", EACH_USER),
        Family("gaps", ("0 s", *days), binned("gap", GAPS), EACH_USER),
        Family("categories", scales.categories, place_of_category(scales.categories), EACH_USER),
        Family("forgotten", ("recent", "forgotten"), f"({FORGOTTEN})::INT", EACH_USER),
        Family("scattered", ("together", "alone"), f"({FORGOTTEN} AND is_lone)::INT", EACH_USER),
        Family(
            "popularity",
            (*strata, "forgotten", "new"),
            f"CASE WHEN is_new THEN {STRATA + 1} ELSE coalesce(stratum, {STRATA}) END",
            EACH_USER,
        ),
        Family("item languages", LANGUAGES, named("coalesce(language, '')", LANGUAGES, 2), EACH_USER),
        Family("new_items", ("known", "new"), "is_new::INT"),
        Family("duplicates", ("once", "again"), "is_again::INT"),
        Family("order", ("forward", "backward"), "is_backward::INT"),
    ]
    for column in NULLABLE:
        found.append(Family(f"missing {column}", (GIVEN, MISSING), f"no_{column}::INT"))
    for behavior, edges in scales.values.items():
        mine = f"behavior = {quoted(behavior)}"
        labels = (NONE, *(f"below {edge:g}" for edge in edges), f"from {edges[-1]:g}")
        sorted_in = f"CASE WHEN NOT isfinite(value) THEN 0 ELSE 1 + {binned('value', edges)} END"
        found.append(Family(f"values {behavior}", labels, f"CASE WHEN {mine} THEN {sorted_in} END"))
        sized = f"CASE WHEN {mine} AND isfinite(value) AND value <> 0 THEN 0 END"
        found.append(Family(f"sized {behavior}", ("events",), sized))
        found.append(Family(f"size {behavior}", ("log",), sized, "ln(abs(value))"))
    return found


def place_of_category(names: Sequence[str]) -> str:
    """The place of an item's ``category`` among names, of which two stand for all others and for none."""
    known = [name for name in names if name not in (OTHER, NONE)]
    other, none = names.index(OTHER), names.index(NONE)
    found = named("category", known, other) if known else str(other)
    return f"CASE WHEN category IS NULL THEN {none} ELSE {found} END"
