"""Text as the language model gets it: one Unicode form, no markup, no addresses, single spaces."""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_COMMENT = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
# A tag begins with a letter, so that "a < b and c > d" and "<3" stay.
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<![a-zA-Z][^<>]*>")
# An address ends at the first mark that is not ASCII: Chinese goes on right after it, without a space.
_URL = re.compile(r"(?<![a-z0-9])(?:(?:https?|ftp)://|www\.)[!#-&(-;=?-~]+", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_UNSEEN = ("Cc", "Cf", "Co", "Cn", "Cs")


def normalize(text: str) -> str:
    """Unicode NFKC; markup, entities and URLs out; control characters out; space collapsed.

    >>> normalize("<p>Ｆｒｅｓｈ&nbsp;&amp; ripe</p>\\n see https://a.example/x?y=1 now")
    'Fresh & ripe see now'
    """
    # What is written twice over (&amp;amp;, &lt;b&gt;, full-width markup) shows only when the first layer is
    # off; a text that is clean must stay as it is, because its vector is kept under its hash.
    for _ in range(4):
        cleaned = _without_a_layer(text)
        if cleaned == text:
            break
        text = cleaned
    return text


def _without_a_layer(text: str) -> str:
    if "<" in text or "&" in text:
        text = html.unescape(_TAG.sub(" ", _COMMENT.sub(" ", text)))
    text = unicodedata.normalize("NFKC", _URL.sub(" ", text))
    if not text.isprintable():
        text = "".join(mark for mark in text if mark.isspace() or unicodedata.category(mark) not in _UNSEEN)
    return _SPACE.sub(" ", text).strip()


def each_distinct(column: Any, change: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
    """What ``change`` makes of each text of a column, computed once a distinct text; null stays null.

    An empty result of text becomes null.
    """
    column = pc.cast(column, pa.string())
    distinct = pc.unique(column)
    place = pc.index_in(column, value_set=distinct)
    changed = [None if text is None else (change(text) or None) for text in distinct.to_pylist()]
    result = pc.take(pa.array(changed, kind), place)
    return result.combine_chunks() if isinstance(result, pa.ChunkedArray) else result
