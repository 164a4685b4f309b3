from datetime import UTC, datetime

import pyarrow as pa

from swayrec.tables.epoch import seconds


def test_every_time_that_a_table_may_hold_is_told_in_seconds():
    times = [
        datetime(1970, 1, 2, 0, 0, 0, 500_000, UTC),
        None,
        datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
    ]
    told = seconds(pa.chunked_array([pa.array(times, pa.timestamp("us", "UTC"))]))
    assert told.type == pa.float64()
    assert told.to_pylist() == [86400.5, None, 253402300800.0]
