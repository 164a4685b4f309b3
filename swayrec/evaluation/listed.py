"""The protocols in which a case brings its own candidates: rolling through time, and lists that were shown."""

import numpy as np

from swayrec.evaluation.parts import Cases, Part, Split
from swayrec.learning import listed_choices
from swayrec.learning.listed_choices import Listed, shares
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario


def rolling(log: Log, scenario: Scenario, first: float, second: float) -> Split:
    """Each first event on an item is a case at its own instant: validation between the cuts, test from the second on.

    A case may use whatever lies strictly before its instant, by anyone; item tables and weights are made from what lies
    before the part. A case whose item is not alive at the instant is counted and left out.

    Args:
        log: all events, with a clock.
        scenario: targets, repeats, minimum and ``split.alive_days``.
        first: the cut before validation, epoch seconds.
        second: the cut before test.
    """

    def part(name: str, start: float, stop: float) -> Part:
        known = log.where(log.time < stop)
        listed = listed_choices.rolling(known, scenario, start, stop)
        return Part(name, known, _cases(listed), start, log.where(log.time < start), listed.left_out)

    return Split(part("validation", first, second), part("test", second, np.inf))


def shown(log: Log, scenario: Scenario) -> Split:
    """Each list is a case: of some users all lists are validation, of others all are test, by a hash of their ids.

    All that other users did is known, and of a case's own user what precedes the list. Item tables and weights are made
    from the events of the users that come before the part: nobody's list has been counted, or learned from, when it is
    asked.

    Args:
        log: all events, in order.
        scenario: targets, minimum, ``split.shown`` and, as shares of the users, ``split.cuts``.
    """
    place, (first, second) = shares(log.users, "split"), scenario.split.cuts

    def part(name: str, start: float, stop: float) -> Part:
        known, before = log.where(place[log.user] < stop), log.where(place[log.user] < start)
        listed = listed_choices.shown(known, scenario, (place >= start) & (place < stop))
        return Part(name, known, _cases(listed), before.end, before, listed.left_out)

    return Split(part("validation", first, second), part("test", second, 1.0))


def _cases(listed: Listed) -> Cases:
    return Cases(listed.users, listed.before, listed.now, listed.ends, listed.chosen, listed.listing)
