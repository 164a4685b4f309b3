"""What was shown in a window, in numbers: levels of answers, ages of tables, categories and what was taken, scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from swayrec.operations.monitoring.families import place_of_category
from swayrec.operations.monitoring.sql import binned, laid, named, quoted
from swayrec.operations.monitoring.tally import GROUPS, Counts
from swayrec.tables.engine import put

LEVELS = ("full", "cold", "session", "category", "popular")
FALLEN = ("category", "popular")
"""Levels of answers that no model gave."""

EPOCH = 1_000_000_000
"""Model versions from here on are epoch seconds of an export."""


def prepared(engine: Any, exposures: pa.Table, variant: str = "") -> int:
    """Makes exposures known to a connection, as ``shown`` (a row an item) and ``lists`` (a row an answer).

    ``events`` and ``items`` must be known already.

    Args:
        engine: a connection.
        exposures: what was shown.
        variant: only those of this side of an experiment. Empty = all but those of any experiment's challenger.

    Returns:
        How many answers there are.
    """
    put(engine, "exposures", exposures)
    of_side = (
        f"variant = {quoted(variant)}" if variant else "variant IS NULL OR variant NOT LIKE '%/challenger'"
    )
    engine.raw_sql(
        f"""
        CREATE OR REPLACE TEMP TABLE shown AS
        SELECT request_id, "user" AS person, item_id, position, score, level, timestamp AS moment,
            TRY_CAST(model_version AS BIGINT) AS made,
            (hash(CASE WHEN "user" = '' THEN request_id ELSE "user" END) % {GROUPS})::INT AS g
        FROM exposures WHERE {of_side}
        """
    ).fetchall()
    engine.raw_sql(
        """
        CREATE OR REPLACE TEMP TABLE lists AS
        SELECT request_id, moment, any_value(person) AS person, any_value(level) AS level, any_value(made) AS made,
            any_value(g) AS g
        FROM shown GROUP BY request_id, moment
        """
    ).fetchall()
    [(count,)] = engine.raw_sql("SELECT count(*) FROM lists").fetchall()
    return int(count)


def shown_counts(
    engine: Any, since: float, categories: Sequence[str], edges: Sequence[float]
) -> dict[str, Counts]:
    """The families ``levels``, ``ages`` (days, and answers whose model's age is known), ``shown`` and ``scores``.

    Args:
        engine: after :func:`prepared`.
        since: only what was shown from then on, epoch seconds.
        categories: the labels of ``shown``.
        edges: of the bins of ``scores``; () = scores are not counted.
    """
    within = f"WHERE moment >= to_timestamp({since!r})"
    found = {
        "levels": _counted(engine, LEVELS, named("level", LEVELS), f"lists {within}"),
        "ages": _ages(engine, within),
        "shown": _counted(
            engine,
            categories,
            place_of_category(categories),
            f"shown LEFT JOIN items USING (item_id) {within}",
        ),
    }
    if edges:
        labels = (*(f"below {edge:g}" for edge in edges), f"from {edges[-1]:g}")
        found["scores"] = _counted(engine, labels, binned("score", edges), f"shown {within}")
    return found


def exposure_counts(engine: Any, shown: Counts) -> Counts:
    """The family ``exposure``: how many items of each category were shown, and then of each how many were taken.

    Args:
        engine: after :func:`prepared` and :func:`~.outcomes.joined`.
        shown: the family ``shown``.
    """
    taken = _counted(
        engine,
        shown.labels,
        place_of_category(shown.labels),
        f"(SELECT *, (hash(person) % {GROUPS})::INT AS g FROM acts WHERE is_target) LEFT JOIN items USING (item_id)",
    )
    return Counts((*shown.labels, *taken.labels), np.concatenate([shown.sums, taken.sums], axis=-1))


def _counted(engine: Any, labels: Sequence[str], place: str, of: str) -> Counts:
    rows = engine.raw_sql(
        f"SELECT 0 AS k, g, label, count(*) AS n FROM (SELECT g, {place} AS label FROM {of}) "
        "WHERE label IS NOT NULL GROUP BY ALL"
    ).fetchnumpy()
    return Counts(tuple(labels), laid(rows, 1, GROUPS, len(labels)))


def _ages(engine: Any, within: str) -> Counts:
    rows = engine.raw_sql(
        "SELECT g, sum((epoch(moment) - made) / 86400) AS days, count(*) AS answers FROM lists "
        f"{within} AND made >= {EPOCH} GROUP BY g"
    ).fetchnumpy()
    sums = np.zeros((1, GROUPS, 2))
    sums[0, np.asarray(rows["g"], np.int64)] = np.column_stack([rows["days"], rows["answers"]])
    return Counts(("days", "answers"), sums)


def served(found: Mapping[str, Counts]) -> dict[str, float] | None:
    """What serving did, for people: answers by level (shares), and the mean age of the model's tables in days.

    None = nothing was shown; no age where it is not known.
    """
    if "levels" not in found or not found["levels"].sums.sum():
        return None
    counts = found["levels"].sums.sum((0, 1))
    told = {
        level: float(count / counts.sum())
        for level, count in zip(found["levels"].labels, counts, strict=True)
    }
    days, answers = found["ages"].sums.sum((0, 1))
    return {**told, "age_days": float(days / answers)} if answers else told
