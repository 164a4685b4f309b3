"""The rules by which a canary is let in: pure arithmetic on what was measured."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scipy.stats import beta

from swayrec.operations.rollout.measured import Measured
from swayrec.operations.rollout.taken import Taken

_SURE = 0.99
"""How sure it has to be that a side is worse before a small canary is stopped."""


@dataclass(frozen=True)
class Limits:
    """What a canary may cost: shares are absolute differences to the champion's, ``slower`` is a ratio.

    ``quick`` is a p99 in seconds below which no ratio counts; ``least`` the number of questions to the challenger below
    which nothing is decided; ``taken`` the ratio of shares of lists that something was taken from.
    """

    failures: float = 0.01
    poorer: float = 0.01
    slower: float = 1.5
    quick: float = 0.1
    taken: float = 0.9
    least: int = 200


def worse(champion: Measured, challenger: Measured, limits: Limits) -> list[str]:
    """Why the challenger must go, in words; empty where nothing speaks against it by now.

    A share counts as worse where all of what it may be, with 99 % on the lower side, lies above the champion's and the
    limit (Clopper and Pearson's bound): a single failure among the first ten questions stops nothing yet.
    """
    found = []
    shares: Sequence[tuple[str, float, Callable[[Measured], float]]] = (
        ("have no answer", limits.failures, lambda side: side.failures),
        ("are answered from less than there is", limits.poorer, lambda side: side.poorer),
    )
    for told, limit, of in shares:
        mine, its = _share(of(challenger), challenger.questions), _share(of(champion), champion.questions)
        if _at_least(of(challenger), challenger.questions) > its + limit:
            found.append(f"{mine:.1%} of the questions to the challenger {told}, {its:.1%} of the champion's")
    slow = challenger.p99 > max(limits.slower * champion.p99, limits.quick)
    if challenger.questions >= limits.least and slow:
        found.append(f"the challenger's p99 is {challenger.p99:.3f} s, the champion's {champion.p99:.3f} s")
    return found


def less_taken(champion: Taken, challenger: Taken, limits: Limits) -> list[str]:
    """Why the challenger must go for what people took from its lists, in words; empty where nothing speaks against it.

    By the difference of the logarithms of both shares and its standard error (delta method), one-sided at 99 %.
    """
    if not (champion.lists and challenger.lists and champion.taken):
        return []
    its, mine = champion.taken / champion.lists, challenger.taken / challenger.lists
    # Half a list more keeps the logarithm of nothing finite.
    error = math.sqrt(
        sum((1 - share) / (taken + 0.5) for share, taken in ((its, champion.taken), (mine, challenger.taken)))
    )
    ratio = math.log((challenger.taken + 0.5) / (challenger.lists + 1)) - math.log(
        (champion.taken + 0.5) / (champion.lists + 1)
    )
    if ratio + 2.326 * error < math.log(limits.taken):
        return [
            f"something was taken from {mine:.1%} of the challenger's {challenger.lists} lists, "
            f"from {its:.1%} of the champion's"
        ]
    return []


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _at_least(part: float, whole: float) -> float:
    """The lower bound of a share."""
    if part <= 0 or whole <= 0:
        return 0.0
    return float(beta.ppf(1 - _SURE, part, max(whole - part, 0) + 1))
