"""`swayrec refresh`: new tables under the same weights, while requests are answered."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
from click.testing import CliRunner

from pipelines.refresh import refresh
from serving.processes import Serving
from swayrec import cli
from swayrec.commands.refresher import Refresher
from swayrec.learning.exports import newest, numbered
from swayrec.learning.learned import FOLDER
from swayrec.learning.signature import Metadata
from swayrec.learning.warm_up import RECORDS
from swayrec.operations.current import Current
from swayrec.operations.experiment import Experiment
from swayrec.operations.lock import locked
from swayrec.tables.dataset import Dataset
from tests.processes import processes_of

from .conftest import quiet
from .intake_world import HOUSE
from .refresh_world import VERSION, trained
from .test_hot_reload import Load
from .test_serving_with_intake import post, soon

LATER = "2026-01-02T10:00:00Z"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("refresh"))


@pytest.fixture(scope="module")
def serving(place):
    with Serving(place, intake=True, recent_every=0.2) as running:
        yield running


def refreshed(place, *options):
    command = [sys.executable, "-m", "swayrec.cli", "refresh", "--workspace", str(place.root), *options]
    return subprocess.run(command, cwd=HOUSE, env=quiet(), capture_output=True, text=True, timeout=240)


def asked(serving, verb="predict", **fields):
    question = {"instances": [{"user_id": "stranger", **fields}]}
    return post(f"{serving.url}/v1/models/swayrec:{verb}", question)[1]


def answer(serving, **fields):
    return asked(serving, **fields)["predictions"][0]


def event(user, item, number):
    return {"user_id": user, "item_id": item, "behavior": "buy", "timestamp": LATER, "event_id": f"e{number}"}


def test_a_refresh_under_load_fails_no_request_and_brings_a_new_item(serving, place):
    item = {"item_id": "oat", "title": "Oat drink", "category": "tea"}
    assert post(f"{serving.intake_url}/items", item)[0] == 200
    assert answer(serving, category=["tea"])["level"] == "popular", "the model does not know it yet"
    crowd = [event(f"crowd{number}", "i9", number) for number in range(400)]
    assert post(f"{serving.intake_url}/events", [*crowd, event("anna", "oat", 999)])[0] == 200
    before = soon(lambda: answer(serving, k=1)["items"][0], lambda best: best["source"] == "recent")
    assert before["item_id"] == "i9"
    with Load(serving.port) as load:
        done = refreshed(place, "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        load.until(told["export"])
    statuses = {said[:2] for said in load.said}
    assert statuses == {(200, "session")}, statuses
    assert {said[2] for said in load.said} == {VERSION, told["export"]}
    assert len(load.said) > 50
    assert told["changed"] and told["version"] == 1
    found = answer(serving, category=["tea"])
    assert (found["level"], [each["item_id"] for each in found["items"]]) == ("cold", ["oat"])
    assert found["items"][0]["title"] == "Oat drink"
    # What the tables hold now is not what everyone did lately any more, and it counts but once.
    after = answer(serving, k=1)["items"][0]
    assert (after["item_id"], after["source"]) == ("i9", "base")
    assert after["score"] == pytest.approx(before["score"], abs=1e-5)
    history = asked(serving, "explain", user_id="anna", item_id="oat")["explanations"][0]["shares"]
    assert [(row["item_id"], row["count"]) for row in history] == [("oat", 1.0)]


def test_the_new_export_has_the_same_weights_and_says_what_it_was_made_of(serving, place):
    current = Current.read(place)
    exports = sorted(current.model.iterdir(), key=lambda folder: int(folder.name))
    assert len(exports) == 2
    weights = [np.load(folder / FOLDER / "weights.npz")["w"] for folder in exports]
    assert np.array_equal(*weights)
    former, shape = (Metadata.read(folder) for folder in exports)
    assert (exports[1] / RECORDS).exists()
    assert former.until < shape.until and former.posted is None and shape.posted is not None
    dataset = Dataset(current.dataset)
    assert shape == replace(
        former, version=shape.version, until=shape.until, posted=dataset.posted_upto, data=dataset.made_of
    )
    assert place.refreshed in current.dataset.parents
    assert (current.version, current.newest, current.influence) == (1, 1, place.root.parent)


def test_without_anything_new_the_tables_stay_and_nothing_heavy_is_imported(serving, place):
    before = Current.read(place)
    done = refreshed(place)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Nothing has come since the tables of export ")
    assert Current.read(place) == before
    assert len(list(before.model.iterdir())) == 2


def test_the_other_side_of_an_experiment_gets_tables_of_the_same_data(serving, place, tmp_path):
    model, other = Current.read(place).model, tmp_path / "model"
    shutil.copytree(model / str(VERSION), other / str(VERSION))
    running = Experiment("trial", "tiny", 2, str(other), 0.5, LATER)
    place.experiment.write_text(json.dumps(asdict(running)))
    done = refresh(place)
    place.experiment.unlink()
    assert done.changed and done.export == int(newest(model).name)
    assert len(numbered(model)) == len(numbered(other)) == 2
    told = [Metadata.read(newest(folder)) for folder in (model, other)]
    assert told[0].data == told[1].data != "before"
    assert told[0].posted == told[1].posted


def test_beside_a_server_it_is_done_again_and_again_and_leaves_no_process(place):
    log, said = place.logs / "refresh.log", []
    with Refresher(place, 0.002, said.append):
        soon(lambda: log.read_text() if log.exists() else "", lambda text: text.count("they stay") >= 2)
    assert said == []
    assert [line for line in processes_of(place.root) if "swayrec.cli" in line] == []


def test_old_exports_go_but_the_trainings_own_and_the_newest_three(place):
    from swayrec.operations.retabling import prune

    model = Current.read(place).model
    made = [shutil.copytree(model / str(VERSION), model / str(number)) for number in (5 * 10**9, 6 * 10**9)]
    (model / ".7.half").mkdir()
    prune(model)
    assert len(list(model.iterdir())) == 4
    for number in (7 * 10**9, 8 * 10**9):
        made.append(shutil.copytree(model / str(VERSION), model / str(number)))
    prune(model)
    assert sorted(folder.name for folder in model.iterdir()) == [
        str(VERSION),
        *(folder.name for folder in made[1:]),
    ]
    for folder in made[1:]:
        shutil.rmtree(folder)


def run(root):
    return CliRunner().invoke(cli.main, ["refresh", "--workspace", str(root)], catch_exceptions=False)


def test_bad_states_are_said_in_a_sentence(tmp_path):
    done = run(tmp_path / "nothing")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "nothing has been trained in this workspace yet" in done.output
    place = trained(tmp_path)
    path = Current.read(place).scenario
    text = path.read_text()

    def refused(sentence):
        done = run(place.root)
        assert (done.exit_code, done.output.count("\n")) == (1, 1), done.output
        assert sentence in done.output
        assert len(list(Current.read(place).model.iterdir())) == 1

    with locked(place):
        refused(f"another training or refresh (process {os.getpid()}) is at work")
    path.rename(path.with_suffix(".away"))
    refused("the scenario file that the newest training was made with is gone")
    path.write_text(text.replace('"view"', '"look"'))
    refused("the behaviors are look, buy, but the model that is served was trained on view, buy")
    path.write_text(text.replace("target = true", "").replace('"view"', '"view"\ntarget = true'))
    refused("the targets are view, but the model that is served was trained on buy")
    path.write_text(text)
    folder = Current.read(place).model / str(VERSION) / FOLDER
    (folder / "weights.npz").write_bytes(b"junk")
    refused("learned: it is damaged")
    shutil.rmtree(folder)
    refused("learned: it is missing; run `swayrec train SCENARIO` again")
