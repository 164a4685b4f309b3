"""The rules after ranking: what is taken off a ranked list, and how long it may be.

Every door (transformer, batch, BentoML) applies these and no others.
"""

from collections.abc import Collection, Mapping, Sequence


def seen(history: Mapping[str, Sequence], behaviors: Collection[str]) -> list[str]:
    """The items that a user's past takes off the list, each once, newest first.

    Args:
        history: parallel lists ``item`` and ``behavior``, newest first; an empty mapping = no past.
        behaviors: the behaviors that take an item off (``seen`` of the scenario).

    >>> seen({"item": ["b", "a", "b"], "behavior": ["buy", "view", "buy"]}, {"buy"})
    ['b']
    """
    rows = zip(history.get("item", ()), history.get("behavior", ()), strict=True)
    return list(dict.fromkeys(item for item, behavior in rows if behavior in behaviors))


def kept(ranking: Sequence[str], dropped: Collection[str], k: int) -> list[int]:
    """The places in a ranking of the first ``k`` items that may be shown.

    ``dropped`` is everything that was to be excluded: the model has dropped the first E of it already, what
    lies beyond E is dropped here. '' is the model's padding. No item is shown twice.

    >>> kept(["a", "b", "", "c", "a"], {"b"}, 2)
    [0, 3]
    """
    gone = set(dropped)
    places: list[int] = []
    for place, item in enumerate(ranking):
        if len(places) == k:
            break
        if item and item not in gone:
            gone.add(item)
            places.append(place)
    return places
