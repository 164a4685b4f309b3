"""The columns of every canonical table, named once."""

import pyarrow as pa

LONGEST_ID = 1024
"""Characters of a user's or an item's id, at most: what an endpoint takes in a question."""

BLANKS = " \t\n\r\v\f"
"""What is taken off around an id or a name."""

TIMESTAMP = pa.timestamp("us", tz="UTC")

EVENTS = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("user_id", pa.string(), nullable=False),
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("behavior", pa.string(), nullable=False),
        pa.field("order", pa.int64(), nullable=False),
        pa.field("timestamp", TIMESTAMP),
        pa.field("value", pa.float64()),
        pa.field("text", pa.string()),
        pa.field("source", pa.string(), nullable=False),
        pa.field("session_id", pa.string()),
        pa.field("request_id", pa.string()),
    ]
)
"""What people did. ``order`` is the rank of the instant within the user: equal = same instant, 0 = no order."""

ITEMS = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("title", pa.string()),
        pa.field("text", pa.string()),
        pa.field("language", pa.string()),
        pa.field("category", pa.string()),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("image", pa.string()),
        pa.field("created_at", TIMESTAMP),
        pa.field("sensitive", pa.string()),
        pa.field("available_from", TIMESTAMP),
        pa.field("available_until", TIMESTAMP),
    ]
)
"""What can be recommended. ``sensitive`` is a label that the policy may filter by."""

USER_ID = pa.field("user_id", pa.string(), nullable=False)

EXPOSURES = pa.schema(
    [
        pa.field("request_id", pa.string(), nullable=False),
        pa.field("user", pa.string(), nullable=False),
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("position", pa.int32(), nullable=False),
        pa.field("score", pa.float32()),
        pa.field("propensity", pa.float32()),
        pa.field("model_version", pa.string()),
        pa.field("level", pa.string()),
        pa.field("policy", pa.string()),
        pa.field("variant", pa.string()),
        pa.field("timestamp", TIMESTAMP, nullable=False),
    ]
)
"""What was shown. ``user`` is a pseudonym: HMAC-SHA256 of the user id under the workspace's key; '' = nobody.
``position`` is 1 for the best, ``policy`` the rules that changed the answer, joined by commas, ``variant`` the side
of an experiment."""

HISTORY_FIELDS = ("item", "behavior", "time", "order", "count", "value")
"""The parallel lists of a compacted history, newest first; the names are those of the model signature."""


def users_schema(groups: tuple[str, ...]) -> pa.Schema:
    """The users table of a scenario: the id and one nullable text column a group attribute."""
    return pa.schema([USER_ID, *(pa.field(group, pa.string()) for group in groups)])
