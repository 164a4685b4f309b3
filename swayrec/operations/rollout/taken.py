"""What people took from the lists of each side of an experiment: exposures joined to what was posted later."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from swayrec.operations import exposures
from swayrec.operations.experiment import Side
from swayrec.tables.posted import Posted


@dataclass(frozen=True)
class Taken:
    """``lists`` shown, and of how many of them something that stood in it was taken afterwards."""

    lists: int
    taken: int


def taken(folder: Path, posted: Posted | None, experiment: str, since: float) -> dict[Side, Taken]:
    """Both sides of an experiment since an instant.

    Args:
        folder: of the exposures.
        posted: the exported log of the intake; None = nothing was posted.
        experiment: its name.
        since: epoch seconds.
    """
    pairs: set[tuple[str, str]] = set()
    if posted is not None:
        named = pc.is_valid(pc.field("request_id"))
        table = pq.read_table(posted.events, columns=["request_id", "item_id"], filters=named)
        pairs = set(zip(table["request_id"].to_pylist(), table["item_id"].to_pylist(), strict=True))
    lists: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    for side, request, items in exposures.of_experiment(folder, experiment, since):
        lists[side] += 1
        hit[side] += any((request, item) in pairs for item in items)
    return {
        "champion": Taken(lists["champion"], hit["champion"]),
        "challenger": Taken(lists["challenger"], hit["challenger"]),
    }
