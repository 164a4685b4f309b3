"""What a comparison of groups found: every group against what it is held to, and who could not be compared."""

from dataclasses import dataclass

from swayrec.evaluation.bootstrap import Estimate


@dataclass(frozen=True)
class Contrast:
    """A group's ``value`` against ``other``: of users the rest, of items the share that is due.

    ``gap`` is value - other, ``ratio`` value / other (NaN where other is 0 or may be). ``users`` is how many users
    the numbers rest on. ``p`` is of the hypothesis that the gap is 0; ``adjusted`` the same when all hypotheses of
    the family are tested at once.
    """

    group: str
    users: int
    value: Estimate
    other: Estimate
    gap: Estimate
    ratio: Estimate
    p: float
    adjusted: float


@dataclass(frozen=True)
class Skipped:
    """A group that is too small to be compared, or whose rest is: how many users either has."""

    group: str
    users: int
    rest: int


@dataclass(frozen=True)
class Contrasts:
    """All groups of one attribute in one number.

    ``largest`` is the largest absolute gap there is, of users between any two groups, of items between a group and
    its due; its interval counts with having searched for it; None without two groups (one, of items). ``skipped``
    have fewer than ``minimum`` users. ``unknown`` users (items) have no group and are in no number.
    ``mirrored``: there are two groups, each the other's rest, so both contrasts are one hypothesis.
    """

    contrasts: tuple[Contrast, ...]
    skipped: tuple[Skipped, ...]
    minimum: int
    unknown: int
    largest: Estimate | None
    mirrored: bool

    def __getitem__(self, group: str) -> Contrast:
        """A group's contrast.

        Raises:
            KeyError: the group was not compared.
        """
        return {each.group: each for each in self.contrasts}[group]

    @property
    def p(self) -> float:
        """The smallest adjusted p; 1 without a contrast."""
        return min((each.adjusted for each in self.contrasts), default=1.0)
