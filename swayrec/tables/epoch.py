"""Times of canonical tables as numbers."""

import pyarrow as pa
import pyarrow.compute as pc


def seconds(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Epoch seconds, float64; null where there is no time.

    A time beyond the year 2255 has more microseconds than a float64 holds exactly, and is rounded.
    """
    return pc.divide(pc.cast(pc.cast(times, pa.int64()), pa.float64(), safe=False), 1e6)
