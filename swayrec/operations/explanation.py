"""What swayed one user, from the exported model and the dataset's history."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from swayrec.operations import batch
from swayrec.operations.current import Current
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError


def explained(current: Current, user: str, item: str | None = None) -> dict[str, Any]:
    """Every event's share in an item's score for a user, the intent after it, and the named rest.

    Args:
        item: what to explain; None = the user's best recommendation.

    Raises:
        InputError: the user or the item is unknown.
    """
    from swayrec.learning.export import ExportedModel

    dataset = Dataset(current.dataset)
    log = dataset.log(scenarios.load(current.scenario))
    if user not in set(log.users):
        raise InputError(f"there is no user {user} among the events; give an id as the raw events have it")
    model = ExportedModel.load(current.model)
    [query] = batch.user_queries(log, [user], model.metadata)
    best = model.recommend([query])
    target = item if item is not None else best["item"][0, 0]
    answer = {name: values[0] for name, values in model.explain([replace(query, target=target)]).items()}
    if answer["score"] != answer["score"]:
        raise InputError(f"the model does not know item {target}; give one of its catalogue")
    table = dataset.items().select(["item_id", "title"])
    titles = {id_: title or id_ for id_, title in zip(*table.to_pydict().values(), strict=True)}
    past = query.history
    length = min(len(past["item"]), model.metadata.history)
    return {
        "user_id": user,
        "item_id": target,
        "title": titles.get(target, target),
        "score": float(answer["score"]),
        "intent": dict(zip(model.metadata.targets, map(float, best["intent"][0]), strict=True)),
        "events": [
            {
                "item_id": past["item"][row],
                "title": titles.get(past["item"][row], past["item"][row]),
                "behavior": past["behavior"][row],
                "time": _iso(past["time"][row]),
                "count": round(past["count"][row]),
                "influence": float(answer["share"][row]),
                # No sigmoid is 0: that stands where the model looked no further back.
                "intent": float(answer["intent"][row]) or None,
            }
            for row in range(length)
        ],
        "rest": dict(zip(model.metadata.rest, map(float, answer["rest"]), strict=True)),
    }


def _iso(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds == seconds else None
