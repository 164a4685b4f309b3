"""A model of any size without a training: random taste, random weights, the real served graph.

``python -m tests.benchmarks.made_model FOLDER [--items 10000] [--version N]``.
"""

import argparse
from pathlib import Path

import numpy as np

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.closed_intent import fit_closed_intent
from swayrec.learning.export import export
from swayrec.learning.layout import layout
from swayrec.learning.scoring import Scoring
from swayrec.learning.served import Served
from swayrec.learning.signature import Metadata
from swayrec.learning.tables import item_tables
from swayrec.tables.scenario_learning import Form, Kernel
from tests.small_world import DAY, generated, scenario

NOW = 400 * DAY
FORM = Form(
    name="made",
    kernels=(
        Kernel(similarity="identity", half_lives=(7, 0)),
        Kernel(similarity="cooccurrence", half_lives=(7, 0)),
        Kernel(similarity="transition", half_lives=(7, 0)),
        Kernel(similarity="category", half_lives=(7, 0)),
    ),
    windows_days=(30, 0),
)


def made(folder: Path, items: int, version: int, history: int = 500) -> Path:
    """Exports a model with the signatures' default widths; its version folder."""
    log, asked = generated(5, users=max(items // 10, 50), items=items, steps=60), scenario()
    columns = layout([FORM], asked.behavior_names, asked.targets, leave_own_out=False)
    catalogue = Catalogue([f"c{number % 50}" for number in range(items)])
    tables = item_tables(log, NOW, columns, asked.influence, catalogue)
    weights = np.random.default_rng(1).normal(size=columns.size)
    metadata = Metadata(
        scenario="made",
        version=version,
        behaviors=asked.behavior_names,
        targets=asked.targets,
        seen=(),
        rest=columns.rest,
        history=history,
        exclude=2000,
        categories=8,
        recent=500,
        candidates=200,
        results=200,
        until=NOW,
    )
    intent = fit_closed_intent(log, asked.targets)
    return export(Served(tables, Scoring(tables, columns, weights), metadata, intent), folder)


def main() -> None:
    """Reads the command line and makes the model."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.made_model", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--version", type=int, default=1_700_000_000)
    given = parser.parse_args()
    print(made(given.folder, given.items, given.version))


if __name__ == "__main__":
    main()
