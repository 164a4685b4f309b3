"""One window looked at whole: every check that can be judged, what could not be and why, and the verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from swayrec.operations import exposures
from swayrec.operations.monitoring import notes, wording
from swayrec.operations.monitoring.baseline import Baseline, NoBaselineError
from swayrec.operations.monitoring.checks import OF_EVENTS, OF_SHOWN, outcome
from swayrec.operations.monitoring.evidence import FEWEST_USUAL
from swayrec.operations.monitoring.looking import seen_window
from swayrec.operations.monitoring.of_lists import of_lists
from swayrec.operations.monitoring.outcomes import ANSWERED, LISTS, clock_counts, joined, outcome_counts
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.scales import NONE, OTHER
from swayrec.operations.monitoring.seen_window import SeenWindow
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.series import SCHEMA, Series, Verdict, measured
from swayrec.operations.monitoring.shown import exposure_counts, prepared, served, shown_counts
from swayrec.operations.monitoring.tally import Counts, tables
from swayrec.operations.monitoring.text_vectors import Encode
from swayrec.operations.monitoring.verdict import State, decided
from swayrec.operations.monitoring.window import Window, time
from swayrec.tables.dataset import EVENTS, ITEMS, Dataset
from swayrec.tables.log import DAY
from swayrec.tables.scenario import Scenario
from swayrec.tables.scenario_monitoring import Check

SIDES = ("champion", "challenger")
"""Of an experiment; also the families of what came of each side's lists."""

KEPT = ("shown", "exposure", "scores", "outcomes")
"""Families that a verdict keeps: they say what is usual of a champion."""

OfModel = Callable[[Window], Mapping[Check, Result | None]]
"""The checks that ask the model: influence and intent."""


@dataclass(frozen=True)
class Watch:
    """What a scenario's monitoring looks at.

    ``champion`` is the registry's version that serves, ``reference`` the folder of what was usual at its training,
    ``shown`` of what was shown; ``secret`` the key of pseudonyms. ``encode`` is the language model as it is now (None
    = texts are not compared by vectors), ``of_model`` the checks that ask the model, ``edges`` the bins of scores,
    ``canary`` the name of the experiment that runs ('' = none does).
    """

    scenario: Scenario
    dataset: Dataset
    champion: int
    reference: Path
    shown: Path
    secret: bytes
    encode: Encode | None = None
    of_model: OfModel | None = None
    edges: tuple[float, ...] = ()
    canary: str = ""


def watched(
    engine: Any,
    watch: Watch,
    window: Window,
    series: Series,
    made: datetime,
    further: Sequence[Sentence] = (),
) -> Verdict:
    """The verdict on a window, as JSON knows it; it is not written yet.

    Args:
        engine: a connection.
        watch: what is looked at.
        window: which.
        series: the verdicts so far.
        made: the time that the verdict names.
        further: what is to be told beside what is found here.
    """
    tables(engine, str(watch.dataset.folder / EVENTS), str(watch.dataset.folder / ITEMS))
    told: list[Sentence] = [*further, *series.damaged]
    usual: Baseline | None = None
    try:
        usual = Baseline.read(watch.reference)
    except NoBaselineError as error:
        told.append(error.sentence)
    results: dict[Check, Result | None] = {}
    counts: dict[str, Any] = {}
    if usual is not None:
        seen = seen_window(engine, watch.scenario, usual, watch.dataset, window, watch.encode)
        counts |= seen.sample
        results |= _of_events(watch, seen, window, told)
    found, shown = _shown(engine, watch, window, usual, told)
    counts |= shown
    results |= _of_shown(watch, found, window, series, told)
    lists = of_lists(engine, watch.dataset, watch.scenario.groups, found, window)
    results |= lists.checks
    former = series.before(window)
    state = State(watch.champion) if former is None else State.from_json(former["state"])
    state = state.of(watch.champion, watch.canary)
    done = decided(watch.scenario.monitoring, results, state, window)
    return {
        "schema": SCHEMA,
        "scenario": watch.scenario.name,
        "window": {"start": window.start, "end": window.end, "since": time(window.start).isoformat(),
                   "until": time(window.end).isoformat()},
        "made": made.isoformat(timespec="seconds"),
        "champion": {"version": watch.champion},
        "verdict": done.said,
        "actions": list(done.actions),
        "title": wording.ACTIONS[done.said].to_json(),
        "reasons": [each.to_json() for each in done.reasons],
        "notes": [each.to_json() for each in told],
        "counts": counts,
        "online": lists.means,
        "online_intervals": lists.intervals,
        "fairness": lists.fairness,
        "serving": served(found),
        "influence": _influence(results.get("influence")),
        "checks": list(done.rows),
        "measured": measured({name: found[name] for name in found if name in KEPT}),
        "state": done.state.to_json(),
    }  # fmt: skip


