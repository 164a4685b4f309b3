"""A retraining on this machine, through the real pipeline: what is due is done, and the gate decides."""

import shutil

import pytest

from pipelines.retraining import retrain
from swayrec.operations.current import Current
from swayrec.operations.monitoring.retraining import records
from tests.operations.monitoring.verdicts import series


class Silent:
    def started(self, step):
        pass

    def said(self, step, text):
        pass

    def finished(self, step, seconds):
        pass

    def cached(self, step):
        pass


@pytest.fixture
def asked(trained):
    """The trained workspace, where a verdict asks for a retraining; its series is taken away afterwards."""
    folder = trained.monitoring / "ecommerce"
    series(folder, "warn", "retrain", champion=Current.read(trained).version)
    yield trained, folder
    shutil.rmtree(trained.monitoring)


@pytest.mark.timeout(900)
def test_where_no_data_came_since_nothing_new_is_registered_and_it_is_said(asked):
    workspace, folder = asked
    before = Current.read(workspace)
    record = retrain(workspace, Silent())
    assert (record.status, record.version) == ("not promoted", before.newest)
    assert "there is nothing new to learn" in record.told[0]
    assert record.data["events"] > 0 and record.data["first"] < record.data["last"]
    assert records(folder) == [record]
    assert Current.read(workspace).version == before.version
    assert retrain(workspace, Silent()) is None


@pytest.mark.timeout(900)
def test_a_retraining_that_fails_leaves_the_champion_serving_and_says_so(asked, groceries):
    workspace, folder = asked
    served = Current.read(workspace).version
    products = groceries.parent / "products.parquet"
    away = products.rename(groceries.parent / "away.parquet")
    try:
        record = retrain(workspace, Silent())
    finally:
        away.rename(products)
    assert (record.status, record.tries) == ("failed", 1) and "products.parquet" in record.told[0]
    assert records(folder) == [record]
    assert Current.read(workspace).version == served
    assert retrain(workspace, Silent()).status == "not promoted", "tried again at the next run"
