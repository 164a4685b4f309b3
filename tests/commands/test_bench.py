import json

import pytest
from click.testing import CliRunner

from swayrec import cli
from tests.chains import NETWORK, SCENARIO, chains


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    (folder / "log.csv").write_text(chains(), encoding="utf-8")
    return folder


def bench(folder, *options, ridges="[1e-3, 1e-1]", network=NETWORK):
    text = SCENARIO.format(folder=folder, ridges=ridges, more="each_instant = true") + network
    (folder / "chains.toml").write_text(text, encoding="utf-8")
    asked = ["bench", str(folder / "chains.toml"), "--workspace", str(folder / "w")]
    done = CliRunner().invoke(cli.main, [*asked, "--results", str(folder / "results.md"), *options])
    assert done.exit_code == 0, done.output
    return done


def ledger(folder):
    return (folder / "results" / "ledger.jsonl").read_text(encoding="utf-8").splitlines()


def test_a_benchmark_measures_the_model_its_baselines_and_its_parts_and_touches_the_test_once(world):
    done = bench(world)
    assert "Swayrec" in done.stdout
    told = json.loads((world / "results" / "chains.json").read_text(encoding="utf-8"))
    means = {name: each["ndcg"]["mean"] for name, each in told["judgment"]["means"].items()}
    assert {"swayrec", "learned", "equal", "hand", "strongest", "everyone", "event_level"} <= set(means)
    assert told["network"]["network"]["kept"] == ("network" in means), (
        "one that adds nothing is not asked again"
    )
    assert {"popular", "sequential_rules", "ease", "item_knn"} <= set(means)
    assert means["swayrec"] > 2 * means["popular"], "what follows what is learned"
    assert means["learned"] > means["everyone"], "the user's own past is what tells it"
    page = (world / "results.md").read_text(encoding="utf-8")
    assert "Beside the best baseline" in page
    for picture in ("overview", "chains-influence", "chains-history"):
        assert f"results/{picture}.png" in page
        assert (world / "results" / f"{picture}.png").stat().st_size > 5000
    assert len(ledger(world)) == 1

    again = bench(world)
    assert "nothing has changed since" in again.stderr
    assert len(ledger(world)) == 1, "the same settings again are no touch"

    bench(world, "--json", "--leave-out", "popular", ridges="[1e-3]", network="")
    assert len(ledger(world)) == 2, "other settings are one, and it is written down"
    told = json.loads((world / "results" / "chains.json").read_text(encoding="utf-8"))
    assert told["touches"] == 2
    assert told["absent"]["popular"] == "left out of this run"


def test_a_scenario_that_is_not_there_is_named(tmp_path):
    asked = ["bench", str(tmp_path / "gone.toml"), "--workspace", str(tmp_path)]
    done = CliRunner().invoke(cli.main, [*asked, "--results", str(tmp_path / "results.md")])
    assert done.exit_code == 1
    assert "there is no such scenario file" in done.stderr


def test_a_baseline_that_there_is_not_cannot_be_left_out(world):
    asked = ["bench", str(world / "chains.toml"), "--workspace", str(world), "--leave-out", "oracle"]
    done = CliRunner().invoke(cli.main, asked)
    assert done.exit_code == 2
    assert "'oracle' is none of" in done.stderr
