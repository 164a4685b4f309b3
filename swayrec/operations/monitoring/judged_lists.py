"""The lists that a window judges as arrays, people and items by number: what fairness and variety are told from."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from swayrec.evaluation.fairness import Groups, Shown, Wanted
from swayrec.operations.monitoring.outcomes import K, ranked
from swayrec.operations.monitoring.sql import identifier, quoted
from swayrec.operations.monitoring.tally import GROUPS


@dataclass(frozen=True)
class JudgedLists:
    """L lists, their first K places.

    ``ranked`` int64[L, K] are items, -1 after the last; ``person`` int64[L] whose list each is (a list without a user
    is somebody of its own), ``g`` int64[L] that one's group of users, ``ndcg`` float64[L], NaN where nothing was taken
    after it. ``wanted`` are all target events of the time, whatever led to them. ``category`` are the groups of items,
    ``people`` those of persons by attribute. ``known`` float64[items] is how many of ``among`` users had each item
    before the window.
    """

    ranked: np.ndarray
    person: np.ndarray
    g: np.ndarray
    ndcg: np.ndarray
    wanted: Wanted
    category: Groups
    people: dict[str, Groups]
    known: np.ndarray
    among: int

    @property
    def shown(self) -> Shown:
        """The placements."""
        return Shown.of_lists(self.ranked, self.person, K)

    @property
    def items(self) -> int:
        """How many items there are."""
        return len(self.known)


def judged_lists(engine: Any, start: float, users: str, attributes: tuple[str, ...]) -> JudgedLists:
    """Reads them.

    Args:
        engine: after :func:`~.outcomes.outcome_counts`.
        start: of the window, epoch seconds: what people had before is known.
        users: path of the users' table.
        attributes: the columns that make groups of users.
    """
    _number(engine)
    lists = engine.raw_sql(
        "SELECT w.person, j.g, coalesce(a.ndcg, 'nan'::DOUBLE) AS ndcg FROM whose j JOIN whos w USING (who) "
        "LEFT JOIN answered a USING (place) ORDER BY place"
    ).fetchnumpy()
    rows = engine.raw_sql(
        "SELECT j.place, n.item, min(s.position) AS position FROM whose j JOIN shown s USING (request_id, moment) "
        f"JOIN numbered n USING (item_id) WHERE s.position <= {K} GROUP BY ALL"
    ).fetchnumpy()
    wanted = engine.raw_sql(
        "SELECT w.person, n.item, count(*)::DOUBLE AS weight FROM acts a JOIN whos w ON w.who = a.person "
        "JOIN numbered n USING (item_id) WHERE a.is_target GROUP BY ALL ORDER BY ALL"
    ).fetchnumpy()
    labels = [row[0] for row in engine.raw_sql("SELECT category FROM numbered ORDER BY item").fetchall()]
    known = engine.raw_sql(
        "SELECT item, count(DISTINCT user_id) AS users FROM events JOIN numbered USING (item_id) "
        f"WHERE timestamp < to_timestamp({start!r}) GROUP BY item"
    ).fetchnumpy()
    [(among,)] = engine.raw_sql(
        f"SELECT count(DISTINCT user_id) FROM events WHERE timestamp < to_timestamp({start!r})"
    ).fetchall()
    size = len(lists["g"])
    had = np.zeros(len(labels))
    had[known["item"].astype(np.int64)] = known["users"]
    return JudgedLists(
        ranked=ranked(np.arange(size), size, rows, rows["item"].astype(np.int64)),
        person=lists["person"].astype(np.int64),
        g=lists["g"].astype(np.int64) % GROUPS,
        ndcg=lists["ndcg"].astype(np.float64),
        wanted=Wanted(
            wanted["person"].astype(np.int64), wanted["item"].astype(np.int64), wanted["weight"].astype(float)
        ),
        category=Groups.of(labels),
        people=_people(engine, users, attributes),
        known=had,
        among=int(among),
    )


def _number(engine: Any) -> None:
    """Numbers the items that there are, were shown or were taken, and the people who were shown or took any."""
    for statement in (
        """
        CREATE OR REPLACE TEMP TABLE whose AS
        SELECT place, request_id, moment, g, CASE WHEN person = '' THEN request_id ELSE person END AS who FROM judged
        """,
        """
        CREATE OR REPLACE TEMP TABLE whos AS
        SELECT who, row_number() OVER (ORDER BY who) - 1 AS person
        FROM (SELECT who FROM whose UNION SELECT person FROM acts WHERE is_target)
        """,
        """
        CREATE OR REPLACE TEMP TABLE numbered AS
        SELECT item_id, any_value(category) AS category, row_number() OVER (ORDER BY item_id) - 1 AS item
        FROM (SELECT item_id, category FROM items UNION ALL SELECT item_id, NULL FROM shown
            UNION ALL SELECT item_id, NULL FROM acts WHERE is_target)
        GROUP BY item_id
        """,
    ):
        engine.raw_sql(statement).fetchall()


def _people(engine: Any, users: str, attributes: tuple[str, ...]) -> dict[str, Groups]:
    if not attributes:
        return {}
    columns = ", ".join(f"any_value(u.{identifier(name)})" for name in attributes)
    rows = engine.raw_sql(
        f"SELECT {columns} FROM whos w LEFT JOIN people p ON p.person = w.who "
        f"LEFT JOIN read_parquet({quoted(users)}) u ON u.user_id = p.user_id GROUP BY w.person ORDER BY w.person"
    ).fetchall()
    return {name: Groups.of([row[place] for row in rows]) for place, name in enumerate(attributes)}
