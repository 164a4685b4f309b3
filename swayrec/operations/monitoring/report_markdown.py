"""A window's verdict as Markdown: for a terminal, a ticket, or an artifact of a pipeline."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from swayrec.operations.monitoring.number_titles import fairness_title
from swayrec.operations.monitoring.report_words import (
    HEADS,
    PARTS,
    Language,
    check_numbers,
    evidence,
    fairness_rows,
    fairness_skipped,
    judged,
    mark,
    numbers,
    plain,
    times,
)
from swayrec.operations.monitoring.sentence import Sentence


def markdown(verdict: Mapping[str, Any], language: Language = "en") -> str:
    """The verdict, why, and its numbers, in one language. Texts from data cannot make markup.

    Args:
        verdict: as :func:`swayrec.operations.monitoring.watching.watched` gives it.
        language: of titles and sentences.
    """
    since, until = times(verdict)
    version = Sentence(
        f"{since} to {until} UTC, version {verdict['champion']['version']}",
        f"{since} 至 {until} UTC，模型版本 {verdict['champion']['version']}",
    ).to_json()
    told = [
        f"# {_safe(verdict['scenario'])}: {_safe(verdict['title'][language])}",
        version[language],
        *_sentences("why", verdict["reasons"], language),
        *_section("checks", _checks(verdict, language), HEADS["checks"], language),
    ]
    for part, rows in numbers(verdict, language).items():
        told += _section(part, rows, HEADS["numbers"], language)
    told += _fairness(verdict, language)
    told += _sentences("notes", verdict["notes"], language)
    return "\n\n".join(told) + "\n"


def _checks(verdict: Mapping[str, Any], language: Language) -> list[tuple[str, ...]]:
    return [
        (row["title"][language], row["part"], *check_numbers(row), f"{evidence(row):.1%}", mark(row))
        for row in judged(verdict)
    ]


def _fairness(verdict: Mapping[str, Any], language: Language) -> list[str]:
    fairness = verdict.get("fairness")
    if not fairness:
        return []
    told = _sentences("fairness", fairness["told"], language) or [
        f"## {PARTS['fairness'].to_json()[language]}"
    ]
    for each in fairness["compared"]:
        title = fairness_title(each["of"], each["attribute"]).to_json()[language]
        told.append(f"### {_safe(title)}")
        if rows := fairness_rows(each):
            told.append(_table(HEADS["fairness"], rows, language))
        if skipped := fairness_skipped(each, fairness["minimum"]):
            told.append(skipped.to_json()[language])
    return told


def _section(
    part: str, rows: Sequence[Sequence[str]], heads: Sequence[Sentence], language: Language
) -> list[str]:
    return [f"## {PARTS[part].to_json()[language]}", _table(heads, rows, language)] if rows else []


def _sentences(part: str, sentences: Iterable[Mapping[str, str]], language: Language) -> list[str]:
    lines = [f"- {_safe(sentence[language])}" for sentence in sentences]
    return [f"## {PARTS[part].to_json()[language]}", "\n".join(lines)] if lines else []


def _table(heads: Sequence[Sentence], rows: Iterable[Sequence[str]], language: Language) -> str:
    lines = [
        [head.to_json()[language] for head in heads],
        ["---"] * len(heads),
        *([*map(_safe, row)] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _safe(text: object) -> str:
    """A text that is no markup: no cell ends, no tag, link, image or code begins."""
    told = re.sub(r"([\\|`*])", r"\\\1", plain(text)).replace("<", "&lt;")
    return told.replace("](", "]\\(").replace("![", "!\\[")
