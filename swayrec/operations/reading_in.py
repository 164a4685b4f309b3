"""A scenario's data made ready outside of a pipeline: canonical tables, and a vector for every text."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from swayrec.operations import embedding
from swayrec.tables.dataset import Dataset
from swayrec.tables.ingest import ingest
from swayrec.tables.scenario import Scenario

DATASET, VECTORS = "dataset", "vectors"


def read_in(
    scenario: Scenario, name: str, folder: Path, text_cache: Path, say: Callable[[str], None]
) -> Dataset:
    """The dataset in ``folder``, its vectors beside it; what was there is replaced.

    Args:
        scenario: says where the files are.
        name: the scenario file's name, for errors.
        folder: gets the folders ``DATASET`` and ``VECTORS``.
        text_cache: vectors of texts that were read before.
        say: told of progress.

    Raises:
        InputError: the data or the language model are missing or broken.
    """
    say(f"{scenario.name}: reading the data")
    made = ingest(scenario, name, folder / DATASET, until=None, now=datetime.now(UTC))
    embedding.embed(scenario, name, made, text_cache, folder / VECTORS, say)
    return made
