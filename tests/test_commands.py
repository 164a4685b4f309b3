import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from feature_repo.reader import FeatureReader
from swayrec import cli
from swayrec.commands.demo import asked
from swayrec.learning.exports import newest
from swayrec.operations.current import Current
from swayrec.operations.registry import Registry
from swayrec.tables.dataset import Dataset
from tests.processes import processes_of

pytestmark = pytest.mark.timeout(900)
ROOT = Path(__file__).parents[1]


def run(*arguments, **given):
    return CliRunner().invoke(
        cli.main, [str(argument) for argument in arguments], catch_exceptions=False, **given
    )


@pytest.fixture(scope="module")
def user(trained):
    return Dataset(Current.read(trained).dataset).events()["user_id"][0].as_py()


def test_check_says_what_training_will_do_and_keeps_nothing(groceries, tmp_path):
    done = run("check", groceries, "--workspace", tmp_path / "workspace")
    assert done.exit_code == 0
    assert "Training will" in done.output
    assert list((tmp_path / "workspace").iterdir()) == []
    told = json.loads(run("check", groceries, "--workspace", tmp_path, "--json").output)
    assert told["training"]["parts"]["test"]["cases"] > 10


def test_influence_of_behaviors_as_a_table_and_as_json(trained):
    told = json.loads(run("influence", "--workspace", trained.root, "--json").output)
    assert {row["name"] for row in told} == {
        "redemption",
        "discount_purchase",
        "full_price_purchase",
        "coupon_purchase",
    }
    assert all(row["low"] <= row["weight"] <= row["high"] for row in told)
    table = run("influence", "--workspace", trained.root).output.splitlines()
    assert len(table) == 2 + len(told)


def test_influence_on_a_user_adds_up_to_the_score(trained, user):
    told = json.loads(run("influence", "--workspace", trained.root, "--user", user, "--json").output)
    parts = sum(event["influence"] for event in told["events"]) + sum(told["rest"].values())
    assert parts == pytest.approx(told["score"], abs=1e-4)
    shown = run("influence", "--workspace", trained.root, "--user", user, "-n", 3).output
    assert told["title"] in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["influence", "--user", "nobody"], "there is no user nobody"),
        (["models", "show", "99"], "there is no version 99"),
        (["recommend", "--users", "nothere.csv", "--output", "lists.csv"], "nothere.csv: cannot be read"),
        (["recommend", "--users", "-", "--output", "lists.txt"], "must end in .csv or .parquet"),
    ],
)
def test_what_is_not_there_is_one_sentence(trained, arguments, sentence):
    done = run(*arguments, "--workspace", trained.root)
    assert done.exit_code == 1
    assert sentence in done.output
    assert len(done.output.splitlines()) == 1


def test_untrained_workspace_says_what_to_do(tmp_path):
    for arguments in (["influence"], ["recommend", "--users", "-", "--output", "l.csv"], ["serve"]):
        done = run(*arguments, "--workspace", tmp_path, input="1\n")
        assert done.exit_code == 1
        assert "run `swayrec train SCENARIO` first" in done.output


