"""A window's verdict as one HTML page with the series so far: it stands by itself and loads nothing."""

import html as markup
from collections.abc import Iterable, Mapping, Sequence

from swayrec.operations.monitoring.number_titles import fairness_title
from swayrec.operations.monitoring.report_charts import SAID
from swayrec.operations.monitoring.report_series import Told, charts, verdict_strip
from swayrec.operations.monitoring.report_style import STYLE
from swayrec.operations.monitoring.report_words import (
    HEADS,
    PARTS,
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

SHOWN = 260
"""Windows that charts go back, at most: five years of weeks."""


def html(series: Sequence[Told], verdict: Told) -> str:
    """The page, with titles and sentences in English and Chinese. Texts from data cannot make markup.

    Args:
        series: verdicts of the scenario, in any order.
        verdict: the one that is told of; what came after it is not drawn.
    """
    end = verdict["window"]["end"]
    earlier = {told["window"]["start"]: told for told in series if told["window"]["end"] < end}
    so_far = [*[earlier[start] for start in sorted(earlier)][1 - SHOWN :], verdict]
    since, until = times(verdict)
    named = f"{_text(verdict['scenario'])} · {since} – {until} UTC"
    said = verdict["verdict"]
    body = [
        f"<h1>{named}</h1>",
        f'<p class="said" style="background:{SAID.get(said, "#868e96")}">{_both(verdict["title"])}</p>',
        f"<p>Model version · 模型版本 {_text(verdict['champion']['version'])}</p>",
        _sentences("why", verdict["reasons"]),
        f"<section><h2>{_title(PARTS['series'])}</h2>{verdict_strip(so_far)}</section>",
        f'<section class="charts">{charts(so_far)}</section>',
        _checks(verdict),
        *(_numbers(part, rows) for part, rows in _bilingual(verdict).items()),
        _fairness(verdict),
        _sentences("notes", verdict["notes"]),
    ]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{named}</title><style>{STYLE}</style></head><body><main>{''.join(body)}</main></body></html>\n"
    )


def newest_page(series: Sequence[Told], verdicts: Sequence[Told] = ()) -> str | None:
    """The page on the newest of ``verdicts``, or where there are none of the series; None = there is no verdict.

    Both oldest first.
    """
    told = verdicts or series
    return html(series, told[-1]) if told else None


def _checks(verdict: Told) -> str:
    rows = []
    for row in judged(verdict):
        share = evidence(row)
        told = "".join(f"<td>{each}</td>" for each in check_numbers(row))
        rows.append(
            f"<tr{' class=alarm' if row['alarm'] else ''}><td>{_both(row['title'])}</td><td>{_text(row['part'])}</td>"
            f'{told}<td><meter value="{share:.4f}"></meter> {share:.1%}</td><td>{mark(row)}</td></tr>'
        )
    table = _table(HEADS["checks"], rows) if rows else ""
    silent = [Sentence(**row["title"]).both for row in verdict["checks"] if not row["judged"]]
    more = f"<p>{_title(PARTS['not_judged'])}: {_text(', '.join(silent))}</p>" if silent else ""
    return f"<section><h2>{_title(PARTS['checks'])}</h2>{table}{more}</section>"


def _bilingual(verdict: Told) -> dict[str, list[tuple[str, ...]]]:
    """Rows of numbers, each named in both languages."""
    en, zh = numbers(verdict, "en"), numbers(verdict, "zh")
    return {
        part: [
            (one[0] if one[0] == other[0] else f"{one[0]} · {other[0]}", *one[1:])
            for one, other in zip(rows, zh[part], strict=True)
        ]
        for part, rows in en.items()
    }


def _numbers(part: str, rows: Sequence[Sequence[str]]) -> str:
    columns = 3 if any(row[2] for row in rows) else 2
    cells = (_row(row[:columns]) for row in rows)
    return f"<section><h2>{_title(PARTS[part])}</h2>{_table(HEADS['numbers'][:columns], cells)}</section>"


def _fairness(verdict: Told) -> str:
    fairness = verdict.get("fairness")
    if not fairness:
        return ""
    parts = [f"<h2>{_title(PARTS['fairness'])}</h2>", _listed(fairness["told"])]
    for each in fairness["compared"]:
        parts.append(f"<h3>{_title(fairness_title(each['of'], plain(each['attribute'])))}</h3>")
        if rows := fairness_rows(each):
            parts.append(_table(HEADS["fairness"], map(_row, rows)))
        if skipped := fairness_skipped(each, fairness["minimum"]):
            parts.append(f"<p>{_title(skipped)}</p>")
    return f"<section>{''.join(parts)}</section>"


def _sentences(part: str, sentences: Sequence[Mapping[str, str]]) -> str:
    return f"<section><h2>{_title(PARTS[part])}</h2>{_listed(sentences)}</section>" if sentences else ""


def _listed(sentences: Iterable[Mapping[str, str]]) -> str:
    rows = "".join(
        f'<li>{_text(each["en"])}<br><span lang="zh">{_text(each["zh"])}</span></li>' for each in sentences
    )
    return f"<ul>{rows}</ul>" if rows else ""


def _table(heads: Sequence[Sentence], rows: Iterable[str]) -> str:
    named = "".join(f"<th>{_title(head)}</th>" for head in heads)
    return f'<div class="table"><table><thead><tr>{named}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _row(cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"


def _both(title: Mapping[str, str]) -> str:
    return f'{_text(title["en"])} · <span lang="zh">{_text(title["zh"])}</span>'


def _title(title: Sentence) -> str:
    return _text(title.en) if title.en == title.zh else _both(title.to_json())


def _text(text: object) -> str:
    return markup.escape(plain(text))
