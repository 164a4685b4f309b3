"""Looks at what came in, what was shown and what people did next, window by window, and keeps a verdict on each."""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from swayrec.learning.exports import newest as newest_export
from swayrec.learning.signature import Metadata
from swayrec.operations import embedding, experiment, fingerprint, pseudonym, reference
from swayrec.operations.asked import asked, fits
from swayrec.operations.current import Current
from swayrec.operations.monitoring import notes, telling
from swayrec.operations.monitoring.baseline import Baseline, NoBaselineError
from swayrec.operations.monitoring.newest_end import End, log_end
from swayrec.operations.monitoring.of_model import of_model
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.series import Series, Verdict
from swayrec.operations.monitoring.tally import tables
from swayrec.operations.monitoring.watching import OfModel, Watch, watched
from swayrec.operations.monitoring.window import Window, newest, windows_between
from swayrec.operations.workspace import Workspace
from swayrec.tables import quarantine
from swayrec.tables.dataset import EVENTS, ITEMS, Dataset
from swayrec.tables.engine import connect
from swayrec.tables.errors import InputError
from swayrec.tables.ingest import ingest
from swayrec.tables.posted import Posted
from swayrec.tables.scenario import Scenario

if TYPE_CHECKING:
    from swayrec.operations.monitoring.evidently_folder import EvidentlyFolder

Export = Callable[[str, Path], Posted | None]
"""Exports what was posted to the intake of a scenario into a folder; None = nothing ever was."""

_QUANTILES = ("0.5", "0.75", "0.9", "0.95", "0.99")


@dataclass(frozen=True)
class Monitored:
    """The verdicts, oldest first, and where they are kept; ``told`` is why there is none, ``untold`` what a webhook did
    not take.
    """

    verdicts: tuple[Verdict, ...]
    folder: Path
    told: tuple[Sentence, ...] = ()
    untold: tuple[Sentence, ...] = ()


def monitor(
    workspace: Workspace,
    since: str = "",
    until: str = "",
    posted: Export = lambda scenario, folder: None,
    say: Callable[[str, str], None] = lambda part, line: None,
    heavy: Callable[[], None] = lambda: None,
) -> Monitored:
    """Looks at the newest window, or at every one between two instants, and writes a verdict on each.

    What is served goes on meanwhile, and so may a training: nothing but the series of verdicts is written.

    Args:
        workspace: with a finished training.
        since: ISO 8601 time; every window from then on is looked at, oldest first. Empty = only the newest.
        until: ISO 8601 time; windows that end later are not looked at. Empty = now, or the end of an archived log.
        posted: exports what was posted to a scenario's intake.
        say: told the part of the work and how it goes on.
        heavy: called before TensorFlow is imported.

    Raises:
        InputError: nothing is trained, the scenario or its data are gone or wrong, its events have no time, or the
            webhook is no address.
    """
    workspace = Workspace(workspace.root.resolve())
    current = Current.read(workspace)
    scenario = asked(current)
    fits(scenario, current.scenario, Metadata.read(newest_export(current.model)))
    folder = workspace.monitoring / scenario.name
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".work-", dir=folder) as made:
        work = Path(made)
        dataset = _newest_data(current, scenario, work, posted)
        say("ingest", f"{dataset.report()['events']:,} events")
        engine = connect(work)
        try:
            tables(engine, str(dataset.folder / EVENTS), str(dataset.folder / ITEMS))
            end = _end(engine, scenario)
            windows, told = _windows(scenario, current, end, since, until)
            watch = _watch(workspace, current, scenario, dataset, work, cache(heavy), say)
            future = _in_the_future(dataset)
            shown = cache(partial(_evidently, workspace, scenario))
            verdicts = []
            for window in windows:
                series = Series.read(folder)
                made_at = datetime.now(UTC)
                verdict = watched(engine, watch, window, series, made_at, [*end.told, *future])
                say("verdict", f"{window.told}: {verdict['verdict']}")
                verdicts.append(_kept(scenario, series, verdict, shown()))
        finally:
            engine.disconnect()
    untold = telling.verdicts(folder, verdicts)
    return Monitored(tuple(verdicts), folder, (*end.told, *told), tuple(untold))


