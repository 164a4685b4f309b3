import json

import pytest

from components.publish_features.component import publish_features
from feature_repo.reader import FeatureReader
from swayrec.operations.workspace import Workspace
from swayrec.tables.dataset import Dataset

pytestmark = pytest.mark.timeout(900)


def test_histories_are_in_the_store_and_the_same_data_are_not_published_twice(
    made, groceries, artifact, tmp_path
):
    inputs = artifact(made("ingest", "dataset")), artifact(made("embed", "vectors"))
    receipts = []
    for name in ("first", "second"):
        publish_features.python_func(
            str(groceries), str(tmp_path / "workspace"), *inputs, artifact(tmp_path / name)
        )
        receipts.append(json.loads((tmp_path / name / "publication.json").read_text()))
    assert receipts[0] == receipts[1], "published_at is of the first time"
    user = Dataset(made("ingest", "dataset")).events()["user_id"][0].as_py()
    past = FeatureReader(Workspace(tmp_path / "workspace").features).history(user)
    assert len(past["item"]) > 10
