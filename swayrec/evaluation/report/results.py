"""The sections on what was measured: quality, differences, slices, the second window."""

from functools import partial

from swayrec.evaluation.metrics import METRICS
from swayrec.evaluation.report import plots
from swayrec.evaluation.report.blocks import Paragraph, Plot, Section, Table
from swayrec.evaluation.report.findings import Findings
from swayrec.evaluation.report.wording import MAIN, at_k, interval, value, verdict

BELONG = (
    "These numbers belong to the model that was fitted on everything before the test part. The model that is "
    "registered has the same settings and is fitted on all events, so it has no test score of its own."
)


def quality(findings: Findings) -> Section:
    """Every system's means with intervals, best first."""
    test = findings.test
    ranked = sorted(test.systems, key=lambda system: -test.means[system][MAIN].mean)
    rows = [plots.Dot(findings.called(each), test.means[each][MAIN], each == test.model) for each in ranked]
    head = ("", *(at_k(metric, test) for metric in METRICS), f"{at_k(MAIN, test)}, 95 %")
    cells = tuple(
        (
            findings.called(system),
            *(f"{test.means[system][metric].mean:.4f}" for metric in METRICS),
            interval(test.means[system][MAIN]),
            f"{test.lists[system].coverage:.1%}",
            f"{test.lists[system].arp_ratio:.2f}",
        )
        for system in ranked
    )
    plot = Plot(
        "quality",
        partial(plots.dots, rows, at_k(MAIN, test)),
        f"{at_k(MAIN, test)} of every system with its 95 % bootstrap interval over users.",
        "; ".join(f"{row.label} {value(row.estimate)}" for row in rows),
    )
    legend = (
        "Coverage: the share of the catalogue that anyone is shown. Popularity: how popular the shown items "
        "are, where 1 is as popular as what people chose themselves."
    )
    table = Table((*head, "Coverage", "Popularity"), cells, marked=ranked.index(test.model))
    return Section("Quality beside the baselines", (Paragraph(BELONG, True), plot, table, Paragraph(legend)))


def differences(findings: Findings) -> Section:
    """The model minus each baseline on the same cases, the strongest baseline first."""
    title, test = "Paired differences", findings.test
    if not test.baselines:
        return Section(title, ())
    ranked = sorted(test.baselines, key=lambda system: test.differences[system][MAIN].mean)
    rows = [plots.Dot(f"over {findings.called(each)}", test.differences[each][MAIN]) for each in ranked]
    intro = (
        "Both systems answer the same cases, so their difference is known better than either mean. An "
        "interval that lies above 0 means that the model beats the baseline on users like these."
    )
    plot = Plot(
        "differences",
        partial(plots.dots, rows, f"{at_k(MAIN, test)}, model minus baseline", True, 4),
        "Paired differences with 95 % bootstrap intervals over users.",
        "; ".join(f"{row.label} {value(row.estimate, sign='+')}" for row in rows),
    )
    cells = tuple(
        (findings.called(each), *(value(test.differences[each][metric], 3, "+") for metric in METRICS))
        for each in ranked
    )
    table = Table(("Model minus", *(at_k(metric, test) for metric in METRICS)), cells)
    return Section(title, (Paragraph(intro), plot, table))


def slices(findings: Findings) -> Section:
    """The model and its two strongest rivals on parts of the cases."""
    title, test = "For whom, and for what", findings.test
    if not test.slices:
        return Section(title, ())
    rivals = sorted(test.baselines, key=lambda system: -test.means[system][MAIN].mean)[:2]
    systems = [test.model, *rivals]
    found = []
    for group in dict.fromkeys(each.group for each in test.slices):
        members = [each for each in test.slices if each.group == group]
        series = tuple(
            (findings.called(system), tuple(each.means[system][MAIN] for each in members))
            for system in systems
        )
        found.append(plots.Panel(f"By {group}", tuple(each.name for each in members), series))
    plot = Plot(
        "slices",
        partial(plots.panels, found, at_k(MAIN, test)),
        "By length of history: users in quarters by the number of their past events. By targets: only the "
        "held-out items that the user had met before, or only those that were new, count as found.",
        "; ".join(f"{each.name} {value(each.means[test.model][MAIN])}" for each in test.slices),
    )
    cells = tuple(
        (each.name, f"{each.cases:,}", *(value(each.means[system][MAIN], 3) for system in systems))
        for each in test.slices
    )
    return Section(title, (plot, Table(("", "Cases", *map(findings.called, systems)), cells)))


def later(findings: Findings) -> Section:
    """The window after the test part, beside the test part."""
    title, test, after = "A second window", findings.test, findings.later
    if after is None:
        return Section(title, ())
    ranked = sorted(after.systems, key=lambda system: -after.means[system][MAIN].mean)
    series = (
        (f"{test.part} part", tuple(test.means[each][MAIN] for each in ranked)),
        ("the window after it", tuple(after.means[each][MAIN] for each in ranked)),
    )
    panel = plots.Panel("Both windows", tuple(findings.called(each) for each in ranked), series)
    intro = (
        f"The window after the {test.part} part ({len(after.users):,} cases, {after.truths:,} held-out "
        "items) comes after it in time; nothing was chosen on it."
    )
    plot = Plot(
        "later",
        partial(plots.panels, [panel], at_k(MAIN, after)),
        f"{at_k(MAIN, after)} on both windows with 95 % intervals over users.",
        "; ".join(f"{findings.called(each)} {value(after.means[each][MAIN])}" for each in ranked),
    )
    return Section(title, (Paragraph(intro), Paragraph(verdict(findings, after), True), plot))
