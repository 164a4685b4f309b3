"""The training pipeline: one definition for kfp.local and for a cluster (`kfp dsl compile`)."""

from typing import NamedTuple

from kfp import dsl

from components.deploy.component import deploy
from components.embed.component import embed
from components.evaluate.component import evaluate
from components.fit_influence.component import fit_influence
from components.gate.component import gate
from components.ingest.component import ingest
from components.publish_features.component import publish_features
from components.register.component import register
from components.train_intent.component import train_intent
from components.train_recommender.component import train_recommender


class Outputs(NamedTuple):
    """What a training leaves behind."""

    dataset: dsl.Dataset
    influence: dsl.Artifact
    evaluation: dsl.Artifact
    decision: dsl.Artifact
    registered: dsl.Model
    deployed: dsl.Artifact


@dsl.pipeline(
    name="swayrec-training", description="From raw events to a registered model and published features."
)
def training(
    scenario: str,
    workspace: str,
    until: str = "",
    code: str = "",
    raw: str = "",
    posted: str = "",
    reason: str = "",
) -> Outputs:
    """From raw events to a registered model and published features.

    Args:
        scenario: path of the scenario file.
        workspace: folder of registry, feature store and caches.
        until: ISO 8601 time; every event at or after it is ignored. Empty = all events.
        code: hash of the code, so that a cache notices when it changes.
        raw: hash of the raw files and of what was posted, for the same reason.
        posted: folder of the exported log of the intake. Empty = none.
        reason: why it runs, for people who look at the run; no step reads it.
    """
    # A change of code or data makes a new dataset, and its new place makes every later step run anew.
    dataset = ingest(scenario=scenario, until=until, code=code, raw=raw, posted=posted).outputs["dataset"]
    vectors = embed(scenario=scenario, workspace=workspace, dataset=dataset).outputs["vectors"]
    influence = fit_influence(scenario=scenario, dataset=dataset, vectors=vectors).outputs["influence"]
    intent = train_intent(scenario=scenario, dataset=dataset, vectors=vectors, influence=influence).outputs[
        "intent"
    ]
    models = train_recommender(
        scenario=scenario, dataset=dataset, vectors=vectors, influence=influence, intent=intent
    )
    evaluation = evaluate(
        scenario=scenario,
        workspace=workspace,
        dataset=dataset,
        influence=influence,
        model_test=models.outputs["model_test"],
    ).outputs["evaluation"]
    decision = gate(scenario=scenario, workspace=workspace, dataset=dataset, evaluation=evaluation).outputs[
        "decision"
    ]
    registered = register(
        scenario=scenario,
        workspace=workspace,
        dataset=dataset,
        influence=influence,
        model=models.outputs["model"],
        answers=models.outputs["answers"],
        evaluation=evaluation,
        decision=decision,
    ).outputs["registered"]
    published = publish_features(scenario=scenario, workspace=workspace, dataset=dataset, vectors=vectors)
    # The store can have been filled from other data since: only the step itself can tell.
    published.set_caching_options(False)
    deployed = deploy(
        scenario=scenario,
        workspace=workspace,
        dataset=dataset,
        influence=influence,
        evaluation=evaluation,
        decision=decision,
        registered=registered,
    ).after(published)
    # Another version may have been promoted by hand since.
    deployed.set_caching_options(False)
    return Outputs(dataset, influence, evaluation, decision, registered, deployed.outputs["deployed"])
