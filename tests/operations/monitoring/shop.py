"""The shop as a finished training leaves it, with a real model small enough to be made in seconds."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from swayrec.learning.behavior_influence import behavior_influence
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.closed_intent import fit_closed_intent
from swayrec.learning.export import export
from swayrec.learning.influence import Solution, fit
from swayrec.learning.layout import Layout, layout
from swayrec.learning.learned import Learned
from swayrec.learning.rows import Sums, sums
from swayrec.learning.signature import Metadata
from swayrec.learning.tables import item_tables
from swayrec.operations import reference
from swayrec.operations.current import Current
from swayrec.operations.monitoring.baseline import baseline
from swayrec.operations.monitoring.learned_influence import LearnedInfluence
from swayrec.operations.training.stages import Items, served_log
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset
from swayrec.tables.engine import connect
from swayrec.tables.ingest import ingest
from swayrec.tables.scenario import Scenario
from swayrec.tables.schema import TIMESTAMP
from tests.operations.monitoring import world

RIDGE = 1e-3
SCENARIO = (
    world.SCENARIO.replace('path = "log.csv"', 'path = "{folder}/log.csv", value = "v"')
    + """
[items]
path = "{folder}/items.csv"
item = "i"
title = "title"
text = ["title"]
category = "c"
[model]
history = 20
exclude = 5
categories = 3
recent = 4
candidates = 8
results = 12
"""
)


def raw(folder: Path, columns: dict[str, np.ndarray]) -> Path:
    """Writes raw files of a log and the scenario over them: its path."""
    folder.mkdir(parents=True, exist_ok=True)
    order = np.argsort(columns["time"], kind="stable")
    log = {
        "u": _named("u", columns["user"][order]),
        "i": _named("i", columns["item"][order]),
        "b": pa.array(["view", "cart", "buy"]).take(columns["behavior"][order]),
        "t": pa.array((columns["time"][order] * 1e6).astype(np.int64)).cast(TIMESTAMP),
        "v": columns["value"][order],
    }
    pa_csv.write_csv(pa.table(log), folder / "log.csv")
    shelf = {
        "i": [f"i{n}" for n in range(world.ITEMS)],
        "title": [world.text(n)[0] for n in range(world.ITEMS)],
        "c": [f"c{n % 5}" for n in range(world.ITEMS)],
    }
    pa_csv.write_csv(pa.table(shelf), folder / "items.csv")
    path = folder / "shop.toml"
    filled = SCENARIO.replace("{folder}", str(folder))
    path.write_text(filled, encoding="utf-8")
    return path


def _named(letter: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(letter, pa.array(numbers).cast(pa.string()), "")


def champion(
    asked: Scenario, data: Dataset, model: Path, version: int = 1_700_000_000
) -> tuple[Solution, Sums, Layout]:
    """Fits the scenario's first form on all of a dataset and exports it, as a training does, without a network."""
    log = served_log(asked, data)
    catalogue: Catalogue = Items(data, None).of(log)
    form = asked.influence.forms[0]
    shape = layout([form], asked.behavior_names, asked.targets, leave_own_out=False)
    collected = sums(log, log.end, asked, shape, catalogue)
    sharing = shape.sharing([behavior.hand for behavior in asked.behaviors])
    solution = fit(collected.groups, shape.selected(form), sharing, RIDGE, asked.influence.shrink)
    learned = Learned(shape, solution.w, fit_closed_intent(log, asked.targets))
    size = asked.model
    metadata = Metadata(
        scenario=asked.name,
        version=version,
        behaviors=asked.behavior_names,
        targets=asked.targets,
        seen=asked.seen,
        rest=shape.rest,
        history=size.history,
        exclude=size.exclude,
        categories=size.categories,
        recent=size.recent,
        candidates=size.candidates,
        results=size.results,
        clock="log",
        until=log.end,
        data="before",
        period=log.period,
    )
    tables = item_tables(log, log.end, shape, asked.influence, catalogue, alike=True)
    export(learned.served(tables, metadata), model, learned)
    return solution, collected, shape


def trained(root: Path, columns: dict[str, np.ndarray] | None = None) -> Workspace:
    """The workspace of a training on the first weeks; the raw files then go on as ``columns`` say."""
    whole = world.log(world.LEARNED + 1) if columns is None else columns
    place = Workspace(root / "ws").make()
    early = world.log(world.LEARNED)
    path = raw(root / "raw", early)
    asked = scenarios.load(path)
    data = ingest(asked, str(path), root / "data", until=None, now=datetime.now(UTC), made_of="before")
    model = root / "artifacts" / "model"
    solution, collected, shape = champion(asked, data, model)
    form = asked.influence.forms[0]
    kept = root / "artifacts" / "reference"
    reference.write(kept, data, b"key")
    engine = connect(root)
    baseline(engine, asked, data, None).write(kept)
    engine.disconnect()
    LearnedInfluence(solution.w, solution.covariance, collected.total, form.name, RIDGE).write(kept)
    report = root / "artifacts" / "report"
    report.mkdir()
    rows = behavior_influence(shape, solution, collected.total)
    (report / "influence.json").write_text(json.dumps({"behaviors": rows}))
    folder = {"influence": root, "evaluation": root, "decision": root}
    Current(path, data.folder, **folder, newest=1, model=model, version=1).write(place)
    raw(root / "raw", whole)
    return place
