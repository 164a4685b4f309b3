"""The words of a text that say what it is about: for keywords and drift, never for the language model."""

import logging
import os
import re
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from swayrec.tables.stop_words import CHINESE, ENGLISH
from swayrec.tables.text import normalize

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_HAS_HAN = re.compile(r"[\u3400-\u9fff]")


def keywords(text: str, language: str) -> list[str]:
    """The words of a text in their order, lower case, without stop words, numbers and single letters.

    Args:
        text: any text; it is normalised first.
        language: "zh" (segmented with jieba; Latin words in it are kept) or any other (split at non-letters).

    >>> keywords("The best of the fresh pizzas, 12 oz", "en")
    ['best', 'fresh', 'pizzas', 'oz']
    """
    text = normalize(text).lower()
    words: Iterable[str] = _WORD.findall(text)
    if language == "zh":
        words = (
            part for word in words for part in (_segmenter().cut(word) if _HAS_HAN.search(word) else (word,))
        )
    return [word for word in (raw.replace("’", "'") for raw in words) if _speaks(word)]


def _speaks(word: str) -> bool:
    if word in ENGLISH or word in CHINESE or any(mark.isdigit() for mark in word):
        return False
    return len(word) > 1 or bool(_HAS_HAN.match(word))


@cache
def _segmenter() -> Any:
    import jieba

    jieba.setLogLevel(logging.ERROR)
    made = jieba.Tokenizer()
    made.tmp_dir = str(_own_folder())
    made.initialize()
    return made


def _own_folder() -> Path:
    """Where jieba keeps its dictionary's cache: no name in /tmp that somebody else may have taken."""
    folder = Path(tempfile.gettempdir()) / f"swayrec-jieba-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid == os.getuid():
        return folder
    return Path(tempfile.mkdtemp(prefix="swayrec-jieba-"))
