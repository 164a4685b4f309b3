"""What the rules after ranking must know of an item: its label, its time on the shelf, the groups it is in."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from swayrec.learning.categories import within
from swayrec.tables.epoch import seconds
from swayrec.tables.scenario_policy import Floor, Policy


@dataclass(frozen=True)
class Facts:
    """Of one item. Times are epoch seconds; ``created`` NaN = unknown; ``groups`` are names of floors."""

    sensitive: str | None = None
    since: float = -math.inf
    until: float = math.inf
    created: float = math.nan
    groups: frozenset[str] = frozenset()

    def available(self, now: float) -> bool:
        """Whether it may be shown at ``now``; without a clock (NaN) everything may."""
        return not (now < self.since or now > self.until)

    def with_newer(self, newer: "Facts") -> "Facts":
        """The same with another's label and time on the shelf."""
        return replace(self, sensitive=newer.sensitive, since=newer.since, until=newer.until)


PLAIN = Facts()
"""An item that no rule speaks of."""


def facts(items: pa.Table, policy: Policy) -> Mapping[str, Facts]:
    """The facts of those items of the canonical table that some rule of ``policy`` may speak of."""
    labels = {rule.label for rule in policy.sensitive}
    newest = any(floor.newer_than_days for floor in policy.floors)
    items = items.filter(_concerned(items, policy, labels, newest))
    columns = {
        "sensitive": items["sensitive"].to_pylist(),
        **{
            name: seconds(items[name]).to_pylist()
            for name in ("available_from", "available_until", "created_at")
        },
        **{name: items[name].to_pylist() for name in ("tags", "category", "language")},
    }
    found: dict[str, Facts] = {}
    for row, item in enumerate(items["item_id"].to_pylist()):
        label, since, until, created, tags, category, language = (values[row] for values in columns.values())
        told = Facts(
            sensitive=label if label in labels else None,
            since=-math.inf if since is None or not policy.available else since,
            until=math.inf if until is None or not policy.available else until,
            created=created if newest and created is not None else math.nan,
            groups=frozenset(
                floor.name
                for floor in policy.floors
                if _stands_in(floor, tags or (), category or "", language or "")
            ),
        )
        if _says_something(told):
            found[item] = told
    return found


def _concerned(items: pa.Table, policy: Policy, labels: set[str], newest: bool) -> pa.ChunkedArray:
    """Which rows may have facts: of a large catalogue most have none, and are not looked at one by one."""
    some = pc.is_in(items["sensitive"], value_set=pa.array(sorted(labels), pa.string()))
    present = ["available_from", "available_until"] if policy.available else []
    present += ["created_at"] if newest else []
    for column, used in (("tags", "tags"), ("category", "categories"), ("language", "languages")):
        present += [column] if any(getattr(floor, used) for floor in policy.floors) else []
    for name in present:
        some = pc.or_(some, pc.is_valid(items[name]))
    return some


def _says_something(told: Facts) -> bool:
    bounded = told.since > -math.inf or told.until < math.inf
    return bool(told.sensitive or told.groups) or bounded or not math.isnan(told.created)


def _stands_in(floor: Floor, tags: Iterable[str], category: str, language: str) -> bool:
    if floor.tags:
        return not set(floor.tags).isdisjoint(tags)
    if floor.categories:
        return within(category, floor.categories)
    return language in floor.languages
