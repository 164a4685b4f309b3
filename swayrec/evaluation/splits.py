"""Who is asked what at which instant, and what happened next: the protocols of the scenario."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from swayrec.evaluation import listed
from swayrec.evaluation.parts import Cases, Part, Split
from swayrec.tables import paths
from swayrec.tables.drawn import drawn, without
from swayrec.tables.errors import InputError
from swayrec.tables.log import DAY, Log
from swayrec.tables.pairs import read_pairs
from swayrec.tables.scenario import Scenario


def catalogue(log: Log, scenario: Scenario) -> np.ndarray:
    """bool[items]: the items with enough target events before the training cut."""
    if scenario.split.protocol == "rolling":
        return np.ones(len(log.items), bool)
    before = log.where(log.is_behavior(scenario.targets))
    if scenario.split.protocol == "time":
        before = before.where(before.time < _cut(log, scenario, scenario.split.cuts[0]))
    return np.bincount(before.item, minlength=len(log.items)) >= scenario.minimum.item_events


def split(log: Log, scenario: Scenario) -> Split:
    """The parts of a log by the scenario's protocol, over the catalogue that it leaves.

    Args:
        log: every event: cuts are shares of all target events, those on items that the minimum leaves out
            as well, so that a minimum does not move the windows.
        scenario: protocol, cuts, horizon, minimums, targets and repeats.

    Raises:
        InputError: nothing would be left to train on or to ask.
    """
    protocol = scenario.split.protocol
    if protocol in ("time", "rolling"):
        if not log.has_clock:
            raise InputError(
                f"scenario {scenario.name}: split.protocol is {protocol!r} but the events have no time; "
                "use 'last' (an order) or 'published'"
            )
        cuts = [_cut(log, scenario, share) for share in scenario.split.cuts]
        made = listed.rolling if protocol == "rolling" else _by_time
        parts = made(log.only_items(catalogue(log, scenario)), scenario, *cuts)
    elif protocol == "shown":
        if not log.has_order:
            raise InputError(
                f"scenario {scenario.name}: split.protocol 'shown' needs an order in the events, equal within a list"
            )
        parts = listed.shown(log.only_items(catalogue(log, scenario)), scenario)
    elif protocol == "last":
        parts = _last(log.only_items(catalogue(log, scenario)), scenario)
    elif scenario.split.protocol == "random":
        parts = _random(log.only_items(catalogue(log, scenario)), scenario)
    else:
        parts = _published(log.only_items(catalogue(log, scenario)), scenario)
    for part in (parts.validation, parts.test):
        if not len(part.cases):
            if part.left_out:
                told = ", ".join(f"{reason}: {count:,}" for reason, count in part.left_out.items())
                raise InputError(
                    f"scenario {scenario.name}: nothing is left to ask in the {part.name} part ({told}); bring more "
                    "events, or mend split"
                )
            raise InputError(
                f"scenario {scenario.name}: no user has both a past and a target event "
                f"({', '.join(scenario.targets)}) in the {part.name} part; bring more events or lower the "
                "minimums"
            )
    return parts


def _cut(log: Log, scenario: Scenario, share: float) -> float:
    """The instant at ``share`` of the target events; those at the instant itself go to the later part."""
    times = np.sort(log.time[log.is_behavior(scenario.targets)])
    if not len(times):
        raise InputError(f"scenario {scenario.name}: no event is a target ({', '.join(scenario.targets)})")
    return float(times[min(int(len(times) * share), len(times) - 1)])


def _by_time(log: Log, scenario: Scenario, first: float, second: float) -> Split:
    days = scenario.split.horizon_days
    horizon = days * DAY if days else None
    # However long the horizon, validation must end before test begins, or choices would be made on test.
    end = min(first + horizon, second) if horizon else second
    validation = _window(log, scenario, "validation", first, end)
    test = _window(log, scenario, "test", second, second + horizon if horizon else np.inf)
    later = None
    if horizon and log.time.max() >= second + 2 * horizon:
        later = _window(log, scenario, "later", second + horizon, second + 2 * horizon)
    return Split(validation, test, later)


def _window(log: Log, scenario: Scenario, name: str, start: float, stop: float) -> Part:
    known = log.where(log.time < start)
    ahead = log.where((log.time >= start) & (log.time < stop) & log.is_behavior(scenario.targets))
    enough = np.bincount(known.user, minlength=len(log.users)) >= scenario.minimum.user_events
    pairs = np.unique(ahead.pairs())
    if not scenario.repeats:
        pairs = np.setdiff1d(pairs, known.pairs())
    user, item = np.divmod(pairs, len(log.items))
    user, item = user[enough[user]], item[enough[user]]
    users, place = np.unique(user, return_index=True)
    cases = Cases(
        users=users,
        before=known.newest_orders()[users] + 1,
        now=np.full(len(users), start),
        ends=np.append(place, len(item)),
        truth=item.astype(np.int32),
    )
    return Part(name, known, cases, start)


def _last(log: Log, scenario: Scenario) -> Split:
    rounds, known = [], log
    for _ in range(scenario.split.rounds):
        rounds.append(_peeled(known, scenario, "test"))
        known = rounds[-1].known
    test, *before = rounds
    return Split(_peeled(known, scenario, "validation"), test, before_test=tuple(before))


def _peeled(log: Log, scenario: Scenario, name: str) -> Part:
    """Each user's newest target event is the truth; only what is strictly before it is known of the user."""
    target = np.flatnonzero(log.is_behavior(scenario.targets))
    if not log.has_order:
        raise InputError(
            f"scenario {scenario.name}: split.protocol 'last' needs an order or times in the events"
        )
    if not scenario.repeats:
        target = np.intersect1d(target, np.unique(log.pairs(), return_index=True)[1])
    users, place = np.unique(log.user[target][::-1], return_index=True)
    chosen = target[len(target) - 1 - place]
    offsets = log.offsets()
    past = log.order[chosen] > log.order[offsets[users]]
    enough = np.diff(offsets)[users] > scenario.minimum.user_events
    users, chosen = users[past & enough], chosen[past & enough]
    before = np.full(len(log.users), np.iinfo(np.int64).max)
    before[users] = log.order[chosen]
    known = log.where(log.order < before[log.user])
    cases = Cases(
        users=users.astype(np.int64),
        before=log.order[chosen],
        now=log.time[chosen],
        ends=np.arange(len(users) + 1),
        truth=log.item[chosen],
    )
    return Part(name, known, cases, known.end)


