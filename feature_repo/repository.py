"""What `feast apply`, run in this folder, applies. SWAYREC_OFFLINE is where the Parquet files are."""

import os

from feature_repo import views as definitions
from feature_repo.entities import ITEM, USER
from feature_repo.services import recommendation

user, item = USER, ITEM
user_history, user_features, item_features, item_metadata, item_vectors = definitions.views(
    os.environ.get("SWAYREC_OFFLINE", "offline")
)
recommendation_service = recommendation(
    [user_history, user_features, item_features, item_metadata, item_vectors]
)
