"""A whole rollout: a real registry with models in object storage, the API of a cluster, and its figures."""

import json
import shutil
import uuid
from contextlib import nullcontext
from dataclasses import dataclass, replace

import pytest
from click.testing import CliRunner

from swayrec.cli import main
from swayrec.operations import deployment, experiment, store
from swayrec.operations.current import Current, follow
from swayrec.operations.registry import Registry
from swayrec.operations.rollout.inference_service import InferenceService
from swayrec.operations.rollout.measured import Prometheus
from swayrec.operations.rollout.plan import Clock, Plan
from swayrec.operations.rollout.rollout import Rollout
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError
from tests.kube_server import kube_server
from tests.operations.rollout.figures import figures_server
from tests.operations.rollout.test_inference_service import manifest
from tests.operations.test_registry import NO, YES, exported
from tests.serving.intake_world import SHAPE

FINE = {"questions": 1000, "failures": 0, "poorer": 2, "p99": 0.03}
PLAN = Plan(share=0.2, minutes=10, every=60, patience=300)


@dataclass
class Time:
    """A clock whose waiting takes no time; ``each`` is called at every step."""

    at: float
    each: object = lambda at: None

    def sleep(self, seconds):
        self.at += seconds
        self.each(self.at)


@pytest.fixture(scope="module")
def servers():
    with kube_server() as (kube, client), figures_server() as (figures, url):
        yield kube, client, figures, url


class World:
    """A workspace that serves version 1 of a scenario, whose version 2 waits as the challenger."""

    def __init__(self, servers, folder, shop, mode="Standard"):
        self.kube, client, self.figures, url = servers
        self.kube.__init__()
        self.figures.__init__()
        self.figures.of = {"champion": dict(FINE), "challenger": dict(FINE)}
        self.workspace = Workspace(folder / "workspace")
        self.registry = Registry(self.workspace)
        name = f"s{uuid.uuid4().hex[:8]}"
        shop.write_text(shop.read_text().replace('"shop"', f'"{name}"'))
        self.scenario = name
        self.first = self.registered(folder, 1, YES)
        left = {}
        for part in ("dataset", "influence", "evaluation", "decision"):
            (folder / "left" / part).mkdir(parents=True)
            left[part] = folder / "left" / part
        deployment.deploy(str(shop), self.workspace, **left, model=self.first.place, version=1)
        self.second = self.registered(folder, 2, NO)
        made = manifest(mode)
        made["spec"]["predictor"]["model"]["storageUri"] = self.first.source
        self.kube.add(made)
        self.time, self.said = Time(1_800_000_000.0), []
        self.service = InferenceService("swayrec", "shop", client, sleep=lambda seconds: None)
        self.rollout = Rollout(
            self.workspace,
            self.service,
            Prometheus(url),
            say=self.said.append,
            clock=Clock(lambda: self.time.at, self.time.sleep),
        )

    def registered(self, folder, number, decision):
        model = exported(folder / f"exported-{number}", number)
        replace(SHAPE, scenario=self.scenario, version=number).write(model / str(number))
        return self.registry.register(
            self.scenario,
            model,
            parameters={},
            metrics={},
            fingerprint="data",
            code_version="code",
            reference_folder=None,
            report_folder=None,
            decision=decision,
        )

    @property
    def spec(self):
        return self.kube.held["shop", "swayrec"]["spec"]

    def tags(self, version):
        found = self.registry._client.get_model_version(f"swayrec-{self.scenario}", str(version)).tags
        return {
            name.removeprefix("rollout_"): told for name, told in found.items() if name.startswith("rollout")
        }

    def nothing_changed(self):
        """The first version serves as before, and there is no canary."""
        assert self.spec["predictor"]["model"]["storageUri"] == self.first.source
        assert not self.spec.get("canary") and "canaryTrafficPercent" not in self.spec["predictor"]
        assert experiment.read(self.workspace) is None
        assert self.registry.champion(self.scenario).number == 1
        assert Current.read(self.workspace).version == 1
        links = {link.name for link in self.workspace.served_models.iterdir() if link.name.isdecimal()}
        assert links == {"1"}


