"""The checks: each looks at one thing and says how far it moved."""

from collections.abc import Callable, Mapping

from swayrec.operations.monitoring.checks import exposure, habits, outcome, serving, soundness, topics
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.seen_window import SeenWindow
from swayrec.tables.scenario_monitoring import Check

OF_EVENTS: Mapping[Check, Callable[[SeenWindow], Result | None]] = {
    "volume": soundness.volume,
    "missing": soundness.missing,
    "refused": soundness.refused,
    "duplicates": soundness.duplicates,
    "order": soundness.order,
    "new_items": soundness.new_items,
    "behaviors": habits.behaviors,
    "rates": habits.rates,
    "values": habits.values,
    "units": habits.units,
    "hours": habits.hours,
    "gaps": habits.gaps,
    "categories": topics.categories,
    "popularity": topics.popularity,
    "scattered": topics.scattered,
    "languages": topics.languages,
    "words": topics.words,
    "vectors": topics.vectors,
    "spread": topics.spread,
}
"""The checks that look at a window's events; None where neither side has what they look at."""

OF_SHOWN: Mapping[Check, tuple[str, bool, Callable[[serving.Families, serving.Usuals], Result | None]]] = {
    "levels": ("levels", False, serving.levels),
    "freshness": ("ages", False, serving.freshness),
    "clock": ("clock", False, serving.clock),
    "shown": ("shown", True, serving.shown),
    "hidden": ("exposure", True, exposure.hidden),
    "scores": ("scores", True, serving.scores),
    "quality": ("outcomes", True, outcome.quality),
    "response": ("outcomes", True, outcome.response),
    "over_popular": ("outcomes", False, outcome.over_popular),
}
"""The checks that look at what was shown: the family of each, and whether it is compared with what is usual."""
