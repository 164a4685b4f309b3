"""The rules after ranking, applied: which places of a ranked list are shown, and which rules changed that."""

import math
from collections import Counter, deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from swayrec.learning.categories import parts
from swayrec.operations.item_facts import PLAIN, Facts
from swayrec.tables.log import DAY
from swayrec.tables.scenario_policy import Floor, Policy

WINDOW = 10
"""Places in a row that the cap of a category looks at."""

EXCLUDED, AVAILABLE, CAP = "excluded", "available", "category_cap"
"""Names of rules in an answer; the others are ``sensitive:LABEL`` and ``floor:NAME``."""


@dataclass(frozen=True)
class Ranking:
    """Items best first and their categories ('' = none), of equal length. An item '' is the model's padding."""

    items: Sequence[str]
    categories: Sequence[str]


@dataclass(frozen=True)
class Shown:
    """The places of a ranking that are shown, in their order, and the rules that changed the list."""

    places: tuple[int, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """A scenario's policy over what is known of its items; every door applies these and no others."""

    policy: Policy = field(default_factory=Policy)
    facts: Mapping[str, Facts] = field(default_factory=dict)

    def shown(
        self,
        ranking: Ranking,
        dropped: Collection[str],
        k: int,
        now: float,
        *,
        narrowed: bool = False,
        newer: Mapping[str, Facts] | None = None,
    ) -> Shown:
        """The first ``k`` places that may be shown; no item twice.

        Args:
            ranking: what was ranked.
            dropped: what must not be shown, whatever the rules say. The model has dropped the first E of it
                already; what lies beyond is dropped here.
            k: how many.
            now: epoch seconds; NaN = no clock, so everything is on the shelf.
            narrowed: whether the question names the categories or the items that it wants; their cap is then
                not applied.
            newer: what is known of items since ``facts`` were read: their label and their time on the shelf.
        """
        cap = None if narrowed else self.policy.category_cap
        if cap is None and not self.policy.floors:
            standing = self._standing(ranking.items, newer or {}, set(dropped), now, k)
            places = tuple(standing.places[:k])
            return Shown(places, standing.named(places, k))
        standing = self._standing(ranking.items, newer or {}, set(dropped), now)
        known = [self._told(item, newer or {}) for item in ranking.items]
        picking = _Picking(ranking, known, standing.places, cap, self.policy.floors, now)
        places = picking.picked(k)
        return Shown(places, (*standing.named(places, k), *picking.changed))

    def _told(self, item: str, newer: Mapping[str, Facts]) -> Facts:
        told = self.facts.get(item, PLAIN)
        return told.with_newer(newer[item]) if item in newer else told

    def _standing(
        self,
        items: Sequence[str],
        newer: Mapping[str, Facts],
        dropped: set[str],
        now: float,
        most: int | None = None,
    ) -> "_Standing":
        """What may stand in the list, those that were put down at their new places; ``most`` = so many suffice."""
        actions = {rule.label: rule for rule in self.policy.sensitive}
        taken: set[str] = set()
        left: list[tuple[float, int]] = []
        off: list[tuple[int, str]] = []
        down: dict[int, str] = {}
        for place, item in enumerate(items):
            # One that was put down comes back behind others that must be known first.
            if len(left) == most and not down:
                break
            if not item or item in taken:
                continue
            taken.add(item)
            told = self._told(item, newer)
            rule = actions.get(told.sensitive) if told.sensitive else None
            if item in dropped:
                off.append((place, EXCLUDED))
            elif self.policy.available and not told.available(now):
                off.append((place, AVAILABLE))
            elif rule is not None and rule.action == "filter":
                off.append((place, f"sensitive:{rule.label}"))
            elif rule is not None:
                down[place] = f"sensitive:{rule.label}"
                # Half a place more: behind whoever stands there by rank.
                left.append((place + rule.places + 0.5, place))
            else:
                left.append((place, place))
        return _Standing([place for _, place in sorted(left)], off, down)


@dataclass(frozen=True)
class _Standing:
    """Places that may be shown, best first; those taken off and those put down, with the rules that did it."""

    places: list[int]
    off: list[tuple[int, str]]
    demoted: Mapping[int, str]

    def named(self, shown: Sequence[int], k: int) -> tuple[str, ...]:
        """The rules without which the list would be another one."""
        # Where the list is shorter than asked, anything taken off would have been in it.
        last = max(shown, default=-1) if len(shown) == k else math.inf
        names = [rule for place, rule in self.off if place < last]
        position = {place: number for number, place in enumerate(shown)}
        for place, rule in self.demoted.items():
            here = position.get(place, len(shown))
            if any(other > place for other in shown[:here]):
                names.append(rule)
        return tuple(dict.fromkeys(names))


class _Picking:
    """Fills a list place by place, under the cap of a category and the floors of groups."""

    def __init__(
        self,
        ranking: Ranking,
        known: Sequence[Facts],
        places: Sequence[int],
        cap: int | None,
        floors: Sequence[Floor],
        now: float,
    ) -> None:
        self._categories = [parts(ranking.categories[place]) if cap else () for place in places]
        self._groups = [
            frozenset(floor.name for floor in floors if _in_group(floor, known[place], now))
            for place in places
        ]
        self._places = places
        self._cap, self._floors = cap, floors
        self.changed: list[str] = []

    def picked(self, k: int) -> tuple[int, ...]:
        """The places that are shown, at most ``k``."""
        waiting = list(range(len(self._places)))
        window: deque[tuple[str, ...]] = deque(maxlen=WINDOW - 1)
        given: Counter[str] = Counter()
        picked: list[int] = []
        while waiting and len(picked) < k:
            full = self._full(window)
            chosen = self._first(waiting, full)
            if chosen != waiting[0]:
                self._name(CAP)
            if chosen is None:
                break
            floor = self._owed(given, len(picked) + 1)
            due = self._first(waiting, full, floor) if floor else None
            if due is not None and due != chosen:
                self._name(f"floor:{floor}")
                chosen = due
            waiting.remove(chosen)
            window.append(self._categories[chosen])
            given.update(self._groups[chosen])
            picked.append(self._places[chosen])
        return tuple(picked)

    def _first(self, waiting: Sequence[int], full: set[str], group: str | None = None) -> int | None:
        """The best that is not of a full category, of a group or of any."""
        for one in waiting:
            if full.isdisjoint(self._categories[one]) and (group is None or group in self._groups[one]):
                return one
        return None

    def _owed(self, given: Mapping[str, int], places: int) -> str | None:
        """The floor whose group has less than its share of so many places."""
        for floor in self._floors:
            # A share like 0.1 is not exact: ten times it is a place all the same.
            if given[floor.name] < math.floor(floor.share * places + 1e-9):
                return floor.name
        return None

    def _full(self, window: Collection[tuple[str, ...]]) -> set[str]:
        """The categories that have all the places which the cap gives them."""
        if self._cap is None:
            return set()
        held = Counter(name for names in window for name in names)
        return {name for name, count in held.items() if count >= self._cap}

    def _name(self, rule: str) -> None:
        if rule not in self.changed:
            self.changed.append(rule)


def _in_group(floor: Floor, told: Facts, now: float) -> bool:
    if floor.newer_than_days is None:
        return floor.name in told.groups
    return now - floor.newer_than_days * DAY <= told.created <= now
