"""A window beside what is usual: what the checks of events look at."""

from collections.abc import Mapping
from dataclasses import dataclass

from swayrec.operations.monitoring.baseline import Usual
from swayrec.operations.monitoring.tally import Counts


@dataclass(frozen=True)
class SeenWindow:
    """The families of a window now, and in the usual windows; ``sample`` is how many events and users it has."""

    now: Mapping[str, Counts]
    usual: Mapping[str, Usual]
    sample: Mapping[str, int]
    weeks: bool
    """Whether it is whole weeks, so that days of the week can be compared."""
