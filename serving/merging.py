"""Events laid on top of a compacted history, compacted again as every history is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from swayrec.tables.history import history as compacted
from swayrec.tables.log import Log
from swayrec.tables.schema import HISTORY_FIELDS

Rows = Mapping[str, Sequence]
"""A compacted history: parallel lists by the names of ``schema.HISTORY_FIELDS``, newest first."""


@dataclass(frozen=True)
class Done:
    """An event with its place among those of its user; ``time`` in epoch seconds, NaN without a clock."""

    item: str
    behavior: str
    time: float
    order: int
    value: float = float("nan")


def merged(
    rows: Rows, events: Sequence[Done], behaviors: Sequence[str], length: int, period: float | None
) -> dict[str, list]:
    """The history of what ``rows`` stand for and ``events`` together: newest first, ``length`` rows at most.

    Args:
        rows: a compacted history; an empty mapping = no past. What fell off its end before is not known any
            more, and so not counted.
        events: in any order.
        behaviors: the scenario's, in its order.
        length: rows kept, the newest.
        period: as the rows were compacted (:func:`swayrec.tables.history.stretch`).
    """
    old = {name: list(rows.get(name, ())) for name in HISTORY_FIELDS}
    item = [*old["item"], *(event.item for event in events)]
    behavior = [*old["behavior"], *(event.behavior for event in events)]
    if not item:
        return old
    items = sorted(set(item))
    kinds = tuple(dict.fromkeys([*behaviors, *behavior]))
    order = np.array([*old["order"], *(event.order for event in events)], np.int64)
    by_order = np.argsort(order, kind="stable")
    item_place = {name: place for place, name in enumerate(items)}
    kind_place = {name: place for place, name in enumerate(kinds)}
    log = Log(
        users=np.array([""], object),
        items=np.array(items, object),
        behaviors=kinds,
        user=np.zeros(len(item), np.int32),
        item=np.array([item_place[name] for name in item], np.int32)[by_order],
        behavior=np.array([kind_place[name] for name in behavior], np.int16)[by_order],
        order=order[by_order],
        time=np.array([*old["time"], *(event.time for event in events)], np.float64)[by_order],
        value=np.array([*old["value"], *(event.value for event in events)], np.float32)[by_order],
        period=period,
    )
    weight = np.array([*old["count"], *(1.0 for _ in events)], np.float32)[by_order]
    found = compacted(log, np.zeros(1, np.int64), order.max(keepdims=True) + 1, length, weight)
    return {
        "item": [items[place] for place in found.item[0]],
        "behavior": [kinds[place] for place in found.behavior[0]],
        **{name: getattr(found, name)[0].tolist() for name in ("time", "order", "count", "value")},
    }
