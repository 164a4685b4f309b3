"""The sums that influence is solved from, by the engine that was chosen: in this process, or on Spark's workers."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from swayrec.learning.by_parts import Over, Whole, sums_by_parts
from swayrec.learning.layout import Layout
from swayrec.learning.rows import Sums, sums
from swayrec.operations.training.stages import Stage
from swayrec.tables.engine import chosen, spark_session
from swayrec.tables.numbered_log import numbered_parts
from swayrec.tables.scenario import Scenario

EVENTS = 1_000_000
"""Events of a part, about. Fixed, so that sums do not depend on how many workers there happen to be."""


def collected(
    stage: Stage, scenario: Scenario, layout: Layout, say: Callable[[str], None], engine: str | None = None
) -> Sums:
    """The sums of a stage's choices.

    DuckDB's are added up in this process from the log at once: parts would save it no memory, since the item tables
    are made from all of the log and the rows come batch by batch anyway.

    Args:
        stage: whose log is fitted on.
        scenario: its choices, levels and candidates.
        layout: the columns.
        say: told how it goes on.
        engine: one of ``engine.ENGINES``; None = what SWAYREC_ENGINE names.

    Raises:
        InputError: there is no such engine, or it is not installed.
        ValueError: the log has no choice to learn from.
    """
    if chosen(engine) == "duckdb":
        return sums(stage.log, stage.now, scenario, layout, stage.catalogue, say)
    from swayrec.learning.spark_parts import SparkParts

    over = SparkParts(spark_session())
    # Where TMPDIR is, the workers see it too: the tables that they made lay there.
    with tempfile.TemporaryDirectory(prefix="swayrec-parts-") as work:
        return added_up(stage, scenario, layout, Path(work), over, say)


def added_up(
    stage: Stage,
    scenario: Scenario,
    layout: Layout,
    work: Path,
    over: Over,
    say: Callable[[str], None],
    events: int = EVENTS,
) -> Sums:
    """The same from parts of about so many events, which lie in the folder ``work`` meanwhile."""
    parts = numbered_parts(stage.log, work, events)
    say(f"{len(parts)} parts of the users, mapped")
    log = stage.log
    whole = Whole(tuple(log.items), stage.now, len(log.users), scenario, layout)
    return sums_by_parts(whole, log, parts, stage.catalogue, over)
