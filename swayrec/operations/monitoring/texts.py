"""The texts that a window's events are about: a stated sample, its languages and its words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from swayrec.operations.monitoring.scales import OTHER
from swayrec.operations.monitoring.tally import GROUPS, Counts
from swayrec.operations.monitoring.window import Window, time
from swayrec.tables.keywords import keywords
from swayrec.tables.language import language

MOST = 1_000
"""Events whose texts are read, a window."""

LONGEST = 500
"""Characters that are read of a text."""

VOCABULARY = 150
"""Words of a language that windows are compared by."""

LANGUAGES = ("en", "zh", "other")


@dataclass(frozen=True)
class Texts:
    """A sample of events with a text: the user's own words, or else the item's.

    ``window`` and ``group`` int64[n]; ``text`` and ``of_item`` n texts each, the latter '' where an item has none.
    """

    window: np.ndarray
    group: np.ndarray
    text: list[str]
    of_item: list[str]


def texts(engine: Any, windows: Sequence[Window]) -> Texts:
    """Draws at most ``MOST`` events a window, always the same ones."""
    start, length = windows[0].start, windows[0].end - windows[0].start
    rows = engine.raw_sql(
        f"""
        SELECT floor((epoch(timestamp) - {start!r}) / {length!r})::INT AS k, (hash(user_id) % {GROUPS})::INT AS g,
            left(coalesce(e.text, i.text), {LONGEST}) AS told, coalesce(i.text, '') AS of_item
        FROM events e LEFT JOIN items i USING (item_id)
        WHERE timestamp >= '{time(start)}' AND timestamp < '{time(windows[-1].end)}'
            AND coalesce(e.text, i.text) IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY k ORDER BY hash(event_id)) <= {MOST}
        """
    ).fetchnumpy()
    return Texts(
        np.asarray(rows["k"], np.int64),
        np.asarray(rows["g"], np.int64),
        [str(text) for text in rows["told"]],
        [str(text) for text in rows["of_item"]],
    )


def vocabulary(drawn: Texts) -> dict[str, tuple[str, ...]]:
    """The words that most texts hold, by language."""
    found: dict[str, Counter[str]] = {}
    for (tongue, words), count in _read(drawn).items():
        counter = found.setdefault(tongue, Counter())
        for word in words:
            counter[word] += count
    return {
        tongue: tuple(word for word, _ in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))[
            :VOCABULARY
        ]
        for tongue, counter in sorted(found.items())
    }


def text_counts(drawn: Texts, words: Mapping[str, Sequence[str]], windows: int) -> dict[str, Counts]:
    """The families ``languages``, and ``words <language>``: texts that hold each word, and further words."""
    languages = np.zeros((windows, GROUPS, len(LANGUAGES)))
    held = {tongue: np.zeros((windows, GROUPS, len(some) + 1)) for tongue, some in words.items()}
    place = {tongue: {word: number for number, word in enumerate(some)} for tongue, some in words.items()}
    for window, group, text in zip(drawn.window, drawn.group, drawn.text, strict=True):
        tongue, found = _words(text)
        languages[window, group, LANGUAGES.index(tongue)] += 1
        if tongue in held:
            for word in found:
                held[tongue][window, group, place[tongue].get(word, -1)] += 1
    return {
        "languages": Counts(LANGUAGES, languages),
        **{f"words {tongue}": Counts((*words[tongue], OTHER), sums) for tongue, sums in held.items()},
    }


def _read(drawn: Texts) -> Counter[tuple[str, frozenset[str]]]:
    counted = Counter(drawn.text)
    found: Counter[tuple[str, frozenset[str]]] = Counter()
    for text, count in counted.items():
        found[_words(text)] += count
    return found


@lru_cache(maxsize=50_000)
def _words(text: str) -> tuple[str, frozenset[str]]:
    tongue = language(text)
    return tongue, frozenset(keywords(text, tongue))
