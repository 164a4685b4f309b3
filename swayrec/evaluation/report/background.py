"""The sections on where the numbers come from: influence, choices, baselines, data, counting."""

from functools import partial

from swayrec.evaluation.bootstrap import Estimate
from swayrec.evaluation.report import plots
from swayrec.evaluation.report.blocks import Block, Bullets, Paragraph, Plot, Section, Table
from swayrec.evaluation.report.findings import Findings
from swayrec.evaluation.report.wording import MAIN, at_k, behavior, settings, value


def influence(findings: Findings) -> Section:
    """How much each behavior sways the next choice, the largest first and set to 1."""
    title = "How much each behavior sways the next choice"
    if not findings.influence:
        return Section(title, ())
    largest = max(abs(float(row["weight"])) for row in findings.influence) or 1.0
    rows = []
    for row in sorted(findings.influence, key=lambda each: -float(each["weight"])):
        mean, low, high = (float(row[part]) / largest for part in ("weight", "low", "high"))
        rows.append(plots.Dot(behavior(row), Estimate(mean, low, high)))
    intro = (
        "What one average past event of each behavior adds to the score of an item, learned by least "
        "squares; the largest is set to 1. A weight says what goes with the next choice, not that the "
        "behavior caused it."
    )
    plot = Plot(
        "influence",
        partial(plots.dots, rows, "influence, largest = 1", True, 2),
        "Influence of each behavior with its 95 % interval, clustered by user.",
        "; ".join(f"{row.label} {value(row.estimate, 2)}" for row in rows),
    )
    return Section(title, (Paragraph(intro), plot))


def choices(findings: Findings) -> Section:
    """What validation decided, and why."""
    title = "What validation chose"
    rows = tuple((each.what, each.chosen, each.why) for each in findings.choices)
    if not rows:
        return Section(title, ())
    intro = "Every setting was chosen on the validation part, before the test part was looked at."
    return Section(title, (Paragraph(intro), Table(("", "Chosen", "Why"), rows, numbers_from=3)))


def baselines(findings: Findings) -> Section:
    """What each baseline was tuned to, and which do not apply."""
    blocks: list[Block] = []
    if findings.baselines:
        rows = tuple(
            (str(row["title"]), settings(row["settings"]), f"{row['tried']:,}", f"{row['validation']:.4f}")
            for row in findings.baselines
        )
        intro = "Their grids were fixed beforehand; each was tuned on the same validation part as the model."
        head = ("Baseline", "Chosen", "Settings tried", f"{at_k(MAIN, findings.test)} on validation")
        blocks += [Paragraph(intro), Table(head, rows, numbers_from=2)]
    if findings.absent:
        sentences = (
            f"{findings.called(name)} does not apply: {why}." for name, why in findings.absent.items()
        )
        blocks.append(Bullets(tuple(sentences)))
    return Section("How the baselines were tuned", tuple(blocks))


def data(findings: Findings) -> Section:
    """What the numbers were made from."""
    return Section("Data", (Table(("", ""), tuple(findings.data)),) if findings.data else ())


def counting(findings: Findings) -> Section:
    """The rules of counting, and how often the test part was touched."""
    items = list(findings.rules)
    if findings.touches is not None:
        times = "one setting" if findings.touches == 1 else f"{findings.touches} different settings"
        items.append(
            f"This {findings.test.part} part has been touched by {times}; the ledger lists each. Running "
            "unchanged settings again is no touch."
        )
    return Section("How it was counted", (Bullets(tuple(items)),) if items else ())
