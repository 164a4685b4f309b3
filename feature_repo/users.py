"""Rows of the view ``user_features``: what a user did, in numbers."""

import numpy as np
import pyarrow as pa

from feature_repo.activity import activity
from feature_repo.names import STAMP
from feature_repo.stamps import clock, stamps
from swayrec.tables.log import Log


def user_features(log: Log) -> pa.Table:
    """One row a user with events, stamped one microsecond after the newest of them."""
    did = activity(log, "user")
    table = pa.table(
        {
            "user_id": pa.array(log.users, pa.string()),
            "user_events": pa.array(did.events, pa.int64()),
            "user_items": pa.array(did.others, pa.int64()),
            "user_last_time": pa.array(did.last, pa.float64()),
            "user_behaviors": did.behaviors,
            "user_behavior_counts": did.behavior_counts,
            STAMP: stamps(clock(log), np.nan_to_num(did.last), did.order),
        }
    )
    return table.filter(pa.array(did.events > 0))
