"""Versions of a real model as they come and go."""

import asyncio
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tensorflow_serving.apis import model_pb2
from tensorflow_serving.apis.get_model_status_pb2 import ModelVersionStatus

from serving import servable
from serving.batching import Batching
from serving.loaded_versions import LoadedVersions
from serving.predictor import _loaded
from serving.refusals import ExpiredError, InvalidRequestError, NotServedError
from serving.version_policy import VersionPolicy

from .conftest import VERSION

NEWEST = VersionPolicy()
AVAILABLE, END = ModelVersionStatus.AVAILABLE, ModelVersionStatus.END


@pytest.fixture
def base(tmp_path, model_folder) -> Path:
    """Version 1 lies there; `add` brings more."""
    (tmp_path / "base").mkdir()
    add(tmp_path / "base", model_folder, 1)
    return tmp_path / "base"


def add(base: Path, model_folder: Path, number: int) -> None:
    (base / str(number)).symlink_to(model_folder / str(VERSION))


def spec(version=None, label=None, name="swayrec") -> model_pb2.ModelSpec:
    asked = model_pb2.ModelSpec(name=name)
    if version is not None:
        asked.version.value = version
    if label is not None:
        asked.version_label = label
    return asked


def within(base, work, policy=NEWEST, load=_loaded, **settings):
    async def inside():
        with ThreadPoolExecutor(2) as workers:
            versions = LoadedVersions("swayrec", base, policy, load, workers, **settings)
            await versions.look()
            return await work(versions)

    return asyncio.run(inside())


def asked(servable_or_versions):
    version = servable_or_versions.versions[servable_or_versions.available[0]]
    return version.servable.signature("recommend").empty()


def test_a_new_version_takes_over_and_the_old_one_leaves_memory(base, model_folder):
    async def work(versions):
        assert versions.find(spec()).number == 1
        add(base, model_folder, 2)
        await versions.look()
        assert versions.find(spec()).number == 2
        with pytest.raises(NotServedError, match=r"Specific\(swayrec, 1\); versions here: 2"):
            versions.find(spec(1))
        await asyncio.gather(*versions._leaving)
        return {number: (each.state, each.servable is None) for number, each in versions.versions.items()}

    assert within(base, work) == {1: (END, True), 2: (AVAILABLE, False)}


def test_a_smaller_number_takes_over_when_the_newer_folder_goes(base, model_folder):
    async def work(versions):
        add(base, model_folder, 2)
        await versions.look()
        (base / "2").unlink()
        await versions.look()
        return versions.available

    assert within(base, work) == [1]


def test_a_question_in_flight_ends_on_the_version_it_began_on(base, model_folder):
    async def work(versions):
        inputs = asked(versions)
        running = asyncio.create_task(versions.run(spec(), "recommend", inputs, None))
        await asyncio.sleep(0.02)  # It waits in a batch now.
        add(base, model_folder, 2)
        await versions.look()
        await asyncio.sleep(0.1)
        assert versions.versions[1].state == ModelVersionStatus.UNLOADING
        assert versions.versions[1].servable is not None
        await versions.versions[1].batchers["recommend"].ask(inputs, 1)  # It fills the batch.
        number, answer = await running
        await asyncio.gather(*versions._leaving)
        assert versions.versions[1].servable is None
        return number, set(answer) > {"item", "score"}

    slow = Batching(max_batch_size=2, batch_timeout_micros=600_000_000)
    assert within(base, work, batching=slow) == (1, True)


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_serving_until_it_is_whole(base, model_folder):
    async def work(versions):
        shutil.copytree(model_folder / str(VERSION), base / "2")
        variables = base / "2" / "variables"
        variables.rename(base / "later")
        await versions.look()
        assert versions.available == [1]
        assert versions.versions[2].state == END
        assert "this is no whole SavedModel" in versions.versions[2].error
        (base / "later").rename(variables)
        await versions.look()
        assert versions.available == [1], "it is not tried again at once"
        await asyncio.sleep(0.6)
        await versions.look()
        return versions.available

    assert within(base, work, retry=0.5) == [2]


def test_an_empty_folder_takes_nothing_away(base):
    async def work(versions):
        (base / "1").unlink()
        await versions.look()
        return versions.available

    assert within(base, work) == [1]


@pytest.mark.parametrize(
    ("policy", "served"),
    [
        (VersionPolicy(), [3]),
        (VersionPolicy(2), [2, 3]),
        (VersionPolicy(None), [1, 2, 3]),
        (VersionPolicy(None, frozenset({1, 9})), [1]),
    ],
)
def test_the_policy_says_which_versions_serve(base, model_folder, policy, served):
    add(base, model_folder, 2)
    add(base, model_folder, 3)

    async def work(versions):
        assert versions.find(spec()).number == served[-1]
        return versions.available

    assert within(base, work, policy) == served


def test_labels_name_versions(base, model_folder):
    add(base, model_folder, 2)

    async def work(versions):
        with pytest.raises(InvalidRequestError, match="Unrecognized servable version label: 'nightly'"):
            versions.find(spec(label="nightly"))
        with pytest.raises(NotServedError, match="label canary to version 7"):
            versions.relabel(VersionPolicy(2, None, {"canary": 7}))
        return [versions.find(spec(label=label)).number for label in ("stable", "canary")]

    assert within(base, work, VersionPolicy(2, None, {"stable": 1, "canary": 2})) == [1, 2]


def test_batched_and_single_answers_are_the_same(base):
    loaded = servable.load(base)
    signature = loaded.signature("recommend")
    question = dict(signature.empty())
    question["item"].string_val[:] = [b"i03", b""]
    question["behavior"].string_val[:] = [b"buy", b""]
    counts = servable.tf.constant([[2.0] + [0.0] * 19])
    question["count"] = servable.tf.make_tensor_proto(counts)
    questions = [signature.empty(), question, signature.empty()]
    together = signature.run_together(questions)
    for one, given in zip(together, questions, strict=True):
        alone = signature.run(given)
        for name, value in alone.items():
            found, wanted = servable.tf.make_ndarray(one[name]), servable.tf.make_ndarray(value)
            assert found.dtype == wanted.dtype
            assert found.tolist() == wanted.tolist()
    assert servable.tf.make_ndarray(together[1]["item"])[0][0] == b"i03"


@pytest.mark.parametrize("batching", [None, Batching()])
def test_an_expired_question_is_not_run(base, batching):
    ran = []

    def load(folder):
        loaded = servable.load(folder)
        signature = loaded.signatures["recommend"]

        def counted(protos):
            ran.append(1)
            return signature.whole(protos)

        changed = servable.Signature(
            signature.name, signature.inputs, signature.outputs, counted, signature.function
        )
        return servable.Servable(
            loaded.version, folder, {"recommend": changed}, loaded.signature_defs, loaded.model
        )

    async def work(versions):
        inputs = asked(versions)
        with pytest.raises(ExpiredError):
            await versions.run(spec(), "recommend", inputs, time.monotonic() - 0.001)
        assert ran == []
        await versions.run(spec(), "recommend", inputs, time.monotonic() + 10)
        return ran

    assert within(base, work, load=load, batching=batching) == [1]
