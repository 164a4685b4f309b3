"""What must not be listed: items that a behavior of the scenario takes off the list."""

from collections.abc import Sequence

import numpy as np

from swayrec.evaluation.parts import Part


def unwanted(part: Part, seen: Sequence[str]) -> list[np.ndarray] | None:
    """The items that each case's user met with a ``seen`` behavior before its instant, newest first.

    Args:
        part: its known log and its cases.
        seen: the behaviors that take an item off the list.

    Returns:
        One int32 array of distinct item indices a case; None where no behavior takes anything off.
    """
    if not seen:
        return None
    met = part.known.where(part.known.is_behavior(seen))
    lists = []
    for start, stop in zip(*met.spans(part.cases.users, part.cases.before), strict=True):
        newest_first = met.item[start:stop][::-1]
        _, first = np.unique(newest_first, return_index=True)
        lists.append(newest_first[np.sort(first)])
    return lists
