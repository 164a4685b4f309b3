"""The scenario of the first run, on its real data: 1.47 million lines of groceries."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from swayrec.evaluation.splits import catalogue
from swayrec.tables.ingest import ingest
from swayrec.tables.scenario import load

SCENARIO = Path("pipelines/scenarios/ecommerce.toml")


@pytest.fixture(scope="module")
def scenario():
    return load(SCENARIO)


@pytest.fixture(scope="module")
def dataset(scenario, tmp_path_factory):
    folder = tmp_path_factory.mktemp("journey") / "dataset"
    return ingest(scenario, str(SCENARIO), folder, until=None, now=datetime(2024, 1, 1, tzinfo=UTC))


def test_every_line_is_accounted_for(dataset):
    report = dataset.report()
    transactions, redemptions = report["sources"]["transactions"], report["sources"]["redemptions"]
    assert (transactions["rows"], transactions["kept"]) == (1_469_307, 1_464_471)
    assert transactions["quarantined"] == {"missing item": 4_836}
    assert (redemptions["rows"], redemptions["kept"]) == (2_102, 73_175)
    assert redemptions["left_out"] == {"coupon_upc, campaign_id concerns 300 items or more": 411}
    assert list(report["sources"]["mailings"]["left_out"].values()) == [6_589]
    assert report["behaviors"] == {
        "redemption": 73_175,
        "discount_purchase": 724_303,
        "full_price_purchase": 721_248,
        "coupon_purchase": 18_920,
    }


def test_the_log_has_the_catalogue_of_the_protocol(dataset, scenario):
    log = dataset.log(scenario)
    assert (len(log), len(log.users), log.has_clock) == (1_537_646, 2_469, True)
    assert int(catalogue(log, scenario).sum()) == 11_429


def test_items_have_text_without_package_size_and_users_their_groups(dataset, scenario):
    first = dataset.items().slice(0, 1).to_pylist()[0]
    assert (first["item_id"], first["text"]) == ("1000002", "DELI, National, DELI MEATS, MEAT: BEEF BULK")
    assert dataset.users().column_names == ["user_id", *scenario.groups]
    assert dataset.users()["income"].null_count == len(dataset.users()) - 801