def _of_events(
    watch: Watch, seen: SeenWindow, window: Window, told: list[Sentence]
) -> dict[Check, Result | None]:
    least = watch.scenario.monitoring.least_users
    if seen.sample["users"] < least:
        told.append(notes.too_few(window, seen.sample["events"], seen.sample["users"], least))
        return {}
    told += notes.absent(seen)
    results = {name: check(seen) for name, check in OF_EVENTS.items()}
    if watch.of_model is not None:
        results |= watch.of_model(window)
    return results


def _shown(
    engine: Any, watch: Watch, window: Window, usual: Baseline | None, told: list[Sentence]
) -> tuple[dict[str, Counts], dict[str, int]]:
    """The families of what was shown in a window, and of what came of what matured in it; {} = nothing was."""
    mature = watch.scenario.monitoring.mature_days * DAY
    since = window.start - mature
    read: pa.Table = exposures.read(watch.shown, since, window.end)
    if not len(read):
        told.append(notes.nothing_shown(window))
        return {}, {"answers": 0}
    targets, seen = watch.scenario.targets, watch.scenario.seen
    joined(engine, since, window.end - mature, mature, targets, watch.secret)
    sides = {}
    for side in SIDES if watch.canary else ():
        if prepared(engine, read, f"{watch.canary}/{side}"):
            sides[side] = outcome_counts(engine, since, window.end - mature, mature, targets, seen)
    prepared(engine, read)
    categories = usual.scales.categories if usual is not None else (OTHER, NONE)
    found = shown_counts(engine, window.start, categories, watch.edges)
    found["exposure"] = exposure_counts(engine, found["shown"])
    found["clock"] = clock_counts(engine)
    found["outcomes"] = outcome_counts(engine, since, window.end - mature, mature, targets, seen)
    [(waiting,)] = engine.raw_sql(
        f"SELECT count(*) FROM lists WHERE moment >= to_timestamp({window.end - mature!r})"
    ).fetchall()
    if waiting:
        told.append(notes.not_mature(int(waiting), watch.scenario.monitoring.mature_days))
    counts = {"answers": int(found["levels"].sums.sum()), "judged_lists": _lists(found, LISTS)}
    found |= sides
    return found, {**counts, "answered_lists": _lists(found, ANSWERED), "lists_not_mature": int(waiting)}


def _of_shown(
    watch: Watch, found: dict[str, Counts], window: Window, series: Series, told: list[Sentence]
) -> dict[Check, Result | None]:
    results: dict[Check, Result | None] = {}
    least = watch.scenario.monitoring.least_users
    young: dict[Check, int] = {}
    for name, (family, compares, check) in OF_SHOWN.items():
        counted = _lists(found, ANSWERED) if family == "outcomes" else _total(found, family)
        if counted < least:
            continue
        if not compares:
            results[name] = check(found, {})
            continue
        usual = series.usual(window, watch.champion, name, family)
        windows = 0 if usual is None else len(usual.by_window)
        if usual is None or windows < FEWEST_USUAL:
            young[name] = windows
        else:
            results[name] = check(found, {family: usual})
    former = series.usual_before(window, watch.champion, "response", "outcomes")
    if former is not None and _lists(found, ANSWERED) >= least:
        results["handover"] = outcome.handover(found, {"outcomes": former})
    if all(_lists(found, LISTS, side) >= least for side in SIDES):
        results["canary"] = outcome.canary(*(found[side] for side in SIDES))
    if young:
        told.append(notes.too_young(list(young), max(young.values()), FEWEST_USUAL))
    return results


def _influence(result: Result | None) -> dict[str, float] | None:
    """What the window itself says of each behavior's influence, in shares of the champion's largest."""
    return None if result is None else {part.name: part.moved[0].now for part in result.parts}


def _total(found: Mapping[str, Counts], family: str) -> float:
    return float(found[family].sums.sum()) if family in found else 0.0


def _lists(found: Mapping[str, Counts], column: str, family: str = "outcomes") -> int:
    if family not in found:
        return 0
    counts = found[family]
    return int(counts.sums[..., counts.labels.index(column)].sum())