@pytest.fixture(scope="module")
def empty_registry(tmp_path_factory):
    """MLflow's tables, whose making takes seconds: a file to copy."""
    workspace = Workspace(tmp_path_factory.mktemp("empty"))
    store.opened(workspace)
    return workspace.registry_database


@pytest.fixture
def place(tmp_path, bucket, empty_registry, monkeypatch):
    """A folder whose workspace has a registry with models in the bucket."""
    monkeypatch.setenv(store.ARTIFACTS, f"{bucket}/registry")
    database = Workspace(tmp_path / "workspace").registry_database
    database.parent.mkdir(parents=True)
    shutil.copy(empty_registry, database)
    return tmp_path


@pytest.fixture
def world(servers, place, shop):
    return World(servers, place, shop)


def test_a_good_challenger_gets_its_share_and_then_the_champions_place(world):
    seen = []
    world.time.each = lambda at: seen.append(experiment.read(world.workspace))
    outcome = world.rollout.promote(world.second, PLAN)
    assert outcome.promoted, outcome.reasons
    running = next(each for each in seen if each)
    assert (running.share, running.version) == (0.2, 2)
    assert running.address == "swayrec-challenger-predictor.shop:80"
    assert running.model.startswith(str(world.workspace.root.resolve())), "transformers read its shape there"
    assert world.spec["predictor"]["model"]["storageUri"] == world.second.source
    assert not world.spec.get("canary") and experiment.read(world.workspace) is None
    assert world.registry.champion(world.scenario).number == 2
    assert Current.read(world.workspace).version == 2
    tags = world.tags(2)
    assert tags["state"] == "promoted" and tags["share"] == "0.2"
    assert tags["service"] == "InferenceService shop/swayrec"
    assert tags["why"].startswith("1000 questions, p99 0.030 s beside 0.030 s")
    assert tags["begun"] < tags["ended"]


def test_while_pods_are_replaced_transformers_know_both_versions(world):
    def links(at):
        if world.spec["predictor"]["model"]["storageUri"] == world.second.source:
            names.append(
                {link.name for link in world.workspace.served_models.iterdir() if link.name.isdecimal()}
            )

    names = []
    world.time.each = links
    world.rollout.promote(world.second, replace(PLAN, share=0))
    assert names and all(each == {"1", "2"} for each in names)


def test_a_bad_canary_is_withdrawn_as_soon_as_it_shows(world):
    world.figures.of["challenger"] |= {"failures": 300}
    begun = world.time.at
    outcome = world.rollout.promote(world.second, PLAN)
    assert not outcome.promoted
    assert "30.0% of the questions to the challenger have no answer" in outcome.reasons[0]
    assert world.time.at - begun < 120, "nobody waits for the end"
    world.nothing_changed()
    assert world.tags(2)["state"] == "withdrawn" and "30.0%" in world.tags(2)["why"]


def test_one_whose_lists_nobody_takes_from_is_withdrawn(world):
    folder = world.workspace.exposures / world.scenario
    folder.mkdir(parents=True)
    requests = [(side, f"{side}-{n}") for side in ("champion", "challenger") for n in range(1000)]

    def show(at):
        running = experiment.read(world.workspace)
        if running is None or list(folder.glob("*.jsonl")):
            return
        lines = [
            json.dumps(
                {
                    "at": at + 1,
                    "request_id": request,
                    "user": "u",
                    "items": ["i1", "i2"],
                    "scores": [1, 0],
                    "model_version": 1,
                    "level": "full",
                    "policy": [],
                    "variant": running.variant(side),
                }
            )
            for side, request in requests
        ]
        (folder / "2030-01-01T00-1-1.jsonl").write_text("".join(line + "\n" for line in lines))

    world.time.each = show
    world.time.at = 1_893_456_000.0
    of_champion, of_challenger = (
        [name for asked, name in requests if asked == side] for side in ("champion", "challenger")
    )
    # Each look gives what is new; only all of it together speaks against the challenger.
    left = iter([of_champion[:20] + of_challenger[:20], of_champion[20:300]])
    opened = []

    def posted(scenario, instant):
        opened.append((scenario, instant))
        return nullcontext(lambda: [(request, "i2") for request in next(left)])

    rollout = replace(world.rollout, posted=posted)
    outcome = rollout.promote(world.second, PLAN)
    assert outcome.reasons == (
        "something was taken from 2.0% of the challenger's 1000 lists, from 30.0% of the champion's",
    )
    assert [scenario for scenario, _ in opened] == [world.scenario], "the log is opened once"
    world.nothing_changed()