def _random(log: Log, scenario: Scenario) -> Split:
    first, second = scenario.split.cuts
    enough = np.diff(log.offsets()) > scenario.minimum.user_events
    parts, known = [], log
    for name, share in (("test", 1 - second), ("validation", (second - first) / second)):
        pairs = drawn(known.where(enough[known.user]), scenario.targets, share, seed=0)
        known = without(known, pairs, scenario.targets, repeats=scenario.repeats)
        pairs = pairs[:, np.diff(known.offsets())[pairs[0]] > 0]
        parts.append(Part(name, known, _cases(pairs, known), known.end))
    return Split(parts[1], parts[0])


def _published(log: Log, scenario: Scenario) -> Split:
    """A given test file; validation holds out one target event a user, drawn by a fixed seed."""
    assert scenario.split.test is not None
    path = paths.resolve(scenario.split.test, f"scenario {scenario.name}")
    given = read_pairs(path, scenario.split.test_user, scenario.split.test_item)
    numbers = [
        pc.index_in(given[column], value_set=pa.array(known, pa.string())).to_numpy()
        for column, known in (("user_id", log.users), ("item_id", log.items))
    ]
    pairs = np.stack(numbers)
    pairs = pairs[:, ~np.isnan(pairs).any(axis=0)].astype(np.int64)
    test = Part("test", log, _cases(pairs, log), log.end)
    target = np.flatnonzero(log.is_behavior(scenario.targets))
    shuffled = np.random.default_rng(0).permutation(target)
    held = shuffled[np.unique(log.user[shuffled], return_index=True)[1]]
    held = held[np.diff(log.offsets())[log.user[held]] > scenario.minimum.user_events]
    keep = np.ones(len(log), bool)
    keep[held] = False
    pairs = np.stack([log.user[held].astype(np.int64), log.item[held].astype(np.int64)])
    known = log.where(keep)
    return Split(Part("validation", known, _cases(pairs, log), known.end), test)


def _cases(pairs: np.ndarray, log: Log) -> Cases:
    pairs = np.unique(pairs, axis=1)
    users, place = np.unique(pairs[0], return_index=True)
    return Cases(
        users=users,
        before=log.newest_orders()[users] + 1,
        now=np.full(len(users), np.nan),
        ends=np.append(place, pairs.shape[1]),
        truth=pairs[1].astype(np.int32),
    )
