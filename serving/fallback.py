"""What can be shown when the predictor has no answer: lists of what everyone takes."""

from collections.abc import Collection, Mapping, Sequence

from serving.popular import Entry, Popular
from serving.sources import Card
from swayrec.learning.categories import within


def by_category(lists: Popular, asked: Sequence[str], taste: Sequence[str]) -> Sequence[Entry]:
    """The best of a category; empty where there is no such list.

    Args:
        lists: what everyone takes.
        asked: the categories that the question keeps to; nothing else is shown then.
        taste: where it asks for none, those of the user's newest items; everything follows behind them.
    """
    shelf = lists.of(asked or taste)
    if shelf and not asked:
        shelf = (*shelf, *lists.everything)
    return shelf


def among(
    lists: Popular,
    candidates: Sequence[str],
    cards: Mapping[str, Card],
    asked: Collection[str],
    dropped: Collection[str],
) -> tuple[list[Entry], list[str]]:
    """The candidates, the popular ones first, then those in no list, in the caller's order.

    Args:
        lists: what everyone takes.
        candidates: nothing else is shown.
        cards: what the store knows of the candidates; empty while it is down.
        asked: the categories that the question keeps to; () = all.
        dropped: what must not be shown, and so is not called unknown.

    Returns:
        Those that are known, best first, and the candidates that neither lists nor store know.
    """
    known = {
        item: lists.entries.get(item) or Entry(item, cards[item].title, cards[item].category, 0.0)
        for item in dict.fromkeys(candidates)
        if item in lists.entries or item in cards
    }
    fit = [entry for entry in known.values() if not asked or within(entry.category, asked)]
    order = {entry.item_id: place for place, entry in enumerate(lists.everything)}
    best = sorted(fit, key=lambda entry: (order.get(entry.item_id, len(order)), -entry.score))
    gone = set(dropped)
    unknown = [item for item in dict.fromkeys(candidates) if item not in known and item not in gone]
    return best, unknown
