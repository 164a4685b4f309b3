import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.bootstrap import Bootstrap, Estimate
from swayrec.evaluation.judge import judge
from swayrec.evaluation.race import race
from swayrec.evaluation.report import Choice, Findings, plots, write
from swayrec.evaluation.report.sections import document
from swayrec.evaluation.report.wording import settings, verdict
from tests.small_world import generated, scenario


@pytest.fixture(scope="module")
def judged():
    parts = splits.split(generated(3, users=120), scenario())
    found = race(parts.validation, scenario())
    ranked = found.ranked(parts.test, scenario())
    ranked["swayrec"] = ranked["personal_frequency"]
    return judge(ranked, parts.test, model="swayrec", bootstrap=Bootstrap(200)), found


@pytest.fixture(scope="module")
def findings(judged):
    test, found = judged
    return Findings(
        title="Shop <script>alert(1)</script> | 商店",
        made="2025-11-25 12:00 UTC",
        test=test,
        later=replace(test, part="later"),
        titles={each.name: each.model.title for each in found.tuned},
        influence=[
            {"name": "view", "weight": 0.1, "low": 0.05, "high": 0.15},
            {"name": "full_price", "weight": 0.4, "low": 0.3, "high": 0.5, "words": "bought at full price"},
        ],
        choices=[
            Choice("Form", "lean", "best mean on validation"),
            Choice("Network", "left out", "it added nothing"),
        ],
        baselines=[each.describe() for each in found.tuned],
        absent={"sequential_rules": "the log has no order"},
        data=[("Users", "120")],
        rules=["Events at the instant of a cut go to the later part."],
        touches=1,
        milliseconds=1.5,
    )


@pytest.fixture(scope="module")
def written(findings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    write(findings, folder)
    return folder


class Outline(HTMLParser):
    """What a page holds: open tags that were never closed, ids, and addresses it would fetch."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.fetched, self.text = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.ids += [value for name, value in attributes if name == "id"]
        self.fetched += [
            value
            for name, value in attributes
            if name in ("src", "data") or (tag == "link" and name == "href")
        ]
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.ids += [value for name, value in attributes if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def page(written):
    outline = Outline()
    outline.feed((written / "report.html").read_text(encoding="utf-8"))
    return outline


def test_the_page_is_whole_fetches_nothing_and_repeats_no_id(page, written):
    text = (written / "report.html").read_text(encoding="utf-8")
    assert page.open == [] and page.fetched == []
    assert len(page.ids) == len(set(page.ids))
    assert "<script" not in text and "@import" not in text
    assert not set(re.findall(r"https?://[^\"' <]+", text)) - {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_every_plot_is_an_svg_with_words_for_who_cannot_see_it(written):
    drawn = re.findall(r"<svg.*?</svg>", (written / "report.html").read_text(encoding="utf-8"), re.S)
    assert len(drawn) == 5
    for text in drawn:
        element = ElementTree.fromstring(text)
        assert element.get("role") == "img" and re.search(r"0\.\d+ \[", element.get("aria-label"))
        assert element.get("viewBox") and element.get("width") is None
        named = set(re.findall(r'\bid="([^"]+)"', text))
        assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)) <= {(a, "") for a in named} | {
            ("", a) for a in named
        }


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_both_forms_say_all_that_was_found(name, findings, written):
    text = (written / name).read_text(encoding="utf-8")
    test = findings.test
    for system in test.systems:
        assert findings.called(system) in text
        assert f"{test.means[system]['ndcg'].mean:.4f}" in text
    gain = test.differences["popular"]["ndcg"]
    assert f"{gain.mean:+.4f}" in text or f"{gain.mean:+.3f}" in text
    assert "belong to the model that was fitted on everything before the test part" in text
    for words in (
        "bought at full price",
        "left out",
        "it added nothing",
        "the log has no order",
        "商店",
        "go to the later part",
        "nothing was chosen on it",
        "new to the user",
        "touched by one setting",
    ):
        assert words in text, words


def test_the_markdown_shows_the_plots_that_lie_beside_it(written):
    text = (written / "report.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\((plots/\w+\.png)\)", text)
    assert len(shown) == 5
    for path in shown:
        assert (written / path).read_bytes().startswith(b"\x89PNG")
    widths = [line.count("|") - line.count("\\|") for line in text.splitlines() if line.startswith("|")]
    assert min(widths) >= 3


def test_the_same_findings_are_written_the_same(findings, written, tmp_path):
    write(findings, tmp_path)
    for path in ("report.html", "report.md", "plots/quality.png"):
        assert (tmp_path / path).read_bytes() == (written / path).read_bytes()


def test_a_report_leaves_out_what_is_not_known(judged):
    test, _ = judged
    alone = replace(test, scores={"swayrec": test.scores["swayrec"]}, slices=())
    titles = [section.title for section in document(Findings("Shop", "today", alone)).sections]
    assert titles == ["Quality beside the baselines"]


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (Estimate(0.1, 0.05, 0.2), "significantly above the best baseline, Popular"),
        (Estimate(-0.1, -0.2, -0.05), "significantly below the best baseline, Popular"),
        (Estimate(0.01, -0.05, 0.06), "not told apart from the best baseline, Popular"),
    ],
)
def test_the_verdict_claims_no_more_than_the_interval(judged, gain, said):
    test, _ = judged
    two = {name: test.scores[name] for name in ("swayrec", "popular")}
    differences = {"popular": {"ndcg": gain}}
    assert said in verdict(
        Findings("Shop", "today", test), replace(test, scores=two, differences=differences)
    )


def test_settings_are_said_in_words():
    decay = {"unit": "days", "half_life": 30}
    assert (
        settings({"decay": decay, "neighbors": 200, "itself": True})
        == "half-life 30 days, neighbors 200, itself yes"
    )
    assert settings({"decay": {"unit": "days", "half_life": 0}, "of": "targets"}) == "no decay, of targets"


def test_intervals_beside_zero_are_colored_by_their_side():
    rows = [
        plots.Dot("a", Estimate(1, 0.5, 2)),
        plots.Dot("b", Estimate(-1, -2, -0.5)),
        plots.Dot("c", Estimate(0, -1, 1)),
    ]
    figure = plots.dots(rows, "gain", zero=True)
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_color() for line in lines] == [plots.ACCENT, plots.WARM, plots.COOL]
    assert np.ptp(figure.axes[0].get_xlim()) > 4


def test_importing_the_report_does_not_import_matplotlib():
    code = "import sys, swayrec.evaluation.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
