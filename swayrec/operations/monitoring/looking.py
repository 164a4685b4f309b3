"""A window of events, looked at on a champion's scales."""

from typing import Any

from swayrec.operations.monitoring.baseline import Baseline
from swayrec.operations.monitoring.refused import refused_counts
from swayrec.operations.monitoring.seen_window import SeenWindow
from swayrec.operations.monitoring.tally import tables, tally
from swayrec.operations.monitoring.text_vectors import Encode, encoded, vector_counts
from swayrec.operations.monitoring.texts import text_counts, texts
from swayrec.operations.monitoring.window import Window
from swayrec.tables.dataset import EVENTS, ITEMS, Dataset
from swayrec.tables.scenario import Scenario


def seen_window(
    engine: Any,
    scenario: Scenario,
    baseline: Baseline,
    dataset: Dataset,
    window: Window,
    encode: Encode | None,
) -> SeenWindow:
    """What the checks of events look at.

    Args:
        engine: a connection.
        scenario: which column of its sources is what.
        baseline: what is usual.
        dataset: the newest data.
        window: of the length of the usual ones.
        encode: the language model as it is now; None = texts are not compared by vectors.
    """
    tables(engine, str(dataset.folder / EVENTS), str(dataset.folder / ITEMS))
    counted = tally(engine, baseline.scales, [window])
    drawn = texts(engine, [window])
    now = {**counted.families, **text_counts(drawn, baseline.scales.words, 1)}
    now["refused"] = refused_counts(engine, dataset, scenario, [window], now["behaviors"])
    if encode is not None and baseline.directions is not None:
        places, vectors = encoded(drawn, encode, 1)
        if len(vectors):
            now["vectors"] = vector_counts(drawn, places, vectors, baseline.directions, 1)
    sample = {"events": counted.events, "users": counted.users}
    return SeenWindow(now, baseline.families, sample, weeks=window.days % 7 == 0)
