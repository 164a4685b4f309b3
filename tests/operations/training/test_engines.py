"""What fit_influence learns on every engine: the sums of parts, in this process and on Spark's workers."""

import json

import numpy as np
import pytest

from swayrec.learning.tables import ItemTables
from swayrec.operations.training import collecting, fit_influence
from swayrec.operations.training.collecting import added_up, collected
from swayrec.operations.training.material import material
from swayrec.tables.engine import VARIABLE
from swayrec.tables.errors import InputError
from tests.looks import looks, looks_scenario
from tests.operations.test_recommending import dataset_of


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return dataset_of(looks("one of both", 120, 5), tmp_path_factory.mktemp("looks") / "dataset")


def test_sums_of_parts_are_those_of_a_stage_s_log_whatever_the_stage_holds_out(dataset, tmp_path):
    data = material(looks_scenario(), dataset, None)
    for stage in data.stages:
        work = tmp_path / stage.name
        work.mkdir()
        said = []
        found = added_up(stage, data.scenario, data.layout(), work, map, said.append, len(stage.log) // 4)
        expected = collected(stage, data.scenario, data.layout(), said.append, "duckdb")
        assert said[0] == "4 parts of the users, mapped"
        assert (found.choices, found.rows) == (expected.choices, expected.rows)
        for name in ("A", "b", "s", "n"):
            one, other = getattr(found.groups, name), getattr(expected.groups, name)
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6 * np.abs(other).max())
        np.testing.assert_allclose(found.total, expected.total, rtol=1e-6)


@pytest.mark.system("java")
@pytest.mark.timeout(900)
def test_influence_is_the_same_on_every_engine(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(collecting, "EVENTS", 1000)
    learned = {}
    for engine in ("duckdb", "spark"):
        folder, said = tmp_path / engine, []
        monkeypatch.setenv(VARIABLE, engine)
        fit_influence(looks_scenario(), dataset, tmp_path / "vectors", folder, said.append)
        assert any("parts of the users, mapped" in line for line in said) == (engine == "spark")
        learned[engine] = folder
    here, there = learned["duckdb"], learned["spark"]
    chosen = [json.loads((folder / "selection.json").read_text()) for folder in (here, there)]
    assert chosen[0] == chosen[1]
    for stage in ("validation", "test", "final"):
        one, other = (json.loads((place / stage / "influence.json").read_text()) for place in (here, there))
        assert (one["choices"], one["rows"]) == (other["choices"], other["rows"])
        for row, same in zip(one["behaviors"], other["behaviors"], strict=True):
            assert row["name"] == same["name"]
            for number in ("weight", "low", "high"):
                assert row[number] == pytest.approx(same[number], rel=1e-4)
        mine, its = (ItemTables.load(place / stage) for place in (here, there))
        np.testing.assert_array_equal(mine.counts, its.counts)


def test_an_unknown_engine_is_named_before_anything_is_added_up(dataset):
    data = material(looks_scenario(), dataset, None)
    with pytest.raises(InputError, match="there is no engine 'polars'"):
        collected(data.stages[0], data.scenario, data.layout(), print, "polars")
