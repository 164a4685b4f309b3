"""Pages, as tests read them."""

import re


def blocks(page, language=None):
    """The fenced blocks of a Markdown page, in order: all, or those of one language."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [body for named, body in found if language in (None, named)]
