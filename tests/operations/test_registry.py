import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from swayrec.evaluation.bootstrap import Estimate
from swayrec.operations.gate import Decision
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

YES = Decision(
    True,
    ("promoted: above windowed popularity", "there is no champion to compare with"),
    Estimate(0.2, 0.1, 0.3),
)
NO = Decision(
    False, ("not promoted: below the champion",), Estimate(0.2, 0.1, 0.3), Estimate(-0.2, -0.3, -0.1)
)

REGISTER = """
import sys
from pathlib import Path
from swayrec.operations.gate import Decision
from swayrec.operations.registry import Registry
from swayrec.operations.workspace import Workspace

root, model = map(Path, sys.argv[1:])
decision = Decision(True, ("promoted",), None)
print("registering", flush=True)
made = Registry(Workspace(root)).register(
    "killed", model, parameters={}, metrics={}, fingerprint="f", code_version="c",
    reference_folder=None, report_folder=None, decision=decision,
)
print(made.number, flush=True)
"""


def exported(folder: Path, number: int) -> Path:
    version = folder / "model" / str(number)
    (version / "variables").mkdir(parents=True)
    (version / "saved_model.pb").write_bytes(f"graph {number}".encode())
    (version / "variables" / "variables.index").write_bytes(b"v")
    return folder / "model"


def register(registry, folder, number, decision=YES, scenario="shop", **given):
    settings = {
        "parameters": {"form": "lean", "ridge": 0.03},
        "metrics": {"ndcg@10": 0.33},
        "fingerprint": "data",
        "code_version": "code",
        "reference_folder": None,
        "report_folder": None,
    }
    place = exported(folder / f"{scenario}-{number}", number)
    return registry.register(scenario, place, **{**settings, **given}, decision=decision)


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """One workspace for all: making MLflow's tables takes seconds. Each test has a scenario of its own."""
    return tmp_path_factory.mktemp("registry") / "a workspace, with a space"


@pytest.fixture
def registry(root):
    return Registry(Workspace(root))


@pytest.mark.parametrize("harm", ["junk", "half", "folder"])
def test_a_damaged_database_is_one_sentence_that_names_it(tmp_path, harm):
    database = Workspace(tmp_path).registry_database
    database.parent.mkdir()
    if harm == "folder":
        database.mkdir()
    elif harm == "junk":
        database.write_bytes(b"junk\xff{" * 100)
    else:
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("CREATE TABLE t (x TEXT)")
            connection.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 100)
        database.write_bytes(database.read_bytes()[:50_000])
    with pytest.raises(InputError, match=r"mlflow\.db: the registry is damaged .*remove it and run") as said:
        Registry(Workspace(tmp_path)).versions()
    assert "\n" not in str(said.value)


def test_an_untouched_workspace_is_answered_without_making_a_database(tmp_path):
    registry = Registry(Workspace(tmp_path))
    assert registry.versions() == [] and registry.champion("shop") is None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(
        InputError, match="there is no version shop/3; nothing is registered yet; run `swayrec train"
    ):
        registry.show(3, "shop")
    with pytest.raises(InputError, match="no champion to roll back from"):
        registry.rollback("shop")


