"""What a split is made of: the cases that are asked, and what may be known before them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Split:
    """Validation to choose on, test to touch once, and where there is data a later window to look at last."""

    validation: Part
    test: Part
    later: Part | None = None
