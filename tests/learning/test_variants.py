import numpy as np
import pytest

from swayrec.learning.influence import NormalEquations
from swayrec.learning.layout import layout
from swayrec.learning.variants import VARIANTS
from swayrec.tables.scenario_learning import Form, Kernel

HAND = (1.0, 3.0)
FORM = Form(
    name="f",
    kernels=(
        Kernel(similarity="identity", half_lives=(0,)),
        Kernel(similarity="text", half_lives=(0,)),
    ),
)
COLUMNS = layout([FORM], ("view", "buy"), ("buy",), leave_own_out=False)
EVERY = np.ones(COLUMNS.size, bool)


@pytest.fixture(scope="module")
def groups():
    """Sums of 40 users whose choices follow .2 of a view, .5 of a purchase and .3 of a text, and of nothing else."""
    random = np.random.default_rng(0)
    f = random.normal(size=(40, 200, COLUMNS.size))
    y = f @ np.array([0.2, 0.5, 0.3, 0.3, *[0] * (COLUMNS.size - 4)]) + random.normal(size=(40, 200))
    return NormalEquations.of(f, y)


def weights(name, groups):
    variant = next(each for each in VARIANTS if each.name == name)
    return variant.fitted(groups, COLUMNS, EVERY, HAND, 1e-6, 1.0).w


def test_the_whole_method_finds_what_each_behavior_sways(groups):
    assert weights("learned", groups)[:4] == pytest.approx([0.2, 0.5, 0.3, 0.3], abs=0.05)


def test_alike_gives_all_behaviors_one_weight_and_hand_set_ones_their_proportion(groups):
    alike, hand = weights("equal", groups), weights("hand", groups)
    assert alike[0] == pytest.approx(alike[1])
    assert hand[1] == pytest.approx(3 * hand[0])
    assert 0.2 < alike[0] < 0.5


def test_what_is_taken_away_weighs_nothing(groups):
    strongest, wordless, everyone = (weights(name, groups) for name in ("strongest", "wordless", "everyone"))
    assert strongest[[0, 2]].tolist() == [0, 0]
    assert strongest[1] == pytest.approx(0.5, abs=0.05)
    assert wordless[2:4].tolist() == [0, 0] and wordless[:2].all()
    assert not everyone[: COLUMNS.base_start].any()


def test_a_variant_that_changes_nothing_is_not_asked():
    def asked(hand, *kernels):
        columns = layout([Form(name="f", kernels=kernels)], ("view", "buy"), ("buy",), leave_own_out=False)
        return {each.name for each in VARIANTS if each.applies(columns, hand)}

    plain = Kernel(similarity="identity", half_lives=(0,))
    assert "wordless" not in asked(HAND, plain)
    assert "wordless" in asked(HAND, plain, Kernel(similarity="text", half_lives=(0,)))
    assert "hand" not in asked((1.0, 1.0), plain)
