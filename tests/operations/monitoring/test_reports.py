"""Reports of a window: as Markdown and as a page."""

import re

import pytest

from swayrec.operations.monitoring.report_charts import Line, chart
from swayrec.operations.monitoring.report_markdown import markdown
from swayrec.operations.monitoring.report_page import html
from tests.operations.monitoring.told import DRIFTS, verdict

NASTY = '<img src=x onerror=alert(1)>|`a`\n# [x](http://evil) \x1b[31m"'


def nasty():
    """A verdict whose texts from data try to be markup."""
    told = verdict(DRIFTS, influence={NASTY: 1.0})
    told["scenario"] = told["checks"][0]["part"] = NASTY
    told["fairness"]["compared"][0]["attribute"] = NASTY
    told["fairness"]["compared"][0]["groups"][0]["group"] = NASTY
    told["reasons"] = [{"en": NASTY, "zh": NASTY}]
    return told


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Largest NDCG gap by region"), ("zh", "按 region 的最大 NDCG 差距")]
)
def test_markdown_says_the_verdict_why_and_the_numbers_in_one_language(language, words):
    told = markdown(verdict(DRIFTS), language)
    title = {"en": "warn: somebody should look", "zh": "警告：请人工查看"}[language]
    assert told.startswith(f"# shop: {title}\n")
    assert words in told and "| north | 100 | 0.2 | 0.3 | -0.1 (-0.2 … -0.01) | 0.01 |" in told
    rows = [line for line in told.splitlines() if line.endswith("| ! |")]
    assert len(rows) == 1 and "+0.3" in rows[0]
    widths = [line.count("|") for line in told.split("\n\n")[5].splitlines()]
    assert set(widths) == {8}, "a table's rows are of one width"


def test_texts_from_data_make_no_markup_in_markdown():
    told = markdown(nasty())
    assert "<img" not in told and "\x1b" not in told and "](http" not in told
    assert "\n# [" not in told
    assert re.search(r"&lt;img src=x onerror=alert\(1\)>\\\|\\`a\\`", told)


def test_the_page_stands_by_itself_and_texts_from_data_make_no_markup():
    series = [verdict(week) for week in range(DRIFTS)]
    page = html(series, nasty())
    assert "<img" not in page and "&lt;img" in page and "\x1b" not in page
    assert not re.search(r'(src|href)\s*=\s*"|url\(|@import|<script|<link', page)
    assert "default-src 'none'" in page
    assert len(page.encode()) < 100_000


def test_the_page_has_both_languages_charts_of_what_came_before_and_every_check():
    series = [verdict(week) for week in (3, 1, 0, 2, DRIFTS + 1)]
    page = html(series, verdict(DRIFTS))
    assert "warn: somebody should look" in page and "警告：请人工查看" in page
    assert page.count("<figure>") == 6 and page.count('title="2025-') == 5, "what came later is not drawn"
    assert page.index("Popularity of items") < page.index("Number of events")
    assert "Catalogue coverage · 目录覆盖率" in page and "0.8 … 1" in page


def test_a_window_of_which_nothing_could_be_judged_has_a_page_too():
    bare = verdict(0, online=None, online_intervals=None, fairness=None, serving=None, influence=None)
    bare["checks"] = [{**row, "judged": False, "alarm": False} for row in bare["checks"]]
    bare["counts"] = {"answers": 0}
    assert "Not judged in this window" in html([], bare)
    assert "Checks" not in markdown(bare)
    older = {
        name: value for name, value in bare.items() if name not in ("online_intervals", "fairness", "serving")
    }
    assert "pass: the model may stay" in html([older], older), "a verdict of an earlier version"


def test_a_line_is_broken_where_a_window_has_no_value():
    told = chart("Numbers", ["a", "b", "c", "d"], [Line("x", [1.0, None, 2.0, 3.0])])
    [line] = re.findall(r'<path d="([^"]+)" fill="none"', told)
    assert line.count("M") == 2 and line.count("L") == 1
    assert chart("Nothing", ["a"], [Line("x", [None])]) == ""
