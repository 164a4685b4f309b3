"""What can be shown when the predictor has no answer: lists of what everyone takes."""

from collections.abc import Collection, Sequence

from serving.popular import Entry, Popular
from swayrec.operations import policy


def by_category(
    lists: Popular, asked: Sequence[str], taste: Sequence[str], dropped: Collection[str], k: int
) -> list[Entry]:
    """The best of a category; empty where there is no such list.

    Args:
        lists: what everyone takes.
        asked: the categories that the question keeps to; nothing else is shown then.
        taste: where it asks for none, those of the user's newest items; everything follows behind them.
        dropped: what must not be shown.
        k: how many.
    """
    shelf = lists.of(asked or taste)
    if shelf and not asked:
        shelf = (*shelf, *lists.everything)
    return _shown(shelf, dropped, k)


def of_everything(lists: Popular, excluded: Collection[str], seen: Collection[str], k: int) -> list[Entry]:
    """The best of everything; rather something seen than nothing, but never what was excluded."""
    return _shown(lists.everything, [*excluded, *seen], k) or _shown(lists.everything, excluded, k)


def among(lists: Popular, candidates: Sequence[str], dropped: Collection[str], k: int) -> list[Entry]:
    """The candidates, the popular ones first; then those that no list holds, in the caller's order."""
    listed = {entry.item_id: entry for entry in lists.everything}
    first = [entry for item, entry in listed.items() if item in set(candidates)]
    rest = [Entry(item, item, "", 0.0) for item in candidates if item not in listed]
    return _shown([*first, *rest], dropped, k)


def _shown(entries: Sequence[Entry], dropped: Collection[str], k: int) -> list[Entry]:
    return [entries[place] for place in policy.kept([entry.item_id for entry in entries], dropped, k)]