def test_a_canary_that_is_never_ready_times_out(world):
    world.kube.slow.add(world.second.source)
    outcome = world.rollout.promote(world.second, PLAN)
    assert "the canary was not ready within 300 s" in outcome.reasons[0]
    world.nothing_changed()


def test_a_model_that_cannot_be_loaded_is_withdrawn_with_kserves_reason(world):
    world.kube.never.add(world.second.source)
    outcome = world.rollout.promote(world.second, PLAN)
    assert outcome.reasons == (f"the canary cannot be served: no model at {world.second.source}",)
    world.nothing_changed()


def test_one_that_fails_only_in_the_champions_place_gives_it_back(world):
    def spoil(at):
        if world.spec["predictor"]["model"]["storageUri"] == world.second.source:
            world.kube.never.add(world.second.source)

    world.time.each = spoil
    outcome = world.rollout.promote(world.second, replace(PLAN, share=0))
    assert not outcome.promoted and "cannot be served" in outcome.reasons[0]
    world.nothing_changed()


def test_too_few_questions_let_nobody_in(world):
    world.figures.of["challenger"] |= {"questions": 12, "poorer": 0}
    outcome = world.rollout.promote(world.second, PLAN)
    assert "only 12 questions came to the challenger in 10 minutes" in outcome.reasons[0]
    world.nothing_changed()


def test_figures_that_are_away_for_a_while_are_asked_again_and_for_good_let_nobody_in(world):
    def away(times):
        def each(at):
            if experiment.read(world.workspace) and not done:
                done.append(True)
                world.figures.away = times

        done = []
        return each

    world.time.each = away(3)
    assert world.rollout.promote(world.second, PLAN).promoted
    world.time.each = away(10_000)
    third = world.registered(world.workspace.root.parent, 3, NO)
    outcome = world.rollout.promote(third, PLAN)
    assert "nobody knows how the canary does" in outcome.reasons[0]
    assert world.registry.champion(world.scenario).number == 2


def test_what_somebody_else_makes_it_serve_during_the_canary_stays(world):
    def by_hand(at):
        if experiment.read(world.workspace):
            world.kube.change(
                world.kube.held["shop", "swayrec"], predictor={"model": {"storageUri": "s3://by/hand"}}
            )

    world.time.each = by_hand
    outcome = world.rollout.promote(world.second, PLAN)
    assert "serves s3://by/hand by now" in outcome.reasons[0]
    assert world.service.uri() == "s3://by/hand" and world.service.canary_uri() is None
    assert world.registry.champion(world.scenario).number == 1


def test_a_lost_connection_during_the_canary_is_waited_out(world):
    def lost(at):
        if world.spec.get("canary") and not done:
            done.append(True)
            world.kube.away = 4

    done = []
    world.time.each = lost
    assert world.rollout.promote(world.second, PLAN).promoted