def _newest_data(current: Current, scenario: Scenario, work: Path, export: Export) -> Dataset:
    """The dataset of the newest training or refresh where nothing has come since, else one made now in ``work``."""
    posted = export(scenario.name, work / "posted")
    raw = fingerprint.raw(scenario, current.scenario, posted)
    made_of = fingerprint.made_of(fingerprint.code(), raw, "")
    served = Dataset(current.dataset)
    if served.made_of == made_of:
        return served
    return ingest(
        scenario,
        str(current.scenario),
        work / "dataset",
        until=None,
        now=datetime.now(UTC),
        posted=None if posted is None else posted.folder,
        made_of=made_of,
    )


def _end(engine: Any, scenario: Scenario) -> End:
    """Until when windows can have ended: now, or the end of an archived log."""
    end = log_end(engine, scenario.monitoring.window_days)
    return End(time.time()) if scenario.clock == "wall" else end


def _windows(
    scenario: Scenario, current: Current, end: End, since: str, until: str
) -> tuple[list[Window], list[Sentence]]:
    """The windows to look at, of the length of the usual ones, and why there is none."""
    days, learned = scenario.monitoring.window_days, float("-inf")
    try:
        usual = Baseline.read(current.model.parent / "reference").windows
        days, learned = usual[-1].days, usual[-1].end
    except NoBaselineError:
        pass  # Each verdict says so.
    last = datetime.fromisoformat(until).timestamp() if until else end.until
    if since:
        first = datetime.fromisoformat(since).timestamp()
        found = windows_between(first, last, days)
        if not found:
            raise InputError(
                f"no whole window of {days:g} days lies between {since} and the end; give an earlier --since"
            )
    else:
        found = [newest(last, days)]
    fresh = [window for window in found if window.start >= learned]
    return fresh, [] if fresh else [notes.nothing_new(found[-1], learned)]


def _watch(
    workspace: Workspace,
    current: Current,
    scenario: Scenario,
    dataset: Dataset,
    work: Path,
    heavy: Callable[[], None],
    say: Callable[[str, str], None],
) -> Watch:
    place, name = current.model.parent / "reference", str(current.scenario)
    texts = workspace.text_cache
    encoded = embedding.encode(scenario, name, texts)

    @cache
    def model() -> OfModel:
        heavy()
        vectors = work / "vectors"
        told = partial(say, "model")
        return of_model(scenario, name, dataset, current.model, place, texts, vectors, told)

    def encode(texts: Sequence[str]) -> np.ndarray:
        assert encoded is not None
        heavy()
        return encoded(texts)

    return Watch(
        scenario=scenario,
        dataset=dataset,
        champion=current.version,
        reference=place,
        shown=workspace.exposures / scenario.name,
        secret=pseudonym.key(workspace),
        encode=None if encoded is None else encode,
        of_model=lambda window: model()(window),
        edges=_edges(place),
        canary=_canary(workspace, scenario),
    )


def _canary(workspace: Workspace, scenario: Scenario) -> str:
    """The name of the experiment that runs on this scenario; '' = none does."""
    running = experiment.read(workspace)
    return running.name if running is not None and running.scenario == scenario.name else ""


def _edges(place: Path) -> tuple[float, ...]:
    """The bins of scores: quantiles of those that the champion gave at its training; () = they are not known."""
    try:
        told = json.loads((place / reference.STATISTICS).read_text(encoding="utf-8"))
        found = {float(told["score"]["quantiles"][each]) for each in _QUANTILES}
    except (OSError, ValueError, TypeError, LookupError):
        return ()
    return tuple(sorted(found))


def _in_the_future(dataset: Dataset) -> list[Sentence]:
    sources = dataset.report()["sources"].values()
    rows = sum(source["quarantined"].get(quarantine.FUTURE, 0) for source in sources)
    return [notes.in_the_future(rows)] if rows else []


def _evidently(workspace: Workspace, scenario: Scenario) -> "EvidentlyFolder":
    from swayrec.operations.monitoring.evidently_folder import EvidentlyFolder

    shown = EvidentlyFolder(workspace.evidently, scenario.name, scenario.title)
    shown.put_aside()
    return shown


def _kept(scenario: Scenario, series: Series, verdict: Verdict, shown: "EvidentlyFolder") -> Verdict:
    """The verdict as it stands in the series, with the id of its run in Evidently's workspace."""
    former = series.of(verdict)
    run = shown.add(verdict, former.get("evidently") if former else None)
    told = [each.to_json() for each in shown.damaged()]
    whole = {**verdict, "notes": [*verdict["notes"], *told], "evidently": run}
    series.write(whole)
    for old in series.removed(scenario.monitoring.kept_windows, whole):
        shown.remove(old)
    return whole
