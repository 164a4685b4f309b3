"""What a split is made of: the cases that are asked, and what may be known before them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from swayrec.learning.listing import Listing
from swayrec.tables.log import Log


@dataclass(frozen=True)
class Cases:
    """Held-out truth: case c asks user ``users[c]`` at its instant; the truth is what was taken next.

    ``users`` int64[C]; ``before`` int64[C], the order of the instant (histories hold smaller orders);
    ``now`` float64[C], epoch seconds (NaN without a clock); ``truth`` int32, the items of case c at
    ``ends[c]:ends[c + 1]``. ``listed`` gives each case its own candidates, where the protocol does; None = all items
    of the catalogue are candidates.
    """

    users: np.ndarray
    before: np.ndarray
    now: np.ndarray
    ends: np.ndarray
    truth: np.ndarray
    listed: Listing | None = None

    def __len__(self) -> int:
        return len(self.users)

    def of(self, case: int) -> np.ndarray:
        """The items that case ``case`` took."""
        return self.truth[self.ends[case] : self.ends[case + 1]]

    def only(self, some: np.ndarray) -> "Cases":
        """The cases bool[C] alone; they must not be listed."""
        sizes = np.diff(self.ends)
        return Cases(
            users=self.users[some],
            before=self.before[some],
            now=self.now[some],
            ends=np.append(0, np.cumsum(sizes[some])),
            truth=self.truth[np.repeat(some, sizes)],
        )


@dataclass(frozen=True)
class Part:
    """A part of a split: what may be known (``known``) and what is asked (``cases``).

    ``until`` is the instant after all that is known, in epoch seconds: the cut, or where the protocol has none
    the end of the known log (NaN without a clock). Where cases are listed, ``known`` reaches as far as they do, for
    each may use what was before its own instant, and ``fitted_on`` is what item tables and weights are made from.
    ``left_out`` counts what could have been a case, by the reason why it is none.
    """

    name: str
    known: Log
    cases: Cases
    until: float
    fitted_on: Log | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def before(self) -> Log:
        """What item tables and weights may be made from: all that is known, unless the protocol says less."""
        return self.known if self.fitted_on is None else self.fitted_on

    def of_some(self, most: int, seed: int) -> "Part":
        """The cases of so many users at most, drawn by lot; a part with no more users is what it is."""
        users = np.unique(self.cases.users)
        if len(users) <= most:
            return self
        drawn = np.random.default_rng(seed).choice(users, most, replace=False)
        return replace(self, cases=self.cases.only(np.isin(self.cases.users, drawn)))


@dataclass(frozen=True)
class Split:
    """Validation to choose on, test to touch once, and where there is data a later window to look at last.

    ``before_test``: earlier rounds of the test, newest first, each knowing only what is before it; validation lies
    before them all.
    """

    validation: Part
    test: Part
    later: Part | None = None
    before_test: tuple[Part, ...] = ()

    @property
    def rounds(self) -> tuple[Part, ...]:
        """All rounds of the test, newest first; nearly always one."""
        return (self.test, *self.before_test)


def pooled(rounds: Sequence[Part]) -> Part:
    """The cases of all rounds of a test, newest first, as one part; what all of them may know is the earliest's.

    A single round is what it is.
    """
    if len(rounds) == 1:
        return rounds[0]
    cases = [part.cases for part in rounds]
    starts = np.cumsum([0, *(len(each.truth) for each in cases)])[:-1]
    every = Cases(
        users=np.concatenate([each.users for each in cases]),
        before=np.concatenate([each.before for each in cases]),
        now=np.concatenate([each.now for each in cases]),
        ends=np.concatenate(
            [[0], *(each.ends[1:] + start for each, start in zip(cases, starts, strict=True))]
        ).astype(np.int64),
        truth=np.concatenate([each.truth for each in cases]),
    )
    newest, earliest = rounds[0], rounds[-1]
    return Part(newest.name, newest.known, every, newest.until, earliest.before)
