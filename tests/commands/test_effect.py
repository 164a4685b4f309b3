import json

import pytest
from click.testing import CliRunner

from swayrec import cli
from tests.evaluation.shop import BEHAVIORS, made

SCENARIO = """
name = "shop"
title = "A shop that mails"
clock = "log"
repeats = true
[[events]]
name = "log"
path = "{folder}/log.csv"
user = "u"
item = "i"
behavior = "b"
time = "t"
time_unit = "s"
[items]
path = "{folder}/items.csv"
item = "i"
category = "kind"
[[behaviors]]
name = "mailed"
hand = 0.1
[[behaviors]]
name = "buy"
hand = 1
target = true
[split]
protocol = "time"
[influence.choices]
kind = "window"
window_days = 7
[[influence.forms]]
name = "own"
kernels = [{{ similarity = "identity", half_lives = [7, 0] }}]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("effect")
    log = made(0.3)
    kept = log.where(log.user < 400)
    rows = zip(kept.user, kept.item, kept.behavior, kept.time, strict=True)
    lines = [
        f"{log.users[user]},{log.items[item]},{BEHAVIORS[kind]},{time}" for user, item, kind, time in rows
    ]
    (folder / "log.csv").write_text("\n".join(["u,i,b,t", *lines]), encoding="utf-8")
    items = [f"{item},{'' if place == 0 else place % 5}" for place, item in enumerate(log.items)]
    (folder / "items.csv").write_text("\n".join(["i,kind", *items]), encoding="utf-8")
    (folder / "shop.toml").write_text(SCENARIO.format(folder=folder), encoding="utf-8")
    return folder


def asked(shop, *options):
    words = ["effect", str(shop / "shop.toml"), "--workspace", str(shop / "w"), *options]
    return CliRunner().invoke(cli.main, words)


def test_an_effect_is_told_with_its_placebo_its_overlap_and_its_assumptions(shop):
    pytest.importorskip("econml")
    done = asked(shop, "--of", "mailed", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["targets"] == ["buy"] and told["days"] == 14
    assert told["units"] > told["treated"] > 500
    found = told["effect"]
    assert found["naive"]["mean"] == pytest.approx(told["share_treated"] - told["share_untreated"])
    assert 0.15 < found["doubly_robust"]["low"] < found["doubly_robust"]["high"] < 0.4
    assert found["naive"]["mean"] > found["doubly_robust"]["mean"]
    assert told["placebo_holds"] and told["placebo"]["naive"]["low"] > 0
    assert list((shop / "w").iterdir()) == [], "nothing is kept"

    done = asked(shop, "--of", "mailed", "--on", "buy", "--most", "400", "--days", "13.5")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert "400 treated" in lines[0] and "within 13.5 days" in lines[0]
    assert sum(line.startswith(("naive", "doubly robust")) for line in lines) == 6
    assert "The placebo is the same estimate of the 13.5 days before" in lines[-1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--of", "nothing"], "'nothing' is none of mailed, buy"),
        (["--of", "mailed", "--on", "sold"], "'sold' is none of mailed, buy"),
        (["--of", "buy"], "'buy' cannot bring about itself"),
    ],
)
def test_a_behavior_that_there_is_not_is_named(shop, options, sentence):
    done = asked(shop, *options)
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_without_econml_the_command_says_what_to_install_before_it_reads_anything(shop, monkeypatch):
    there = __import__("importlib.util").util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "econml" else there(name))
    done = asked(shop, "--of", "mailed")
    assert done.exit_code == 1
    assert done.stderr == "Error: the library econml is not installed; install swayrec with its extra bench\n"
