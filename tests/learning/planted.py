"""A fitted model over a generated log, with every kernel, that the tests of scoring and export share."""

import numpy as np

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import levels
from swayrec.learning.closed_intent import fit_closed_intent
from swayrec.learning.layout import layout
from swayrec.learning.scoring import Scoring
from swayrec.learning.served import Served
from swayrec.learning.signature import Metadata
from swayrec.learning.tables import item_tables
from swayrec.tables.scenario_learning import Form, Kernel
from tests.small_world import DAY, generated, scenario

NOW = 200 * DAY
FORM = Form(
    name="everything",
    kernels=(
        Kernel(similarity="identity", half_lives=(3, 0), step_half_lives=(4,)),
        Kernel(similarity="identity", factor="repeat_rate", gap_half_lives=(1,), counts="log"),
        Kernel(similarity="ease", half_lives=(7,), norm="sum"),
        Kernel(similarity="text", half_lives=(0,)),
        Kernel(similarity="identity", half_lives=(30,), norm="length"),
        Kernel(similarity="category", factor="conversion", step_half_lives=(2,)),
    ),
    windows_days=(30, 0),
    conversion=True,
    age=True,
)
CATEGORIES = ["fruit", "bread", None, "milk"] * 10


def catalogue(items, random):
    """Items with made-up texts."""
    vectors = random.normal(size=(items, 8)).astype(np.float32)
    return Catalogue(CATEGORIES, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def made(*, leave_own_out=False, results=30, history=64):
    """log, layout, tables, scoring with random weights, and the module that is exported."""
    log, asked = generated(5), scenario()
    columns = layout([FORM], asked.behavior_names, asked.targets, leave_own_out=leave_own_out)
    random = np.random.default_rng(1)
    tables = item_tables(log, NOW, columns, asked.influence, catalogue(len(log.items), random))
    weights = random.normal(size=columns.size) * np.where(
        np.arange(columns.size) < columns.base_start, 1, 0.05
    )
    scoring = Scoring(tables, columns, weights)
    metadata = Metadata(
        scenario="small",
        version=1_700_000_000,
        behaviors=asked.behavior_names,
        targets=asked.targets,
        seen=(),
        rest=columns.rest,
        history=history,
        exclude=6,
        categories=2,
        recent=3,
        candidates=20,
        results=results,
        until=NOW,
    )
    served = Served(tables, scoring, metadata, fit_closed_intent(log, asked.targets))
    return log, columns, tables, scoring, served


def a_level(log):
    """The newest level of the log's choices."""
    return next(iter(levels(log, NOW, scenario())))
