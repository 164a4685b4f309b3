"""The page of a benchmark's results: made of what was measured, never edited."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from math import isnan
from pathlib import Path, PurePosixPath
from typing import Any

from swayrec.evaluation.bootstrap import Estimate
from swayrec.evaluation.report import plots
from swayrec.evaluation.report.blocks import Block, Bullets, Document, Paragraph, Plot, Section, Table
from swayrec.evaluation.report.drawing import png
from swayrec.evaluation.report.markdown import markdown
from swayrec.evaluation.report.wording import MAIN, interval, settings, value
from swayrec.operations.benchmark import network
from swayrec.operations.benchmark.asking import MODEL
from swayrec.operations.benchmark.worth import PAIRS, TITLES
from swayrec.operations.training.listed_answers import RULES as LISTED

GOALS = "goals.toml"
METRICS = ("ndcg", "hit_rate", "recall", "mrr")
HEADS = {"ndcg": "NDCG@10", "hit_rate": "HR@10", "recall": "Recall@10", "mrr": "MRR@10"}
RULES = (
    "Every list ranks the whole catalogue, or all of the candidates that a case brings; none is sampled. Ties "
    "are broken at random.",
    "Form, ridge, network and every baseline's settings are chosen on the validation part alone; then all are fitted "
    "again on what precedes the test part, which is asked once. Each such touch is a line of the ledger beside these "
    "results.",
    "Intervals are 95 %, from 2,000 resamples of whole users; differences are paired: both systems answer the same "
    "cases.",
    "Hand-set weights of behaviors stand in the scenario files, and were written before the first test score.",
)


def write(results: Sequence[Mapping[str, Any]], page: Path) -> None:
    """Writes the page, and its plots into the folder of the page's name beside it."""
    folder = page.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    told = document(results, goals(folder))
    for section in told.sections:
        for block in section.blocks:
            if isinstance(block, Plot):
                png(block.draw(), folder / f"{block.name}.png")
    page.write_text(text(told, folder.name), encoding="utf-8")


def text(told: Document, folder: str) -> str:
    """The page as Markdown, with its plots in a folder beside it."""
    return markdown(told, PurePosixPath(folder)).rstrip() + "\n"


