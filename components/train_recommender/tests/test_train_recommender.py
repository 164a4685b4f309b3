import pytest

from components.train_recommender.component import train_recommender
from swayrec.learning.signature import METADATA, Metadata
from swayrec.operations import answers

pytestmark = pytest.mark.timeout(900)


def test_evaluated_model_ends_before_the_served_one_and_that_one_is_sampled(
    made, groceries, artifact, tmp_path
):
    inputs = (
        made("ingest", "dataset"),
        made("embed", "vectors"),
        made("fit_influence", "influence"),
        made("train_intent", "intent"),
    )
    outputs = [tmp_path / name for name in ("model_test", "model", "answers")]
    train_recommender.python_func(str(groceries), *map(artifact, inputs), *map(artifact, outputs))
    shapes = []
    for folder in outputs[:2]:
        [metadata] = folder.glob(f"*/{METADATA}")
        version = metadata.parents[1]
        assert (version / "saved_model.pb").exists()
        assert version.name.isdigit()
        shapes.append(Metadata.read(version))
    assert shapes[0].until < shapes[1].until
    sampled = answers.read(outputs[2])
    assert sampled.score.shape == (len(sampled.intent), shapes[1].results)
    assert sampled.intent.shape[1] == len(sampled.targets) == 3
    assert ((sampled.intent >= 0) & (sampled.intent <= 1)).all()
