import json

import pytest

from components.train_intent.component import train_intent

pytestmark = pytest.mark.timeout(900)


def test_kept_intent_is_named_with_the_reason_and_lies_in_a_folder_a_stage(
    made, groceries, artifact, tmp_path
):
    out = tmp_path / "intent"
    inputs = (made("ingest", "dataset"), made("embed", "vectors"), made("fit_influence", "influence"))
    train_intent.python_func(str(groceries), *map(artifact, inputs), artifact(out))
    told = json.loads((out / "intent.json").read_text())
    assert told["kept"] in ("closed", "sequence")
    assert told["why"]
    assert all(any((out / stage).iterdir()) for stage in ("test", "final"))