def test_one_that_was_killed_half_way_goes_on_where_it_is_asked_again(world):
    class KilledError(BaseException):
        pass

    def kill(at):
        if experiment.read(world.workspace):
            raise KilledError

    world.time.each = kill
    with pytest.raises(KilledError):
        world.rollout.promote(world.second, PLAN)
    assert world.tags(2)["state"] == "begun"
    world.time.each = lambda at: None
    assert world.rollout.promote(world.second, PLAN).promoted
    assert world.service.canary_uri() is None and experiment.read(world.workspace) is None


def test_a_rollback_serves_the_version_before_at_once(world):
    world.rollout.promote(world.second, PLAN)
    version, outcome = world.rollout.rollback(world.scenario, PLAN)
    assert version.number == 1 and outcome.promoted
    world.nothing_changed()
    assert world.tags(1)["why"] == "in place of version 2, by a rollback"


def test_on_knative_the_newest_revision_is_the_canary_and_then_the_champion(servers, place, shop):
    world = World(servers, place, shop, "Knative")
    seen = []
    world.time.each = lambda at: seen.append(experiment.read(world.workspace))
    assert world.rollout.promote(world.second, PLAN).promoted
    assert next(each for each in seen if each).address == "latest-swayrec-predictor.shop:80"
    assert world.spec["predictor"]["model"]["storageUri"] == world.second.source
    assert "canaryTrafficPercent" not in world.spec["predictor"]
    third = world.registered(place, 3, NO)
    world.figures.of["challenger"] |= {"failures": 300}
    assert not world.rollout.promote(third, PLAN).promoted
    assert world.service.uri() == world.second.source and world.service.canary_uri() is None


def test_an_experiment_of_people_is_not_disturbed(world):
    third = world.registered(world.workspace.root.parent, 3, NO)
    experiment.start(world.workspace, third, 0.5, "by-hand")
    outcome = world.rollout.promote(world.second, PLAN)
    assert not outcome.promoted and "the experiment by-hand runs; end it first" in outcome.reasons[0]
    assert world.service.canary_uri() is None and experiment.read(world.workspace).name == "by-hand"


def test_what_the_workspace_serves_already_reaches_the_cluster_without_a_canary(world):
    follow(world.workspace, world.registry.promote(world.second))
    outcome = world.rollout.promote(world.second, PLAN)
    assert outcome.promoted and "cannot be its own challenger" in outcome.reasons[0]
    assert world.service.uri() == world.second.source


def test_two_rollouts_at_once_are_one(world):
    def other(at):
        with pytest.raises(InputError, match="another rollout is at work"):
            world.rollout.promote(world.second, PLAN)

    world.time.each = other
    assert world.rollout.promote(world.second, replace(PLAN, share=0)).promoted


def test_a_model_on_this_machines_disk_is_refused(world):
    with pytest.raises(InputError, match="where no cluster can take it from"):
        world.rollout.promote(replace(world.second, source="file:///here/model"), PLAN)


def test_the_command_line_rolls_out_and_back_and_fails_where_a_version_is_withdrawn(
    world, monkeypatch, tmp_path
):
    host = world.service._client.configuration.host
    settings = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": {"server": host}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(settings))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setattr(
        "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "kubeconfig")
    )
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    def ran(*line):
        return CliRunner().invoke(main, ["models", *line, "--workspace", str(world.workspace.root)])

    promoted = ran("promote", f"{world.scenario}/2", "--to", "cluster", "--share", "0")
    assert promoted.exit_code == 0, promoted.output
    assert f"Version {world.scenario}/2 serves and is the champion" in promoted.stdout
    back = ran("rollback", "--to", "cluster")
    assert back.exit_code == 0 and "in place of version 2, by a rollback" in back.stdout
    world.kube.never.add(world.second.source)
    withdrawn = ran("promote", f"{world.scenario}/2", "--to", "cluster", "--share", "0")
    assert withdrawn.exit_code == 1 and "does not serve: " in withdrawn.output
    told = ran("promote", f"{world.scenario}/2", "--to", "cluster")
    assert told.exit_code == 1 and "say where it is, or give a share of 0" in told.output
    world.nothing_changed()
