"""What people took from the lists of each side of an experiment: exposures joined to what was posted later."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from swayrec.operations import exposures
from swayrec.operations.experiment import Side

Pair = tuple[str, str]
"""A request, and an item that was taken after its answer."""

Posted = Callable[[str, float], AbstractContextManager[Callable[[], Iterable[Pair]]]]
"""Opens the intake's log of a scenario, by its name, from an instant on: each call gives the pairs that are new."""


def nothing_posted(scenario: str, instant: float) -> AbstractContextManager[Callable[[], Iterable[Pair]]]:
    """Where there is no intake."""
    return nullcontext(lambda: ())


@dataclass(frozen=True)
class Taken:
    """``lists`` shown, and of how many of them something that stood in it was taken afterwards."""

    lists: int
    taken: int


def taken(folder: Path, pairs: Collection[Pair], experiment: str, since: float) -> dict[Side, Taken]:
    """Both sides of an experiment since an instant.

    Args:
        folder: of the exposures.
        pairs: a set of all that was posted since then.
        experiment: its name.
        since: epoch seconds.
    """
    lists: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    for side, request, items in exposures.of_experiment(folder, experiment, since):
        lists[side] += 1
        hit[side] += any((request, item) in pairs for item in items)
    return {
        "champion": Taken(lists["champion"], hit["champion"]),
        "challenger": Taken(lists["challenger"], hit["challenger"]),
    }