def test_recommend_writes_csv_and_parquet_for_users_from_standard_input(trained, user, tmp_path):
    for name in ("lists.csv", "lists.parquet"):
        done = run(
            "recommend", "--users", "-", "-k", 3, "--output", tmp_path / name, "--workspace", trained.root,
            input=f"{user}\n",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
    lines = (tmp_path / "lists.csv").read_text().replace('"', "").splitlines()
    assert lines[0] == "user_id,item_id,rank,score"
    rows = pq.read_table(tmp_path / "lists.parquet").to_pylist()
    assert [line.split(",")[:3] for line in lines[1:]] == [
        [row["user_id"], row["item_id"], str(row["rank"])] for row in rows
    ]
    assert len(rows) == 3


def test_recommend_ranks_only_given_candidates(trained, user, tmp_path):
    items = Dataset(Current.read(trained).dataset).events()["item_id"].unique().to_pylist()[:20]
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("user_id,item_id\n" + "".join(f"{user},{item}\n" for item in items))
    output = tmp_path / "lists.parquet"
    done = run(
        "recommend", "--users", pairs, "--candidates", pairs, "--output", output, "--workspace", trained.root
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert set(pq.read_table(output)["item_id"].to_pylist()) <= set(items)


def test_candidates_that_nobody_knows_are_counted(trained, user, tmp_path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(f"user_id,item_id\n{user},nosuch\nstranger,neither\nstranger,nosuch\n")
    output = tmp_path / "lists.csv"
    done = run(
        "recommend", "--users", "-", "--candidates", pairs, "--output", output, "--workspace", trained.root,
        input=f"{user}\nstranger\n",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "candidates that no event names, left out: 2; without an item to show: 2" in done.output
    assert output.read_text() == '"user_id","item_id","rank","score"\n'


def test_an_output_that_cannot_be_written_is_told_before_the_work(trained, tmp_path, monkeypatch):
    monkeypatch.setattr("swayrec.commands.silence.load_tensorflow", lambda: pytest.fail("the work began"))
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    for output, sentence in (("file/lists.csv", "cannot be written"), ("folder.csv", "there is a folder")):
        done = run(
            "recommend", "--users", "-", "--output", tmp_path / output, "--workspace", trained.root,
            input="u\n",
        )  # fmt: skip
        assert done.exit_code == 1
        assert sentence in done.output


def test_promotion_and_rollback_change_what_is_served(trained):
    registry, current = Registry(trained), Current.read(trained)
    first = registry.show(current.newest, "ecommerce")
    second = registry.register(
        "ecommerce",
        first.model,
        parameters={},
        metrics={"ndcg": 0.1},
        fingerprint="",
        code_version="",
        reference_folder=None,
        report_folder=None,
        decision=_not_promoted(),
    )
    try:
        assert run("models", "promote", second.number, "--workspace", trained.root).exit_code == 0
        assert Current.read(trained).version == second.number
        listed = json.loads(run("models", "list", "--workspace", trained.root, "--json").output)
        assert [row["aliases"] for row in listed] == [["champion"], []]
    finally:
        done = run("models", "rollback", "--workspace", trained.root)
    assert done.exit_code == 0
    assert Current.read(trained).version == first.number


def test_a_version_becomes_a_bento_in_the_workspace(trained):
    version = Registry(trained).show(Current.read(trained).newest, "ecommerce")
    done = run("models", "bento", version.number, "--workspace", trained.root)
    assert done.exit_code == 0
    tag = f"swayrec-ecommerce:{version.number}-{newest(version.model).name}"
    assert f"bentoml serve {tag}" in done.output
    assert f"BENTOML_HOME={trained.bentoml.resolve()}" in done.output
    for store in ("bentos", "models"):
        told = trained.bentoml / store / tag.replace(":", "/")
        assert version.fingerprint in next(told.glob("*.yaml")).read_text(encoding="utf-8")


@pytest.fixture
def restored(trained, tmp_path):
    """Copies that a test may harm; the same files as before lie there when the test has ended."""
    harmed = [trained.registry_database, trained.current, trained.root / "cache", trained.features]
    for number, path in enumerate(harmed):
        # This process may hold the database open: it must get back that very file.
        path.rename(tmp_path / str(number))
        (shutil.copytree if (tmp_path / str(number)).is_dir() else shutil.copy2)(tmp_path / str(number), path)
    yield
    for number, path in enumerate(harmed):
        if path.is_dir():
            shutil.rmtree(path)
        (tmp_path / str(number)).replace(path)


def test_what_was_lost_or_damaged_is_made_anew_by_the_next_training(trained, groceries, user, restored):
    before = Current.read(trained)
    trained.registry_database.unlink()
    trained.current.write_text("junk")
    (trained.features / "ecommerce" / "registry.db").write_bytes(b"junk")
    for path in (trained.features / "ecommerce").glob("online.db*"):
        path.write_bytes(b"junk")
    at = ["--workspace", str(trained.root)]
    swayrec = [sys.executable, "-m", "swayrec.cli"]
    done = subprocess.run([*swayrec, "train", str(groceries), *at], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "transactions: 227 of 82,692 rows are bad (missing item: 227, first in row 725)" in done.stdout
    listed = subprocess.run(
        [*swayrec, "models", "list", "--json", *at], cwd=ROOT, capture_output=True, text=True
    )
    now = Current.read(trained)
    assert [version["version"] for version in json.loads(listed.stdout)] == ["ecommerce/1"]
    assert now.newest == 1
    assert now.dataset == before.dataset, "what nobody harmed is used as it is"
    assert now.model != before.model
    assert FeatureReader(trained.features).history(user) is not None


def _not_promoted():
    from swayrec.operations.gate import Decision

    return Decision(False, ("not promoted: made by a test",), None)


def test_serve_answers_over_http_until_interrupted(trained, user):
    command = [sys.executable, "-m", "swayrec.cli", "serve", "--port", "0", "--workspace", str(trained.root)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line.startswith("Answering at http://127.0.0.1:"), process.stderr.read()
        answer = asked(line.split()[2], user)
        assert (answer["level"], len(answer["items"])) == ("full", 5)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()


def test_demo_ends_with_reasons_places_and_what_to_type_next(trained, groceries):
    command = [sys.executable, "-m", "swayrec.cli", "demo", "--scenario", str(groceries)]
    environment = {**os.environ, "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [*command, "--workspace", str(trained.root)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for part in ("full_price_purchase", "NDCG@10", "because you", "report.html", "swayrec serve"):
        assert part in done.stdout
    assert processes_of(trained.root) == []
