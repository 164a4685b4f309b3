"""The pages of the site, ready for mkdocs: `python -m swayrec.documentation.site_pages` before `mkdocs build`.

What pages link to outside of docs/ comes along, so that the site needs no repository beside it: README and changelog
become pages, manifests and scenario files stand below ``files/``. Links that are right in the repository
(``../k8s/...``, ``architecture.zh.md``) are rewritten to where these stand in the site.
"""

import posixpath
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "build" / "site-pages"
PAGES = {"README.md": "readme.md", "README.zh-CN.md": "readme.zh.md", "CHANGELOG.md": "changelog.md"}
_ALONG = ("k8s/**/*", "pipelines/scenarios/*.toml", "LICENSE")
_LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_OTHER_LANGUAGE = re.compile(r"^(English · .*|\[English\].*)\n\n", re.MULTILINE)


def stage(place: Path = PLACE) -> None:
    """Writes all that mkdocs reads into a folder, which is emptied first."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ROOT / "docs", place, ignore=shutil.ignore_patterns("theme"))
    for path in place.rglob("*.md"):
        source = f"docs/{path.relative_to(place).as_posix()}"
        path.write_text(in_site(path.read_text(encoding="utf-8"), source), encoding="utf-8")
    for name, page in PAGES.items():
        # The site has a switch of its own between languages.
        text = _OTHER_LANGUAGE.sub("", (ROOT / name).read_text(encoding="utf-8"))
        (place / page).write_text(in_site(text, name), encoding="utf-8")
    for pattern in _ALONG:
        for path in filter(Path.is_file, ROOT.glob(pattern)):
            copy = place / "files" / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def in_site(text: str, source: str) -> str:
    """The text of a file of the repository with its links as they are in the site.

    Args:
        text: Markdown.
        source: where it lies, from the repository's root.
    """
    parts, end = [], 0
    for block in _FENCED.finditer(text):
        parts += [_rewritten(text[end : block.start()], source), block[0]]
        end = block.end()
    return "".join([*parts, _rewritten(text[end:], source)])


def _rewritten(text: str, source: str) -> str:
    here = posixpath.dirname(_placed(source))

    def link(found: re.Match[str]) -> str:
        if "://" in found[1]:
            return found[0]
        target = _placed(posixpath.normpath(posixpath.join(posixpath.dirname(source), found[1])))
        return f"]({posixpath.relpath(target, here or '.')}{found[2] or ''})"

    return _LINK.sub(link, text)


def _placed(source: str) -> str:
    """Where a file of the repository stands in the site, under the name that all languages share."""
    if source in PAGES:
        return PAGES[source].replace(".zh.md", ".md")
    if source.startswith("docs/"):
        return source.removeprefix("docs/").replace(".zh.md", ".md")
    return f"files/{source}"


if __name__ == "__main__":
    stage()
