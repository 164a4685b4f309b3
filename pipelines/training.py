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
from pipelines.placement import GPU_IMAGE, IMAGE, Needs, placed


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
    workspace: str = "/workspace",
    until: str = "",
    code: str = "",
    raw: str = "",
    posted: str = "",
    since: str = "",
    engine: str = "",
    reason: str = "",
    service: str = "",
    namespace: str = "",
    share: float = 0.1,
    minutes: float = 60.0,
    prometheus: str = "",
    image: str = IMAGE,
    gpu_image: str = GPU_IMAGE,
) -> Outputs:
    """From raw events to a registered model and published features.

    Args:
        scenario: path or URI of the scenario file.
        workspace: folder of registry, feature store and caches.
        until: ISO 8601 time; every event at or after it is ignored. Empty = all events.
        code: hash of the code, so that a cache notices when it changes.
        raw: hash of the raw files and of what was posted, for the same reason.
        posted: folder of the exported log of the intake. Empty = none.
        since: ISO 8601 time; every event before it is ignored. Empty = none are.
        engine: what computes the tables and the sums of influence, duckdb or spark. Empty = what SWAYREC_ENGINE names,
            else duckdb.
        reason: why it runs, for people who look at the run; no step reads it.
        service: name of the InferenceService that a promoted model is rolled out to. Empty = none.
        namespace: its namespace. Empty = that of the pipeline's pods.
        share: of the users that get a canary first; 0 = no canary.
        minutes: how long the canary is watched.
        prometheus: URL of the Prometheus that has the transformers' metrics.
        image: of the steps on a cluster.
        gpu_image: of the steps that run on a GPU there.
    """
    images = image, gpu_image
    # A change of code or data makes a new dataset, and its new place makes every later step run anew. On a cluster
    # nobody hashes them beforehand: it reads what is there.
    read = ingest(
        scenario=scenario, until=until, code=code, raw=raw, posted=posted, since=since, engine=engine
    )
    dataset = placed(read, Needs("2", "8G", 120, cached=False), *images).outputs["dataset"]
    embedded = embed(scenario=scenario, workspace=workspace, dataset=dataset)
    vectors = placed(embedded, Needs("2", "8G", 240, gpu=True), *images).outputs["vectors"]
    fitted = fit_influence(scenario=scenario, engine=engine, dataset=dataset, vectors=vectors)
    influence = placed(fitted, Needs("4", "16G", 240), *images).outputs["influence"]
    intended = train_intent(scenario=scenario, dataset=dataset, vectors=vectors, influence=influence)
    intent = placed(intended, Needs("2", "16G", 240, gpu=True), *images).outputs["intent"]
    models = train_recommender(
        scenario=scenario, dataset=dataset, vectors=vectors, influence=influence, intent=intent
    )
    placed(models, Needs("2", "16G", 240, gpu=True), *images)
    evaluated = evaluate(
        scenario=scenario,
        workspace=workspace,
        dataset=dataset,
        vectors=vectors,
        influence=influence,
        model_test=models.outputs["model_test"],
    )
    # Each touch of a test split is written down: a second try would be a second touch.
    evaluation = placed(evaluated, Needs("2", "16G", 120, repeatable=False), *images).outputs["evaluation"]
    asked = gate(scenario=scenario, workspace=workspace, dataset=dataset, evaluation=evaluation)
    # The champion may be another one by now.
    decision = placed(asked, Needs("2", "8G", 60, cached=False), *images).outputs["decision"]
    kept = register(
        scenario=scenario,
        workspace=workspace,
        dataset=dataset,
        influence=influence,
        model=models.outputs["model"],
        answers=models.outputs["answers"],
        evaluation=evaluation,
        decision=decision,
        service=service,
    )
    registered = placed(kept, Needs("2", "8G", 60), *images).outputs["registered"]
    published = publish_features(scenario=scenario, workspace=workspace, dataset=dataset, vectors=vectors)
    placed(published, Needs("2", "8G", 120), *images)
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
        service=service,
        namespace=namespace,
        share=share,
        minutes=minutes,
        prometheus=prometheus,
    ).after(published)
    # A rollout that was interrupted goes on with the next try; it takes as long as its canary is watched.
    placed(deployed, Needs("500m", "2G", 48 * 60), *images)
    # Another version may have been promoted by hand since.
    deployed.set_caching_options(False)
    return Outputs(dataset, influence, evaluation, decision, registered, deployed.outputs["deployed"])
