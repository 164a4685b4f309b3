import json

import numpy as np
import pytest
from click.testing import CliRunner

from swayrec import cli

SCENARIO = """
name = "chains"
title = "Chains"
clock = "log"
[[events]]
name = "log"
path = "{folder}/log.csv"
user = "u"
item = "i"
behavior = "b"
time = "t"
time_unit = "s"
[[behaviors]]
name = "view"
hand = 1
seen = true
[[behaviors]]
name = "buy"
hand = 3
target = true
seen = true
[split]
protocol = "last"
[influence]
ridges = {ridges}
[influence.choices]
kind = "next"
levels = 2
candidates = 20
[[influence.forms]]
name = "chain"
kernels = [
  {{ similarity = "transition", step_half_lives = [0.5, 4] }},
  {{ similarity = "ease", half_lives = [0] }},
]
"""
NETWORK = """
[network]
intent = "closed"
recommender = "mlp"
epochs = 1
width = 8
"""


def chains(users=120, items=30, seed=0):
    """What is bought is mostly the successor of what was bought last; views are of anything."""
    random = np.random.default_rng(seed)
    rows = ["u,i,b,t"]
    for user in range(users):
        at, item, time = set(), int(random.integers(items)), 1_000_000 + user
        for _ in range(int(random.integers(5, 9))):
            time += 3600
            rows.append(f"u{user},i{random.integers(items)},view,{time}")
            item = (item + 1) % items if random.random() < 0.8 else int(random.integers(items))
            if item not in at:
                at.add(item)
                rows.append(f"u{user},i{item},buy,{time + 60}")
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    (folder / "log.csv").write_text(chains(), encoding="utf-8")
    return folder


def bench(folder, *options, ridges="[1e-3, 1e-1]", network=NETWORK):
    text = SCENARIO.format(folder=folder, ridges=ridges) + network
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
    assert {"swayrec", "learned", "equal", "hand", "strongest", "everyone", "event_level", "network"} <= set(
        means
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

    bench(world, "--json", ridges="[1e-3]", network="")
    assert len(ledger(world)) == 2, "other settings are one, and it is written down"
    assert json.loads((world / "results" / "chains.json").read_text(encoding="utf-8"))["touches"] == 2


def test_a_scenario_that_is_not_there_is_named(tmp_path):
    asked = ["bench", str(tmp_path / "gone.toml"), "--workspace", str(tmp_path)]
    done = CliRunner().invoke(cli.main, [*asked, "--results", str(tmp_path / "results.md")])
    assert done.exit_code == 1
    assert "there is no such scenario file" in done.stderr
