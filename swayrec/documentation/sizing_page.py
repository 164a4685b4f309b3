"""The tables of docs/cluster/sizing.md, in both languages, made from the arithmetic between two marks of the page."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from swayrec.documentation import sizing
from swayrec.documentation.sizing import Load

CLUSTER = Path(__file__).parents[2] / "docs" / "cluster"
LOADS = (
    Load(100_000, 10_000),
    Load(1_000_000, 100_000),
    Load(10_000_000, 1_000_000),
    Load(100_000_000, 10_000_000),
)
_BEGIN, _END = "<!-- made by `make docs` -->\n", "<!-- end -->"


@dataclass(frozen=True)
class SizingPage:
    """One language's page."""

    PAGE: Path
    place: int

    def page(self) -> str:
        """The page with the table as it is computed now."""
        text = self.PAGE.read_text(encoding="utf-8")
        table = f"{_BEGIN}\n{self._table()}\n{_END}"
        return re.sub(f"{re.escape(_BEGIN)}.*?{_END}", lambda _: table, text, flags=re.DOTALL)

    def _table(self) -> str:
        rows = ["| | " + " | ".join(_head(load)[self.place] for load in LOADS) + " |"]
        rows.append("| --- |" + " ---: |" * len(LOADS))
        for names, told in ROWS:
            rows.append(f"| {names[self.place]} | " + " | ".join(told(load) for load in LOADS) + " |")
        return "\n".join(rows) + "\n"


def _head(load: Load) -> tuple[str, str]:
    return (
        f"{load.users:,} users, {load.items:,} items",
        f"{_chinese(load.users)}用户、{_chinese(load.items)}商品",
    )


def _chinese(number: float) -> str:
    for size, word in ((1e8, " 亿"), (1e4, " 万")):
        if number >= size:
            return f"{number / size:g}{word}"
    return f"{number:g} "


def _bytes(size: float | None) -> str:
    if size is None:
        return "–"
    for unit, word in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{_short(size / unit)} {word}"
    return f"{_short(size / 1e3)} kB"


def _short(number: float) -> str:
    """Two digits that count: more than that would claim more than is known."""
    return f"{float(f'{number:.2g}'):,g}"


def _hours(seconds: float) -> str:
    return f"{_short(seconds / 3600)} h" if seconds >= 3600 else f"{_short(max(seconds, 1))} s"


Row = tuple[tuple[str, str], Callable[[Load], str]]
ROWS: tuple[Row, ...] = (
    (("answers a second, busiest hour", "高峰每秒请求数"), lambda load: _short(load.answers)),
    (("events a day", "每日行为条数"), lambda load: f"{load.events:,.0f}"),
    (("online store (Redis)", "在线特征库（Redis）"), lambda load: _bytes(sizing.online_store(load))),
    (
        ("intake's log (Redis), for each day kept", "intake 日志（Redis），每保留一天"),
        lambda load: _bytes(sizing.event_log(load)),
    ),
    (
        ("exposures a day, on the volume", "每日曝光记录（存储卷）"),
        lambda load: _bytes(sizing.exposures(load)),
    ),
    (("memory of one predictor", "单个 predictor 的内存"), lambda load: _bytes(sizing.predictor(load))),
    (
        ("the same while versions change", "同上，切换版本期间"),
        lambda load: _bytes(sizing.swapping(load)),
    ),
    (
        ("an answer of the model, p50", "模型应答耗时 p50"),
        lambda load: f"{_short(1000 * sizing.latency(load.items))} ms",
    ),
    (
        ("cores of all transformers", "全部 transformer 的核数"),
        lambda load: _short(sizing.transformer_cores(load)),
    ),
    (("cores of all predictors", "全部 predictor 的核数"), lambda load: _short(sizing.predictor_cores(load))),
    (
        ("a year's events as one log in memory", "一年的行为作为一份日志放进内存"),
        lambda load: _bytes(sizing.training_log(load)),
    ),
    (
        (
            "EASE's matrix (sparse beyond 40,000 items and users)",
            "EASE 的矩阵（商品和用户都超过 4 万时是稀疏的）",
        ),
        lambda load: _bytes(sizing.ease_matrix(load)),
    ),
    (
        ("text similarity at 50 GFLOP/s", "文本相似度（按 50 GFLOP/s 计）"),
        lambda load: _hours(sizing.text_pairs(load) / 50e9),
    ),
    (("bucket, 20 versions", "存储桶，20 个版本"), lambda load: _bytes(sizing.bucket(load))),
    (
        ("workspace volume, exposures of 30 days", "工作区存储卷，曝光保留 30 天"),
        lambda load: _bytes(sizing.volume(load)),
    ),
)

ENGLISH = SizingPage(CLUSTER / "sizing.md", 0)
CHINESE = SizingPage(CLUSTER / "sizing.zh.md", 1)
