"""The models that the method is raced against, one a file; all are tuned on validation only."""

from swayrec.learning.baselines.als import ALS
from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.bpr import BPR
from swayrec.learning.baselines.ease import Ease
from swayrec.learning.baselines.item_knn import ItemKNN
from swayrec.learning.baselines.lambdarank import LambdaRank
from swayrec.learning.baselines.personal_frequency import PersonalFrequency
from swayrec.learning.baselines.popular import Popular
from swayrec.learning.baselines.sasrec import SASRec
from swayrec.learning.baselines.sequential_rules import SequentialRules
from swayrec.learning.baselines.text_knn import TextKNN
from swayrec.learning.baselines.tifu_knn import TIFUKNN
from swayrec.learning.baselines.windowed_popular import WindowedPopular

BASELINES: dict[str, type[Baseline]] = {
    "popular": Popular,
    "windowed_popular": WindowedPopular,
    "personal_frequency": PersonalFrequency,
    "item_knn": ItemKNN,
    "ease": Ease,
    "sequential_rules": SequentialRules,
}
"""The light baselines, which every training races, by the name that results are stored under."""

BENCHMARKED: dict[str, type[Baseline]] = {
    "als": ALS,
    "bpr": BPR,
    "tifu_knn": TIFUKNN,
    "text_knn": TextKNN,
    "lambdarank": LambdaRank,
    "sasrec": SASRec,
}
"""Those that cost minutes, or need vectors or other libraries: they race where a benchmark asks for them."""


def named(name: str) -> type[Baseline]:
    """The baseline of a name, light or not.

    Raises:
        ValueError: no baseline has it.
    """
    kinds = BASELINES | BENCHMARKED
    if name not in kinds:
        raise ValueError(f"there is no baseline {name}; there are {', '.join(kinds)}")
    return kinds[name]


__all__ = [
    "ALS",
    "BASELINES",
    "BENCHMARKED",
    "BPR",
    "TIFUKNN",
    "Baseline",
    "Ease",
    "ItemKNN",
    "LambdaRank",
    "Moments",
    "PersonalFrequency",
    "Popular",
    "SASRec",
    "SequentialRules",
    "TextKNN",
    "WindowedPopular",
    "named",
]
