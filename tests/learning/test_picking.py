import numpy as np
import pytest

from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import levels
from swayrec.learning.layout import layout
from swayrec.learning.past import to_past
from swayrec.learning.picking import plain_weights, rough_weights
from swayrec.learning.rows import Sums, groups_of, sums
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import item_tables
from swayrec.tables.scenario_learning import Form, Kernel
from tests.learning.planted import CATEGORIES, NOW, a_level
from tests.small_world import generated, scenario

FORM = Form(
    name="mixed",
    kernels=(
        Kernel(similarity="transition", step_half_lives=(2,)),
        Kernel(similarity="category", half_lives=(3, 0)),
    ),
    windows_days=(7, 0),
)


@pytest.fixture(scope="module")
def world():
    """Two kernels, one of which is far larger than the other, over a level of a generated log."""
    log = generated(5)
    asked = scenario().with_choices(candidates=8)
    asked = asked.model_copy(update={"influence": asked.influence.model_copy(update={"forms": (FORM,)})})
    columns = layout([FORM], asked.behavior_names, asked.targets, leave_own_out=False)
    level, catalogue = a_level(log), Catalogue(CATEGORIES)
    tables = item_tables(level.tables_log, level.now, columns, asked.influence, catalogue)
    return log, asked, columns, level, tables, catalogue


def deviations(scoring, weights, level):
    """Of each kernel's score over the catalogue, and of everyone's counts, by weights float[d]."""
    past = to_past(level.histories(np.arange(len(level))[:64], 64), level.times[:64])
    starts = [scoring.layout.block(place) for place in range(len(scoring.layout.kernels))]
    found = []
    for part in [*starts, slice(scoring.layout.base_start, None)]:
        alone = np.zeros_like(weights)
        alone[part] = weights[part]
        scoring.set_weights(alone)
        influence, base = scoring.score(past)
        found.append(float((influence + base).numpy().std(axis=1).mean()))
    return found


def test_every_kernel_and_everyones_counts_have_the_same_say_in_what_is_picked(world):
    _, asked, columns, level, tables, _ = world
    scoring = Scoring(tables, columns)
    ones = deviations(scoring, np.ones(columns.size), level)
    assert max(ones) > 5 * min(ones)
    scoring.set_weights(np.zeros(columns.size))
    weights = plain_weights(scoring, level, asked)
    assert not scoring.weights.numpy().any()
    assert deviations(scoring, weights, level) == pytest.approx([1, 1, 1], rel=0.35)


def test_second_pass_learns_among_what_the_first_would_list(world):
    log, asked, columns, *_, catalogue = world
    once = sums(log, NOW, asked, columns, catalogue)
    twice = sums(log, NOW, asked.with_choices(passes=2), columns, catalogue)
    rough = rough_weights(once.groups, columns, asked)
    expected = Sums.none(columns, groups_of(len(log.users)))
    for level in levels(log, NOW, asked):
        tables = item_tables(level.tables_log, level.now, columns, asked.influence, catalogue)
        expected = expected.with_level(level, Scoring(tables, columns, rough), asked)
    np.testing.assert_allclose(twice.groups.A, expected.groups.A)
    assert not np.allclose(once.groups.A, twice.groups.A) and twice.choices == once.choices
