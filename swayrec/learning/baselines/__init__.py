"""The models that the method is raced against, one a file; all are tuned on validation only."""

from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.ease import Ease
from swayrec.learning.baselines.item_knn import ItemKNN
from swayrec.learning.baselines.personal_frequency import PersonalFrequency
from swayrec.learning.baselines.popular import Popular
from swayrec.learning.baselines.sequential_rules import SequentialRules
from swayrec.learning.baselines.windowed_popular import WindowedPopular

BASELINES: dict[str, type[Baseline]] = {
    "popular": Popular,
    "windowed_popular": WindowedPopular,
    "personal_frequency": PersonalFrequency,
    "item_knn": ItemKNN,
    "ease": Ease,
    "sequential_rules": SequentialRules,
}
"""Every baseline of the race by the name that results are stored under."""

__all__ = [
    "BASELINES",
    "Baseline",
    "Ease",
    "ItemKNN",
    "Moments",
    "PersonalFrequency",
    "Popular",
    "SequentialRules",
    "WindowedPopular",
]
