"""What the benchmark of monitoring measured, as Markdown and as a curve."""

from collections import Counter
from collections.abc import Sequence

from swayrec.operations.monitoring.window import time
from tests.benchmarks.monitoring_planted import Clean, Found
from tests.benchmarks.monitoring_recovery import Curves

WIDTH = 40
"""Characters of the longest bar."""


def faults(found: Sequence[Found], titles: dict[str, str]) -> str:
    """A row a fault and log."""
    lines = [
        "| fault | log | planted | found | after windows | by |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for fault, log in dict.fromkeys((each.fault, each.log) for each in found):
        of = [each for each in found if (each.fault, each.log) == (fault, log)]
        hits = [each for each in of if each.after]
        after = Counter(each.after for each in hits)
        told = ", ".join(f"{number} ({count}×)" for number, count in sorted(after.items())) or "–"
        by = Counter(check for each in hits for check in each.by)
        names = ", ".join(f"`{check}`" for check, _ in by.most_common())
        lines.append(f"| {fault} | {titles[log]} | {len(of)} | {len(hits)} | {told} | {names} |")
    return "\n".join(lines)


def hidden(found: Sequence[Found], titles: dict[str, str]) -> str:
    """A row a group that was hidden: its share of the lists before, and when it was found at each planting."""
    lines = [
        "| log | group | share of what was shown | planted | within two windows | after windows | by |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for log, group in dict.fromkeys((each.log, each.group) for each in found if each.group):
        of = [each for each in found if (each.log, each.group) == (log, group)]
        shares = " to ".join(
            f"{share:.1%}" for share in sorted({min(o.share for o in of), max(o.share for o in of)})
        )
        soon = sum(0 < each.after <= 2 for each in of)
        told = ", ".join(str(each.after or "–") for each in of)
        names = ", ".join(f"`{check}`" for check in sorted({check for each in of for check in each.by}))
        lines.append(f"| {titles[log]} | {group} | {shares} | {len(of)} | {soon} | {told} | {names} |")
    return "\n".join(lines)


def false_alarms(clean: Sequence[Clean], titles: dict[str, str]) -> str:
    """A row a log, and one of all."""
    lines = [
        "| log | trainings | windows | with an alarm that began | share | by |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    names = list(dict.fromkeys(each.log for each in clean))
    for title, of in [
        *((titles[name], [each for each in clean if each.log == name]) for name in names),
        ("all", list(clean)),
    ]:
        hits = [each for each in of if each.began]
        by = Counter(check for each in hits for check in each.began)
        told = ", ".join(f"`{check}` {count}×" for check, count in by.most_common())
        trainings = len({(each.log, each.cut) for each in of})
        lines.append(
            f"| {title} | {trainings} | {len(of)} | {len(hits)} | {len(hits) / max(len(of), 1):.1%} | {told} |"
        )
    return "\n".join(lines)


def curves(found: Curves) -> str:
    """NDCG by week, and a bar each of the old champion (=) and of the retrained one (#)."""
    names = list(found.ndcg)
    lines = [
        f"| week | {' | '.join(names)} | verdict on the old champion |",
        "| --- |" + " --- |" * (len(names) + 1),
    ]
    bars = []
    top = max(max(each for each in values if each == each) for values in found.ndcg.values())
    for place, week in enumerate(found.weeks):
        values = [found.ndcg[name][place] for name in names]
        day = f"{time(week.start):%Y-%m-%d}"
        mark = " (drift)" if place == found.drift else " (retrained)" if place == found.retrained else ""
        cells = " | ".join("–" if each != each else f"{each:.3f}" for each in values)
        lines.append(f"| {day}{mark} | {cells} | {found.verdicts[place]} |")
        old, new = found.ndcg["old champion"][place], found.ndcg["retrained"][place]
        bars.append(f"{day} old {'=' * round(WIDTH * old / top)}")
        if new == new:
            bars.append(f"{'':10} new {'#' * round(WIDTH * new / top)}")
    return "\n".join([*lines, "", "```", *bars, "```"])
