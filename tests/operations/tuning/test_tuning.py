import json

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
import yaml
from click.testing import CliRunner

from swayrec.cli import main
from swayrec.operations.tuning import katib
from swayrec.operations.tuning.judged import Judged
from swayrec.operations.tuning.space import value_of, with_setting
from swayrec.operations.tuning.study import search
from swayrec.operations.workspace import Workspace
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from tests.manifest_fields import models, wrong

FADES = "influence.forms.0.kernels.0.half_lives"
SCENARIO = """
name = "fading"
title = "Fading"
clock = "log"
repeats = true
[[events]]
name = "log"
path = "{folder}/log.csv"
user = "u"
item = "i"
behavior = "b"
time = "t"
[[behaviors]]
name = "view"
[[behaviors]]
name = "buy"
target = true
[split]
protocol = "last"
[influence]
ridges = [1e-3]
[influence.choices]
kind = "next"
candidates = 40
[[influence.forms]]
name = "plain"
kernels = [{ similarity = "identity", half_lives = [3650] }]
[[search]]
field = "influence.forms.0.kernels.0.half_lives"
choices = [[3650], [365], [1]]
[[search]]
field = "influence.shrink"
low = 0.05
high = 1.0
log = true
[[search]]
field = "influence.neighbors"
low = 20
high = 100
whole = true
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    """Users view ten items over a year, each often, and buy the one that they viewed last: only what fades tells."""
    folder = tmp_path_factory.mktemp("fading")
    random = np.random.default_rng(0)
    rows = []
    for user in range(150):
        items, day = random.choice(60, 10, replace=False), 0.0
        for _ in range(6):
            for item in random.permutation(np.repeat(items, 2)):
                day += 3.0
                rows.append((user, item, "view", day))
            rows.append((user, rows[-1][1], "buy", day + 0.1))
            day += 1.0
    users, items, behaviors, days = map(list, zip(*rows, strict=True))
    times = (1.7e9 + 86400 * np.array(days)).astype("datetime64[s]")
    table = {
        "u": [f"u{n}" for n in users],
        "i": [f"i{n}" for n in items],
        "b": behaviors,
        "t": times.astype(str),
    }
    pa_csv.write_csv(pa.table(table), folder / "log.csv")
    path = folder / "fading.toml"
    path.write_text(SCENARIO.replace("{folder}", str(folder)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def searched(scenario, tmp_path_factory):
    """What the command line finds, as JSON, and its workspace."""
    root = tmp_path_factory.mktemp("tuned") / "ws"
    ran = CliRunner().invoke(
        main, ["tune", str(scenario), "--workspace", str(root), "--trials", "9", "--json"]
    )
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout), Workspace(root)


def test_the_half_life_that_tells_what_comes_next_is_found(searched):
    found, _ = searched
    assert found["best"][FADES] == [1]
    assert found["validation"] > found["own_validation"] + 0.1
    assert found["own"][FADES] == [3650]
    assert found["tried"] + found["pruned"] == 9 and found["failed"] == 0


def test_a_search_that_was_stopped_goes_on_where_it_stopped(searched, scenario):
    found, workspace = searched
    folder = workspace.tuning / "fading"
    judged = Judged(scenarios.load(scenario), str(scenario), Dataset(folder / "dataset"), folder / "vectors")
    said = []
    again = search(judged, workspace.tuning / "fading.db", minutes=5, trials=1, say=said.append)
    assert again.tried + again.pruned == 10 and again.own_validation == found["own_validation"]
    assert [line.split(":")[0] for line in said] == ["trial 10"], (
        "the scenario's own setting is not judged again"
    )


def test_one_setting_is_judged_as_a_trial_of_katib_does(searched, scenario):
    found, workspace = searched
    folder = workspace.tuning / "fading"
    line = ["tune", str(scenario), "--workspace", str(workspace.root), "--dataset", str(folder / "dataset")]
    line += ["--vectors", str(folder / "vectors")]
    line += [f"--at={field}={json.dumps(value)}" for field, value in found["best"].items()]
    ran = CliRunner().invoke(main, line)
    assert ran.exit_code == 0, ran.output
    assert ran.stdout == f"{katib.METRIC}={found['validation']:.6f}\n"


def test_a_field_that_is_not_there_and_a_value_that_it_cannot_have_are_one_sentence(scenario):
    asked = scenarios.load(scenario)
    assert value_of(asked, "influence.repeat_weeks") == 12
    changed = with_setting(asked, "x.toml", {"influence.repeat_weeks": 4, FADES: [7, 0]})
    assert changed.influence.repeat_weeks == 4 and changed.influence.forms[0].kernels[0].half_lives == (7, 0)
    for field in ("influence.nothing", "influence.forms.3.name", "influence.shrink.deep"):
        with pytest.raises(InputError, match=r"x\.toml: .*(not known|there is no field|influence\.shrink)"):
            with_setting(asked, "x.toml", {field: 1})
    with pytest.raises(InputError, match=r"influence\.shrink has the value -1"):
        with_setting(asked, "x.toml", {"influence.shrink": -1})


@pytest.mark.parametrize(
    ("searched", "told"),
    [
        ({"field": "x"}, "give low and high, or choices"),
        ({"field": "x", "low": 2, "high": 1}, "low must lie below high"),
        ({"field": "x", "low": 0, "high": 1, "log": True}, "with log, low must lie above 0"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(scenario, searched, told):
    raw = scenarios.load(scenario).model_dump(mode="json", exclude_unset=True) | {"search": [searched]}
    with pytest.raises(InputError, match=told):
        scenarios.parse(raw, "x.toml")


def test_the_same_space_is_an_experiment_of_katib_whose_jobs_the_cluster_knows(scenario, tmp_path):
    out = tmp_path / "katib.yaml"
    line = [
        "tune",
        str(scenario),
        "--katib",
        str(out),
        "--dataset",
        "s3://b/dataset",
        "--vectors",
        "s3://b/vectors",
    ]
    ran = CliRunner().invoke(main, line)
    assert ran.exit_code == 0, ran.output
    made = yaml.safe_load(out.read_text())
    spec = made["spec"]
    assert spec["objective"]["objectiveMetricName"] == katib.METRIC
    kinds = [(each["parameterType"], each["feasibleSpace"]) for each in spec["parameters"]]
    assert kinds == [
        ("categorical", {"list": ["[3650]", "[365]", "[1]"]}),
        ("double", {"min": "0.05", "max": "1.0", "distribution": "logUniform"}),
        ("int", {"min": "20", "max": "100"}),
    ]
    template = spec["trialTemplate"]
    job = {"metadata": {"name": "trial"}, **template["trialSpec"]}
    assert wrong(models(), "V1Job", job, "Job") == []
    [container] = job["spec"]["template"]["spec"]["containers"]
    assert container["name"] == template["primaryContainerName"]
    references = {each["reference"] for each in template["trialParameters"]}
    assert references == {each["name"] for each in spec["parameters"]}
    # What Katib puts in the place of its parameters is what the command takes.
    filled = [each.replace("${trialParameters.p0}", "[1]") for each in container["args"]]
    context = main.get_command(None, "tune").make_context("tune", filled[1:])
    assert context.params["asked"][0] == f"{FADES}=[1]"
    assert context.params["dataset"] == "s3://b/dataset"
