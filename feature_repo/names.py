"""The names of views and columns, for readers too that do not import Feast at once."""

HISTORY = "user_history"
HISTORY_PUSH = "user_history_push"
USERS = "user_features"
ITEMS = "item_features"
METADATA = "item_metadata"
VECTORS = "item_vectors"

STAMP = "event_timestamp"
RECOMMENDATION = "recommendation"

POSTED_UPTO = b"swayrec_posted_upto"
"""In the metadata of an offline file: the stamp of the newest entry of the intake's log that its data have."""

UNTIL = b"swayrec_until"
"""In the metadata of an offline file: epoch seconds; events at or after it are not in its data."""

READ_AT = b"swayrec_read_at"
"""In the metadata of an offline file: when its data were read, in microseconds since the epoch."""

ONLINE_STAMP = b"swayrec_online_stamp"
"""Beside it: what its rows are stamped with in the online store, in microseconds since the epoch."""
