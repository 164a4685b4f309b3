import json

import pytest

from components.fit_influence.component import fit_influence

pytestmark = pytest.mark.timeout(900)


def test_influence_of_every_behavior_has_an_interval_and_is_the_same_each_time(
    made, groceries, artifact, tmp_path
):
    out = tmp_path / "influence"
    inputs = artifact(made("ingest", "dataset")), artifact(made("embed", "vectors"))
    fit_influence.python_func(str(groceries), "", *inputs, artifact(out))
    rows = json.loads((out / "influence.json").read_text())["behaviors"]
    assert {row["name"] for row in rows if row["target"]} == {
        "coupon_purchase",
        "discount_purchase",
        "full_price_purchase",
    }
    assert all(row["low"] < row["weight"] < row["high"] for row in rows)
    earlier = json.loads((made("fit_influence", "influence") / "influence.json").read_text())["behaviors"]
    assert [row["weight"] for row in rows] == pytest.approx([row["weight"] for row in earlier])
    assert json.loads((out / "selection.json").read_text())["validation"] > 0.1
