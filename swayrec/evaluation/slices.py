"""Parts of the cases that a report looks at on their own: short and long histories, old and new targets."""

from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.parts import Cases, Part


@dataclass(frozen=True)
class Slice:
    """Some cases, possibly with only some of their truths.

    ``cases`` index the part's cases; ``truth`` are those cases with the truths that belong to the slice.
    """

    group: str
    name: str
    cases: np.ndarray
    truth: Cases


def slices(part: Part) -> list[Slice]:
    """The slices of a part: quartiles of the history's length, targets taken before and new ones."""
    return [*by_history(part), *by_novelty(part)]


def by_history(part: Part) -> list[Slice]:
    """Cases by the number of events in their past, in quarters (fewer where lengths are equal)."""
    known, cases = part.known, part.cases
    start, stop = known.spans(cases.users, cases.before)
    length = stop - start
    if not len(length):
        return []
    edges = np.unique(np.quantile(length, [0.25, 0.5, 0.75]).astype(int))
    quarter = np.searchsorted(edges, length, side="left")
    found = []
    for number in np.unique(quarter):
        members = np.flatnonzero(quarter == number)
        shortest, longest = int(length[members].min()), int(length[members].max())
        name = f"{shortest:,} to {longest:,} events" if shortest != longest else f"{shortest:,} events"
        found.append(
            Slice("length of history", name, members, _cases(cases, members, np.ones(len(cases.truth), bool)))
        )
    return found


def by_novelty(part: Part) -> list[Slice]:
    """The truths that the case's user had any event on before, and those that were new to the user."""
    known, cases = part.known, part.cases
    owner = np.repeat(np.arange(len(cases)), np.diff(cases.ends))
    pairs = cases.users[owner] * len(known.items) + cases.truth
    met = np.full(len(cases.truth), np.iinfo(np.int64).max)
    pair, first = np.unique(known.pairs(), return_index=True)
    if len(pair):
        # Events of a user are sorted by order, so the first occurrence of a pair is the earliest.
        place = np.minimum(np.searchsorted(pair, pairs), len(pair) - 1)
        same = pair[place] == pairs
        met[same] = known.order[first[place[same]]]
    before = met < cases.before[owner]
    found = []
    for name, mask in (("taken or met before", before), ("new to the user", ~before)):
        members = np.unique(owner[mask])
        if len(members):
            found.append(Slice("targets", name, members, _cases(cases, members, mask)))
    return found


def _cases(cases: Cases, members: np.ndarray, wanted: np.ndarray) -> Cases:
    """The cases ``members`` (ascending) with only the truths that ``wanted`` bool marks."""
    owner = np.repeat(np.arange(len(cases)), np.diff(cases.ends))
    chosen = np.zeros(len(cases), bool)
    chosen[members] = True
    kept = wanted & chosen[owner]
    sizes = np.bincount(owner[kept], minlength=len(cases))[members]
    return Cases(
        users=cases.users[members],
        before=cases.before[members],
        now=cases.now[members],
        ends=np.append(0, np.cumsum(sizes)),
        truth=cases.truth[kept],
    )
