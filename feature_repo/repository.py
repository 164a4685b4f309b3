"""What `feast apply`, run in this folder, applies. SWAYREC_OFFLINE is where the Parquet files are.

Where it begins with s3a: they are for Spark's offline store, else for one that reads files.
"""

import os

from feature_repo import views as definitions
from feature_repo.entities import ITEM, USER
from feature_repo.services import recommendation

user, item = USER, ITEM
offline = os.environ.get("SWAYREC_OFFLINE", "offline")
user_history, user_features, item_features, item_metadata, item_vectors = definitions.views(
    offline, store="spark" if offline.startswith("s3a:") else "duckdb"
)
recommendation_service = recommendation(
    [user_history, user_features, item_features, item_metadata, item_vectors]
)