def test_a_version_keeps_all_it_was_registered_with_where_serving_finds_it(registry, tmp_path):
    for name in ("reference", "report"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.json").write_text("{}")
    kept = {"reference_folder": tmp_path / "reference", "report_folder": tmp_path / "report"}
    made = register(registry, tmp_path, 1700000000, scenario="kept", **kept)
    seen = Registry(Workspace(registry._workspace.root)).show("kept/1")
    assert seen == made
    assert seen.source.startswith("file:///") and seen.source.endswith("/model")
    assert (seen.model / "1700000000" / "saved_model.pb").read_bytes() == b"graph 1700000000"
    assert (seen.model / "1700000000" / "variables" / "variables.index").exists()
    assert (seen.reference / "reference.json").exists() and (seen.report / "report.json").exists()
    assert seen.aliases == ("champion",) and seen.promoted and seen.reasons == YES.reasons
    assert (seen.fingerprint, seen.code_version) == ("data", "code")
    assert seen.parameters == {"form": "lean", "ridge": "0.03"} and seen.metrics == {"ndcg_at_10": 0.33}
    assert json.loads((seen.model.parent / "metrics.json").read_text()) == {"ndcg@10": 0.33}
    assert json.loads((seen.model.parent / "decision.json").read_text()) == YES.to_json()


def test_promotion_moves_the_champion_and_a_kept_back_version_is_the_challenger(registry, tmp_path):
    first = register(registry, tmp_path, 1, scenario="moves")
    second = register(registry, tmp_path, 2, NO, scenario="moves")
    assert registry.champion("moves") == first
    assert registry.challenger("moves") == second and second.reasons == NO.reasons and not second.promoted
    third = register(registry, tmp_path, 3, scenario="moves")
    assert registry.champion("moves") == third and third.previous == 1
    assert registry.show("moves/1").aliases == ()
    assert [version.number for version in registry.versions("moves")] == [3, 2, 1]


def test_rollback_returns_to_the_champion_before_and_no_further_than_the_first(registry, tmp_path):
    for number in (1, 2, 3):
        register(registry, tmp_path, number, scenario="back")
    assert registry.rollback("back").number == 2
    assert registry.rollback("back").number == 1
    with pytest.raises(InputError, match="version 1 was the first champion"):
        registry.rollback("back")
    assert registry.champion("back").number == 1


def test_promoting_by_hand_takes_the_challengers_alias_and_can_be_rolled_back(registry, tmp_path):
    register(registry, tmp_path, 1, scenario="hand")
    register(registry, tmp_path, 2, NO, scenario="hand")
    promoted = registry.promote("hand/2")
    assert promoted.aliases == ("champion",) and promoted.previous == 1 and not promoted.promoted
    assert registry.challenger("hand") is None
    assert registry.promote(promoted) == promoted
    assert registry.rollback("hand").number == 1


def test_scenarios_have_champions_of_their_own_and_a_bare_number_must_be_clear(registry, tmp_path):
    register(registry, tmp_path, 1, scenario="one_a")
    register(registry, tmp_path, 1, scenario="one_b")
    register(registry, tmp_path, 1, scenario="onexa")
    assert registry.champion("one_a").scenario == "one_a" and registry.champion("one_b").scenario == "one_b"
    assert [version.name for version in registry.versions("one_a")] == ["one_a/1"]
    with pytest.raises(InputError, match="several scenarios have a version 1; say which"):
        registry.show(1)
    with pytest.raises(InputError, match="there is no version one_a/7; there are one_a/1"):
        registry.show(7, "one_a")


def test_a_folder_without_an_exported_model_is_refused(registry, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no <number>/saved_model"):
        registry.register(
            "shop",
            tmp_path / "empty",
            parameters={},
            metrics={},
            fingerprint="",
            code_version="",
            reference_folder=None,
            report_folder=None,
            decision=YES,
        )


def test_a_killed_registration_leaves_the_champion_in_place_and_the_registry_usable(root, tmp_path):
    registry = Registry(Workspace(root))
    champion = register(registry, tmp_path, 1, scenario="killed")
    heavy = exported(tmp_path / "heavy", 2)
    with (heavy / "2" / "variables" / "variables.data").open("wb") as file:
        file.truncate(4 << 30)  # copying these 4 GB lasts until the kill comes
    started = subprocess.Popen(
        [sys.executable, "-c", REGISTER, root, heavy], stdout=subprocess.PIPE, start_new_session=True
    )
    copied = root / "registry" / "artifacts" / "killed"
    deadline = time.monotonic() + 60
    while not list(copied.glob("*/artifacts/model/2/variables/variables.data")):
        assert started.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(started.pid, signal.SIGKILL)
    assert started.wait() == -signal.SIGKILL
    for left in copied.glob("*/artifacts/model/2/variables/variables.data"):
        left.unlink()
    assert registry.champion("killed") == champion
    assert registry.versions("killed") == [champion]
    assert register(registry, tmp_path, 3, scenario="killed").previous == champion.number


def test_a_process_killed_while_it_makes_the_tables_leaves_no_half_of_a_database(tmp_path):
    model = exported(tmp_path, 1)
    root = tmp_path / "workspace"
    started = subprocess.Popen(
        [sys.executable, "-c", REGISTER, root, model], stdout=subprocess.PIPE, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not list((root / "registry").glob(".mlflow.db.*-journal")):  # a migration is at work
        assert started.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    workspace = Workspace(root)
    assert not workspace.registry_database.exists()
    assert Registry(workspace).champion("killed") is None


def test_nothing_is_printed_reported_or_left_in_the_working_directory(root, tmp_path):
    quiet = (
        "import sys; from pathlib import Path; from swayrec.operations.registry import Registry\n"
        "from swayrec.operations.workspace import Workspace\n"
        "Registry(Workspace(Path(sys.argv[1]))).versions()\n"
        "from mlflow.telemetry.utils import is_telemetry_disabled\n"
        "assert is_telemetry_disabled() and 'tensorflow' not in sys.modules"
    )
    code = Path(__file__).parents[2]
    clean = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_CURRENT_TEST")}
    done = subprocess.run(
        [sys.executable, "-c", quiet, root],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**clean, "PYTHONPATH": str(code)},
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_what_a_training_left_is_told_from_the_exports_of_refreshes(root, tmp_path):
    version = register(Registry(Workspace(root)), tmp_path, 1_700_000_000, scenario="refreshed")
    for number in (1_700_000_100, 1_700_000_200):
        exported(version.model.parent, number)
    assert version.trained == version.model / "1700000000"
