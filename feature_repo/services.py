"""The feature services: which features a model is given together."""

from collections.abc import Sequence

from feast import FeatureService, FeatureView

from feature_repo.names import RECOMMENDATION


def recommendation(views: Sequence[FeatureView]) -> FeatureService:
    """What a recommendation may read of a user and of items."""
    return FeatureService(name=RECOMMENDATION, features=list(views))
