"""Rows that the ingest refused, by window: unknown behaviors and items, values that are none, repeated ids."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from swayrec.operations.monitoring.sql import laid, named
from swayrec.operations.monitoring.tally import GROUPS, Counts
from swayrec.operations.monitoring.window import Window, time
from swayrec.tables import columns, quarantine
from swayrec.tables.dataset import QUARANTINE, Dataset
from swayrec.tables.engine import put
from swayrec.tables.posted import OF_EVENTS, Posted
from swayrec.tables.scenario import Scenario
from swayrec.tables.scenario_sources import EventSource

KEPT, OTHERS = "kept", "other reasons"
LABELS = (
    KEPT,
    quarantine.BEHAVIOR,
    quarantine.ITEM,
    quarantine.USER,
    quarantine.VALUE,
    quarantine.DUPLICATE,
    OTHERS,
)
_REASON = 1
"""Which column of a quarantine's file says why; the raw ones follow."""


def refused_counts(
    engine: Any, dataset: Dataset, scenario: Scenario, windows: Sequence[Window], kept: Counts
) -> Counts:
    """The family ``refused``: rows of the windows by reason, beside the events that were kept.

    A row whose time could not be read is in no window.

    Args:
        engine: a connection.
        dataset: its quarantine.
        scenario: which column of a source is what.
        windows: of one length, oldest first.
        kept: the family ``behaviors`` of the same windows.
    """
    sums = np.zeros((len(windows), GROUPS, len(LABELS)))
    sums[:, :, 0] = kept.sums.sum(2)
    for source in _sources(dataset, scenario):
        path = dataset.folder / QUARANTINE / f"{source.name}.csv"
        if source.time is None or not path.exists():
            continue
        table = _read(path, source)
        put(engine, "refused_rows", table)
        rows = engine.table("refused_rows")
        moment = columns.instant(rows.moment, source.time_unit, source.time_zone)
        put(engine, "refused", rows.select("reason", "person", at=moment).to_pyarrow())
        start, length = windows[0].start, windows[0].end - windows[0].start
        found = engine.raw_sql(
            f"""
            SELECT floor((epoch("at") - {start!r}) / {length!r})::INT AS k, (hash(person) % {GROUPS})::INT AS g,
                {named("reason", LABELS, LABELS.index(OTHERS))} AS label, count(*) AS n
            FROM refused WHERE "at" >= '{time(start)}' AND "at" < '{time(windows[-1].end)}' GROUP BY ALL
            """
        ).fetchnumpy()
        sums += laid(found, len(windows), GROUPS, len(LABELS))
    return Counts(LABELS, sums)


def _sources(dataset: Dataset, scenario: Scenario) -> list[EventSource]:
    posted = Posted(dataset.folder).source().model_copy(update={"name": OF_EVENTS})
    return [*scenario.events, posted]


def _read(path: Any, source: EventSource) -> pa.Table:
    """``reason``, ``person`` and ``moment`` of a quarantine's file, as text."""
    with path.open("rb") as file:
        names = pa_csv.open_csv(file).schema.names
    told = pa_csv.read_csv(
        path,
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )

    def raw(name: str) -> pa.ChunkedArray:
        # A raw column may be called like one of the two before it.
        return told.column(len(names) - 1 - names[::-1].index(name))

    return pa.table(
        {"reason": told.column(_REASON), "person": raw(source.user), "moment": raw(str(source.time))}
    )
