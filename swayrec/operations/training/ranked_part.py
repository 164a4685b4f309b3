"""A part's cases ranked by several weights, as the scenario has them asked."""

from collections.abc import Sequence

import numpy as np

from swayrec.evaluation.parts import Part
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.rows import everyone_of
from swayrec.learning.scoring import Scoring
from swayrec.operations.training.listed_ranking import ranked_lists
from swayrec.operations.training.ranking import ranked_by_each
from swayrec.tables.scenario import Scenario


def ranked_part(
    scoring: Scoring, weights: Sequence[np.ndarray], part: Part, scenario: Scenario, catalogue: Catalogue
) -> list[np.ndarray]:
    """int32[C, 10] by each of several weights float[d]: of a case's own candidates where it brings some, else of all.

    ``catalogue`` is what else is known of the part's items.
    """
    everyone = everyone_of(part.known, scenario, catalogue)
    if scenario.listed:
        return ranked_lists(scoring, weights, part, everyone, scenario)
    return ranked_by_each(scoring, weights, part, scenario, everyone=everyone)
