"""How good a setting is: the best mean NDCG@10 on validation of its forms and ridges; no test part is looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from swayrec.operations.training.fitted import Selection
from swayrec.operations.training.influencing import selected
from swayrec.operations.training.material import material
from swayrec.operations.tuning.space import Setting, with_setting
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

QUICK = {"levels": 1, "candidates": 4}
"""A quick look learns from one level of choices, and from a fourth of the candidates."""

FEWEST = {"shown": 2}
"""Levels that a kind of choices cannot do with fewer of: tables come from the other users."""


@dataclass(frozen=True)
class Judged:
    """Judges settings of a scenario on one dataset.

    Args:
        scenario: as its file has it.
        name: the file's name, for errors.
        dataset: the canonical tables.
        vectors: of the items' texts.
    """

    scenario: Scenario
    name: str
    dataset: Dataset
    vectors: Path

    def whole(self, setting: Setting, say: Callable[[str], None] = lambda line: None) -> Selection:
        """What validation chooses at a setting, learned from all that it may learn from.

        Raises:
            InputError: a field cannot have its value, or nothing can be learned so.
        """
        asked = with_setting(self.scenario, self.name, setting)
        return selected(material(asked, self.dataset, self.vectors), say)

    def quick(self, setting: Setting) -> float:
        """The same from less, to see early which settings lead nowhere: mean NDCG@10."""
        choices = with_setting(self.scenario, self.name, setting).influence.choices
        less = {
            "influence.choices.levels": min(
                choices.levels, max(QUICK["levels"], FEWEST.get(choices.kind, 1))
            ),
            "influence.choices.candidates": max(choices.candidates // QUICK["candidates"], 10),
        }
        return self.whole({**setting, **less}).validation