def kept(folder: Path) -> list[dict[str, Any]]:
    """The results in a folder, by the names of the scenarios."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def goals(folder: Path) -> dict[str, Any]:
    """What was to be reached, and what was tried where it was not, by scenario; empty where nobody wrote it down."""
    path = folder / GOALS
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def document(results: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]) -> Document:
    """The whole page.

    Args:
        results: of :func:`swayrec.operations.benchmark.run.benchmark`, one a scenario.
        wanted: goals by scenario.
    """
    over = [found for found in map(_over, results) if found is not None]
    summary = (
        f"On {len(results)} protocols Swayrec's NDCG@10 is significantly above the best baseline of the run on "
        f"{sum(each.above_zero for each in over)}, significantly below it on {sum(each.below_zero for each in over)}."
    )
    return Document(
        title="Results",
        subtitle="Made by swayrec bench (make bench) from the files in the folder of its name; never edited.",
        summary=summary,
        tiles=(),
        sections=(
            _overview(results),
            _worth(results),
            Section("How it was measured", (Bullets(RULES),)),
            *(_of_scenario(each, wanted.get(each["scenario"], {})) for each in results),
        ),
    )


def _overview(results: Sequence[Mapping[str, Any]]) -> Section:
    rows, dots = [], []
    for each in results:
        name = _best_baseline(each)
        over = _over(each)
        means = each["judgment"]["means"]
        rows.append(
            (
                each["title"],
                f"{each['data']['test_cases']:,}",
                value(_estimate(means[MODEL][MAIN])),
                "" if name is None else f"{each['titles'][name]} {means[name][MAIN]['mean']:.4f}",
                "" if over is None else value(over, sign="+"),
                _word(over),
            )
        )
        if over is not None:
            dots.append(plots.Dot(each["title"], over))
    head = ("Data and protocol", "Cases", "Swayrec, NDCG@10", "Best baseline on test", "Difference", "")
    blocks: list[Block] = [Table(head, tuple(rows))]
    if dots:
        tells = "; ".join(f"{dot.label} {value(dot.estimate, sign='+')}" for dot in dots)
        caption = (
            "NDCG@10 of Swayrec minus that of the best baseline on the same cases, 95 % intervals over users."
        )
        draw = partial(plots.dots, dots, "NDCG@10, Swayrec minus the best baseline", True, 4)
        blocks.append(Plot("overview", draw, caption, tells))
    return Section("Beside the best baseline", tuple(blocks))


def _worth(results: Sequence[Mapping[str, Any]]) -> Section:
    """What each part of the method is worth, over all data."""
    rows = []
    for each in results:
        found = each["worth"]
        cells = (value(_estimate(found[name]), sign="+") if name in found else "" for name in PAIRS)
        rows.append((each["title"], *cells))
    told = Paragraph(
        "By how much NDCG@10 on the test cases lies above that of the same model with one thing changed: the closed "
        "form beside variants of it, what is on top beside the closed form alone, and beside the same without intent. "
        "An interval that lies above 0 means that the part is worth having; one that holds 0, that these cases do not "
        "tell. Where a cell is empty, the part does not apply, or validation did not keep it."
    )
    head = ("", *(TITLES[name] for name in PAIRS))
    return Section("What each part is worth", (told, Table(head, tuple(rows))))


def _of_scenario(each: Mapping[str, Any], goal: Mapping[str, Any]) -> Section:
    judgment, titles = each["judgment"], each["titles"]
    data, learned = each["data"], each["chosen"]["learned"]
    means, lists = judgment["means"], judgment["lists"]
    blocks: list[Block] = [
        Paragraph(
            f"{data['events']:,} events of {data['users']:,} users on {data['items']:,} items; "
            f"{data['validation_cases']:,} validation and {data['test_cases']:,} test cases. Protocol: "
            f"{each['protocol']['protocol']}. Form {learned['form']}, ridge {learned['ridge']:g}, the best of "
            f"{learned['tried']} on validation ({learned['validation']:.4f}). "
            f"Served: {titles.get(each['kept'], each['kept'])}. "
            f"{each['rows']:,} training rows; measured {each['made']} in {each['whole_seconds'] / 60:.0f} minutes; the "
            f"test part has been touched by {each['touches']} different settings."
        )
    ]
    if each["protocol"]["protocol"] in LISTED:
        blocks.append(Bullets(LISTED[each["protocol"]["protocol"]]))
    if goal:
        blocks.append(_goal(goal, means[MODEL]))
    systems = [MODEL, *(row["name"] for row in each["baselines"])]
    ranked = sorted(systems, key=lambda name: -means[name][MAIN]["mean"])
    rows = [
        (
            titles[name],
            *(f"{means[name][metric]['mean']:.4f}" for metric in METRICS),
            interval(_estimate(means[name][MAIN])),
            "" if name == MODEL else value(_estimate(judgment["differences"][name][MAIN]), sign="+"),
            f"{lists[name]['coverage']:.1%}",
            f"{lists[name]['arp_ratio']:.2f}",
            f"{each['seconds'].get(each['kept'] if name == MODEL else name, float('nan')):.1f}",
        )
        for name in ranked
    ]
    head = (
        "",
        *(HEADS[name] for name in METRICS),
        "NDCG@10, 95 %",
        "Swayrec minus it",
        "Coverage",
        "Popularity",
        "Seconds",
    )
    blocks.append(Table(head, tuple(rows), marked=ranked.index(MODEL)))
    rows = [
        (TITLES[name], f"{means[PAIRS[name][1]][MAIN]['mean']:.4f}", value(_estimate(found), sign="+"))
        for name, found in each["worth"].items()
    ]
    blocks.append(Table(("Part", "NDCG@10 without it", "Worth"), tuple(rows)))
    blocks.extend(_influence(each))
    blocks.extend(_diagnosed(each))
    blocks.extend(_by_history(each))
    blocks.append(Bullets(tuple(_baseline(row) for row in each["baselines"]) + tuple(_absent(each))))
    return Section(each["title"], tuple(blocks))


def _goal(goal: Mapping[str, Any], means: Mapping[str, Any]) -> Block:
    parts = []
    for metric, wanted in goal.get("reach", {}).items():
        got = means[metric]["mean"]
        said = "reached" if got >= wanted else f"{wanted - got:.4f} short"
        parts.append(f"{HEADS[metric]} {wanted:g}: {got:.4f}, {said}")
    told = f"To reach: {'; '.join(parts)}."
    if goal.get("tried"):
        told += " Tried: " + "; ".join(goal["tried"]) + "."
    return Paragraph(told)


def _influence(each: Mapping[str, Any]) -> list[Block]:
    rows = [
        plots.Dot(row["name"].replace("_", " "), Estimate(row["weight"], row["low"], row["high"]))
        for row in each["influence"]
    ]
    if len(rows) < 2:
        return []
    caption = (
        "What one average past event of each behavior adds to the score of a candidate; 95 % intervals, clustered by "
        "user."
    )
    tells = "; ".join(f"{row.label} {value(row.estimate, 4, '+')}" for row in rows)
    draw = partial(plots.dots, rows, "influence on the next choice", True, 4)
    return [Plot(f"{each['scenario']}-influence", draw, caption, tells)]


def _diagnosed(each: Mapping[str, Any]) -> list[Block]:
    """What was found out on validation: the networks, intent, the placebo, people of whom little is known."""
    told = []
    for name, row in each["network"].items():
        kept = "kept" if row["kept"] else "not kept"
        moved = value(Estimate(row["mean"], row["low"], row["high"]), sign="+")
        told.append(f"{network.TITLES[name]}: moves NDCG@10 on validation by {moved}, {kept}")
    intent = each["intent"]
    told.append(f"intent: {intent['kept']} is kept: {intent['why']}")
    for name, row in intent.get("validation", {}).items():
        aucs = ", ".join("none" if auc is None or isnan(auc) else f"{auc:.3f}" for auc in row["auc"])
        told.append(f"intent by the {name} form: AUC {aucs} by target, Brier score {row['brier']:.4f}")
    placebo = each["placebo"]
    if placebo:
        lost = value(Estimate(*placebo["gain"]), sign="+")
        told.append(
            "placebo: with each user's times, and so everyone's counts, shuffled before learning, NDCG@10 on "
            f"validation is {placebo['shuffled']:.4f}; the true order is worth {lost}"
        )
    if each["cold_start"]:
        rows = "; ".join(f"{row['rows']}: {value(_estimate(row))}" for row in each["cold_start"])
        told.append(f"people of whom only the newest history rows are known, NDCG@10 on validation: {rows}")
    return [Bullets(tuple(told))]


def _by_history(each: Mapping[str, Any]) -> list[Block]:
    found = [row for row in each["judgment"]["slices"] if row["group"] == "length of history"]
    if not found:
        return []
    systems = [MODEL, *_strongest(each, 2)]
    series = tuple(
        (each["titles"][name], tuple(_estimate(row["means"][name][MAIN]) for row in found))
        for name in systems
    )
    panel = plots.Panel("By length of history", tuple(row["name"] for row in found), series)
    tells = "; ".join(f"{row['name']} {value(_estimate(row['means'][MODEL][MAIN]))}" for row in found)
    caption = "NDCG@10 by the number of the user's past events, in quarters of the users."
    return [Plot(f"{each['scenario']}-history", partial(plots.panels, [panel], "NDCG@10"), caption, tells)]


def _strongest(each: Mapping[str, Any], number: int) -> list[str]:
    means = each["judgment"]["means"]
    names = [row["name"] for row in each["baselines"]]
    return sorted(names, key=lambda name: -means[name][MAIN]["mean"])[:number]


def _best_baseline(each: Mapping[str, Any]) -> str | None:
    return next(iter(_strongest(each, 1)), None)


def _over(each: Mapping[str, Any]) -> Estimate | None:
    name = _best_baseline(each)
    return None if name is None else _estimate(each["judgment"]["differences"][name][MAIN])


def _word(over: Estimate | None) -> str:
    if over is None:
        return ""
    return "better" if over.above_zero else "worse" if over.below_zero else "not told apart"


def _baseline(row: Mapping[str, Any]) -> str:
    chosen = settings(row["settings"]) or "no settings"
    return f"{row['title']}: {chosen}; the best of {row['tried']} on validation ({row['validation']:.4f})"


def _absent(each: Mapping[str, Any]) -> list[str]:
    return [f"{name.replace('_', ' ')} was not raced: {why}" for name, why in each["absent"].items()]


def _estimate(raw: Mapping[str, float]) -> Estimate:
    return Estimate(raw["mean"], raw["low"], raw["high"])
