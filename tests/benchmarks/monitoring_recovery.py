"""After a drift: the quality of the old champion's lists over weeks, beside that of a model that learned anew."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from swayrec.operations.exposures import Exposure
from swayrec.operations.monitoring.watching import Watch
from swayrec.operations.monitoring.window import Window, time
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset
from swayrec.tables.log import DAY
from tests.benchmarks.kept_lists import keep
from tests.benchmarks.monitoring_faults import within
from tests.benchmarks.monitoring_logs import Log
from tests.benchmarks.monitoring_replay import SECRET, Replay, ingested, looked

BEFORE, AFTER = 5, 8
"""Weeks looked at before a drift and after it."""

VISITS = 400
"""Lists a week."""

FIRST = 60.0
BATCH = 64
PLACES = 12


@dataclass(frozen=True)
class Curves:
    """NDCG@10 by week and model, as monitoring computes it; the verdicts on the old champion; when it was replaced."""

    weeks: tuple[Window, ...]
    ndcg: Mapping[str, Sequence[float]]
    verdicts: Sequence[str]
    drift: int
    retrained: int


def recovery(replay: Replay, drift: int, texts: Path, patience: int = 2) -> Curves:
    """Half of the items' ids change their meaning where week ``drift`` begins, and never change back.

    The old champion learned until ``BEFORE`` weeks before; the new one from all until the end of the week in which
    monitoring asked for it, or where it did not of the ``patience``-th week after the drift.
    """
    weeks = replay.weeks[drift - BEFORE : drift + AFTER]
    watch = replay.trained(weeks[0], texts)
    folder = watch.reference.parent
    path = replay.log.write(
        folder / "raw", ids_swapped(replay.log, Window(weeks[BEFORE].start, replay.weeks[-1].end))
    )
    drifted = ingested(path, folder / "drifted")
    old = _fitted(path, folder / "old", weeks[0].start)
    ndcg, verdicts = {}, {}
    for name, data in (("no drift", replay.dataset), ("old champion", drifted)):
        shown = folder / name
        for week in weeks:
            _answers(old, shown, watch, data, week)
        told = looked(replace(watch, dataset=data, shown=shown), weeks, folder / f"series {name}")
        ndcg[name] = [_ndcg(each) for each in told]
        verdicts[name] = [each["verdict"] for each in told]
    asked = [
        place for place, said in enumerate(verdicts["old champion"]) if said == "retrain" and place >= BEFORE
    ]
    ready = (asked[0] if asked else BEFORE + patience - 1) + 1
    new = _fitted(path, folder / "new", weeks[ready].start)
    shown = folder / "retrained"
    for week in weeks[ready:]:
        _answers(new, shown, watch, drifted, week)
    told = looked(
        replace(watch, champion=2, dataset=drifted, shown=shown), weeks[ready:], folder / "series new"
    )
    ndcg["retrained"] = [float("nan")] * ready + [_ndcg(each) for each in told]
    shutil.rmtree(folder)
    return Curves(tuple(weeks), ndcg, verdicts["old champion"], BEFORE, ready)


def ids_swapped(log: Log, span: Window) -> str:
    """Half of the items exchange their ids in pairs: a catalogue that was numbered anew by a half."""
    query = log.files[log.events]
    return f"""
        WITH raw AS ({query}), half AS (
            SELECT {log.item} AS id, row_number() OVER (ORDER BY hash({log.item})) - 1 AS n
            FROM (SELECT DISTINCT {log.item} FROM raw) WHERE hash({log.item}) % 2 = 0
        ), pairs AS (SELECT a.id AS before, b.id AS after FROM half a JOIN half b ON b.n = xor(a.n, 1))
        SELECT r.* REPLACE (coalesce(after, {log.item}) AS {log.item}) FROM raw r
        LEFT JOIN pairs ON {within(log, span)} AND before = {log.item}
        """


def _fitted(path: Path, folder: Path, until: float) -> Path:
    """A model by the steps of a training: the closed form, fitted on what came before an instant, and exported."""
    from tests.operations.monitoring.shop import champion

    data = ingested(path, folder / "data", time(until))
    champion(scenarios.load(path), data, folder / "model")
    return folder / "model"


def _answers(model: Path, shown: Path, watch: Watch, dataset: Dataset, week: Window) -> None:
    """The model's lists for people who come in a week, with what each had done by then."""
    from swayrec.learning.closed_intent import moments
    from swayrec.learning.export import ExportedModel
    from swayrec.learning.queries import queries
    from swayrec.tables.history import history

    asked = ExportedModel.load(model)
    log = dataset.log(watch.scenario)
    log = log.where(log.time < week.end)
    drawn = moments(log, watch.scenario.targets, VISITS, seed=0, after=week.start)
    order = np.argsort(drawn.now, kind="stable")
    lists = []
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        pasts = history(log, drawn.users[part], drawn.before[part], asked.metadata.history)
        answer = asked.recommend(queries(log, pasts, drawn.now[part]))
        for row, visit in enumerate(part):
            items, scores = answer["item"][row][:PLACES].tolist(), answer["score"][row][:PLACES].tolist()
            user = str(log.users[drawn.users[visit]])
            one = Exposure(f"{week.name}-{visit}", user, items, scores, int(week.start - DAY), "full", ())
            lists.append((float(drawn.now[visit]) - FIRST, one))
    keep(shown, SECRET, lists)


def _ndcg(verdict: dict) -> float:
    return float(verdict["online"]["ndcg"]) if verdict["online"] else float("nan")
