"""The documentation as a site: it builds strictly, in both languages, and a browser asks nobody else for any of it."""

import os
import re
import subprocess
import sys
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from swayrec.documentation import site_pages
from tests.browser import Browser

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site's folder."""
    folder = tmp_path_factory.mktemp("site")
    site_pages.stage(folder / "pages")
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    settings = settings.replace("docs/theme", str(DOCS / "theme"))
    settings = settings.replace("build/site-pages", str(folder / "pages")).replace(
        "build/site\n", f"{folder / 'site'}\n"
    )
    (folder / "mkdocs.yml").write_text(settings, encoding="utf-8")
    program = Path(sys.executable).parent / "mkdocs"
    words = [program, "build", "--strict", "--quiet", "-f", folder / "mkdocs.yml"]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(words, capture_output=True, text=True, env=quiet, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


class Loaded(HTMLParser):
    """What a browser fetches by itself for a page, and whether a diagram would make the theme fetch a script."""

    def __init__(self):
        super().__init__()
        self.places, self.classes, self.policy = [], set(), ""

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.classes.update((found.get("class") or "").split())
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed", "object"):
            self.places += [found.get(name) or "" for name in ("src", "srcset", "data", "poster")]
        if tag == "link" and found.get("rel") not in ("canonical", "alternate", "next", "prev"):
            self.places.append(found.get("href") or "")
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]
        if tag == "style" or "style" in found:
            self.places.append(found.get("style") or "")


def test_a_strict_build_gives_every_page_in_both_languages(site):
    expected = {"readme.html", "changelog.html"}
    for page in DOCS.rglob("*.md"):
        expected.add(page.relative_to(DOCS).as_posix().replace(".zh.md", ".md").replace(".md", ".html"))
    made = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert made == expected | {f"zh/{page}" for page in expected}


def test_the_chinese_site_has_chinese_pages(site):
    assert "<h1" in (page := (site / "zh" / "architecture.html").read_text(encoding="utf-8"))
    assert "数据的流向" in page and "The flow of data" not in page
    assert "数据的流向" not in (site / "architecture.html").read_text(encoding="utf-8")


def test_no_page_fetches_anything_from_another_machine(site):
    for path in site.rglob("*.html"):
        page = Loaded()
        page.feed(path.read_text(encoding="utf-8"))
        outside = [place for place in page.places if re.search(r"(^|[\s(,'\"])(https?:)?//", place)]
        assert outside == [], path
        assert "mermaid" not in page.classes, f"{path}: the theme would fetch Mermaid from outside"
        assert page.policy.startswith("default-src 'self';") and "//" not in page.policy, path
    for path in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text(encoding="utf-8")), path


def test_what_a_browser_would_fetch_is_found():
    page = Loaded()
    page.feed(
        '<script src="https://a.example/x.js"></script><link rel="stylesheet" href="//b.example/y.css">'
    )
    assert [place for place in page.places if place] == ["https://a.example/x.js", "//b.example/y.css"]


class Quiet(SimpleHTTPRequestHandler):
    """A web server that says nothing."""

    def log_message(self, *_):
        pass


@pytest.mark.system("chromium")
@pytest.mark.timeout(600)
def test_a_page_is_found_by_its_words_in_a_browser_that_asks_nobody_else(site):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with Browser() as browser:
            address = f"http://127.0.0.1:{server.server_port}/"
            browser.open(f"{address}zh/index.html?q=断路器")
            found = browser.until("document.querySelector('a.md-search-result__link')?.href")
            assert found.startswith(f"{address}zh/")
            browser.open(f"{address}index.html?q=conjugate+canary")
            assert browser.until("document.querySelector('a.md-search-result__link')?.href").startswith(
                address
            )
            places = browser.requested()
            assert len(places) > 10
            assert [place for place in places if not place.startswith((address, "data:", "blob:"))] == []
            # Another name of the same server is another machine to a browser.
            other = f"http://localhost:{server.server_port}/index.html"
            browser.value(
                f"fetch('{other}', {{mode: 'no-cors'}}).then(() => told = 'asked', () => told = 'refused'), 0"
            )
            assert browser.until("window.told") == "refused"
        server.shutdown()


def test_links_out_of_the_documentation_lead_to_copies_in_the_site():
    told = "[a](../../k8s/a.yaml) [b](../redis.md#x) [c](install.zh.md) [d](../../README.md) [e](https://e.example)\n"
    assert site_pages.in_site(told, "docs/cluster/p.zh.md") == (
        "[a](../files/k8s/a.yaml) [b](../redis.md#x) [c](install.md) [d](../readme.md) [e](https://e.example)\n"
    )
    assert site_pages.in_site("[f](docs/cli.md)\n```\n[g](docs/h.md)\n```\n", "README.md") == (
        "[f](cli.md)\n```\n[g](docs/h.md)\n```\n"
    )
