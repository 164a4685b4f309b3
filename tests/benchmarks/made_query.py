"""A question to a made model, as a user with so many rows of history makes it."""

from swayrec.learning.signature import Metadata, Query


def made_query(shape: Metadata, rows: int) -> Query:
    """``rows`` different items, an hour apart."""
    rows = min(rows, shape.history)
    now = shape.until or 1.7e9
    history: dict[str, list] = {
        "item": [f"i{row}" for row in range(rows)],
        "behavior": [shape.behaviors[row % len(shape.behaviors)] for row in range(rows)],
        "time": [now - 3600.0 * row for row in range(rows)],
        "order": list(range(rows, 0, -1)),
        "count": [1.0] * rows,
        "value": [float("nan")] * rows,
    }
    return Query(history=history, now=now, now_order=rows + 1)
