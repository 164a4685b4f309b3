import numpy as np
import pytest

from swayrec.learning.baselines import TextKNN
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.layout import Decay
from tests.small_world import at, log, scenario

ALL = slice(None)
# Two topics, an item without a text, and 1 in every vector, which says nothing.
VECTORS = np.array([[1, 1, 0], [1, 1, 0.1], [1, 0, 1], [1, 0.1, 1], [0, 0, 0]], np.float32)


def catalogue(vectors=VECTORS):
    return Catalogue([None] * len(vectors), vectors)


def test_scores_are_cosines_of_centered_vectors_with_the_faded_mean_by_hand():
    known = log([(0, 0, "view", 0, 1), (0, 2, "view", 10, 2)], items=5)
    scores = TextKNN(Decay("days", 10)).fit(known, scenario(), catalogue()).scores(at([0], 10), ALL)[0]
    centered = VECTORS[:4] - VECTORS[:4].mean(0)
    unit = centered / np.linalg.norm(centered, axis=1, keepdims=True)
    user = 0.5 * unit[0] + unit[2]
    assert scores[:4] == pytest.approx(unit @ user / np.linalg.norm(user), abs=1e-6)
    assert scores[4] == 0


def test_what_reads_like_the_past_comes_first():
    known = log([(0, 0, "view", 1, 1), (1, 2, "view", 1, 1)], items=5)
    ranked = TextKNN().fit(known, scenario(), catalogue()).rank(at([0, 1], 2), 2)
    assert ranked.tolist() == [[0, 1], [2, 3]]


def test_behaviors_may_weigh_by_hand():
    known = log([(0, 0, "view", 1, 1), (0, 2, "purchase", 1, 1)], items=5)
    equal, hand = (
        TextKNN(weights=weights).fit(known, scenario(hand=(1.0, 3.0)), catalogue()).scores(at([0], 2), ALL)[0]
        for weights in ("equal", "hand")
    )
    assert hand[2] - hand[0] > equal[2] - equal[0] + 0.1


def test_it_says_why_it_has_nothing_to_say():
    known = log([(0, 0, "view", 1, 1)], items=5)
    assert "no text vectors" in TextKNN.unfit_because(known, scenario())
    assert "no text vectors" in TextKNN.unfit_because(known, scenario(), Catalogue([None] * 5))
    nothing = catalogue(np.zeros((5, 3), np.float32))
    assert "no item of the catalogue has a text" in TextKNN.unfit_because(known, scenario(), nothing)
    assert TextKNN.unfit_because(known, scenario(), catalogue()) is None
    with pytest.raises(ValueError, match="needs the vectors"):
        TextKNN().fit(known, scenario())
