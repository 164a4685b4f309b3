"""Tasks over parts of a log on Spark's workers."""

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from swayrec.tables.log_parts import PartOfUsers

SHAPE = "part bigint, found binary"


class SparkParts:
    """Does a task for every part in ``mapInArrow``: one Spark partition a part, which the worker reads itself.

    The files of the parts must be where every worker sees them under the same path. Called like ``map``; what a
    task gives must be picklable, and comes back in the order of the parts, one at a time.
    """

    def __init__(self, session: Any) -> None:
        """``session``: a Spark session."""
        self._session = session

    def __call__(self, task: Callable[[PartOfUsers], Any], parts: Sequence[PartOfUsers]) -> Iterator[Any]:
        """What the task gives for each part."""
        from pyspark import StorageLevel

        sent = self._session.sparkContext.broadcast((task, tuple(parts)))
        numbers = self._session.range(0, len(parts), 1, len(parts))

        def done(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            asked, known = sent.value
            for batch in batches:
                for number in batch.column(0).to_pylist():
                    found = pickle.dumps(asked(known[number]), protocol=pickle.HIGHEST_PROTOCOL)
                    yield pa.RecordBatch.from_arrays(
                        [pa.array([number], pa.int64()), pa.array([found], pa.binary())], ["part", "found"]
                    )

        frame = numbers.mapInArrow(done, SHAPE).persist(StorageLevel.DISK_ONLY)
        try:
            # All at once on the workers; then one by one here, since a part's sums may be large.
            frame.count()
            for row in frame.toLocalIterator():
                yield pickle.loads(row.found)
        finally:
            frame.unpersist()
            sent.unpersist()
