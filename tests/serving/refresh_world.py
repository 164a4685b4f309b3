"""A workspace as a finished training leaves it, with a real model small enough to be made in a second or two."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from feature_repo.publish import publish
from swayrec.learning.closed_intent import fit_closed_intent
from swayrec.learning.export import export
from swayrec.learning.layout import layout
from swayrec.learning.learned import Learned
from swayrec.learning.signature import Metadata
from swayrec.learning.tables import item_tables
from swayrec.operations.current import Current
from swayrec.operations.training.stages import Items, served_log
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.ingest import ingest

START = datetime(2026, 1, 1, tzinfo=UTC)
VERSION = 1_700_000_000
SCENARIO = """
name = "tiny"
title = "Tiny"
repeats = true
[[events]]
name = "clicks"
path = "{folder}/clicks.csv"
user = "u"
item = "i"
behavior = "b"
time = "t"
[items]
path = "{folder}/items.csv"
item = "i"
title = "title"
category = "c"
[[behaviors]]
name = "view"
[[behaviors]]
name = "buy"
target = true
[minimum]
item_events = 1
[split]
protocol = "last"
[influence.choices]
kind = "next"
[[influence.forms]]
name = "lean"
windows_days = [7, 0]
kernels = [{{ similarity = "identity", half_lives = [0] }}]
[model]
history = 20
exclude = 5
categories = 3
recent = 4
candidates = 8
results = 12
"""


def raw(folder: Path, users: int = 12, items: int = 10) -> Path:
    """Writes raw files and the scenario over them: its path. Item 0 is bought most."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(3)
    lines = [
        (f"u{user}", f"i{min(random.geometric(0.3) - 1, items - 1)}", random.choice(["view", "buy"]), hour)
        for user in range(users)
        for hour in range(12)
    ]
    text = "".join(f"{u},{i},{b},{(START + timedelta(hours=h)).isoformat()}\n" for u, i, b, h in lines)
    (folder / "clicks.csv").write_text(f"u,i,b,t\n{text}")
    shelf = "".join(f"i{number},Item {number},{('dairy', 'bakery')[number % 2]}\n" for number in range(items))
    (folder / "items.csv").write_text(f"i,title,c\n{shelf}")
    path = folder / "tiny.toml"
    path.write_text(SCENARIO.format(folder=folder))
    return path


def trained(root: Path) -> Workspace:
    """The workspace: its weights are set by hand, one for each column."""
    place = Workspace(root / "ws").make()
    path = raw(root / "raw")
    asked = scenarios.load(path)
    made = ingest(asked, str(path), root / "data", until=None, now=datetime.now(UTC), made_of="before")
    log = served_log(asked, made)
    catalogue = Items(made, None).of(log)
    columns = layout(asked.influence.forms, asked.behavior_names, asked.targets, leave_own_out=False)
    tables = item_tables(log, log.end, columns, asked.influence, catalogue, alike=True)
    weights = np.full(columns.size, 0.01)
    weights[: columns.base_start] = 1.0
    intent = fit_closed_intent(log, asked.targets)
    learned = Learned(columns, weights, intent)
    shape = asked.model
    metadata = Metadata(
        scenario=asked.name,
        version=VERSION,
        behaviors=asked.behavior_names,
        targets=asked.targets,
        seen=asked.seen,
        rest=columns.rest,
        history=shape.history,
        exclude=shape.exclude,
        categories=shape.categories,
        recent=shape.recent,
        candidates=shape.candidates,
        results=shape.results,
        until=log.end,
        data="before",
    )
    model = root / "artifacts" / "model"
    export(learned.served(tables, metadata), model, learned)
    publish(made, asked, place.features)
    folder = {"influence": root, "evaluation": root, "decision": root}
    Current(path, made.folder, **folder, newest=1, model=model, version=1).write(place)
    return place
