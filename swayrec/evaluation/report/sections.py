"""What the report says, and in which order."""

from swayrec.evaluation.report import background, results
from swayrec.evaluation.report.blocks import Document, Tile
from swayrec.evaluation.report.findings import Findings
from swayrec.evaluation.report.wording import MAIN, at_k, interval, verdict


def document(findings: Findings) -> Document:
    """The whole report; a section without content is left out."""
    sections = (
        results.quality(findings),
        results.differences(findings),
        results.slices(findings),
        background.influence(findings),
        background.choices(findings),
        background.baselines(findings),
        results.later(findings),
        background.data(findings),
        background.counting(findings),
    )
    test = findings.test
    cases = f"{len(test.users):,} {test.part} cases, {test.truths:,} held-out items"
    return Document(
        title=findings.title,
        subtitle=f"Made {findings.made}. {cases}.",
        summary=verdict(findings, test),
        tiles=_tiles(findings),
        sections=tuple(section for section in sections if section.blocks),
    )


def _tiles(findings: Findings) -> tuple[Tile, ...]:
    test = findings.test
    own, shown = test.means[test.model], test.lists[test.model]
    tiles = [
        Tile(at_k(metric, test), f"{own[metric].mean:.3f}", f"95 % interval {interval(own[metric], 3)}")
        for metric in (MAIN, "hit_rate")
    ]
    popular = f"{shown.arp_ratio:.2f} times as popular as what people chose"
    tiles.append(Tile("Catalogue shown", f"{shown.coverage:.1%}", popular))
    if findings.milliseconds is not None:
        query = f"{findings.milliseconds:.1f} ms"
        tiles.append(Tile("One query", query, "in a batch, through the exported model"))
    return tuple(tiles)
