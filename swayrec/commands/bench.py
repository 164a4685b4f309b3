"""`swayrec bench`: how good the recommendations are, beside the classic models and without parts of the method."""

import json
from pathlib import Path

import click

from swayrec.commands import options


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
@options.workspace
@click.option(
    "--results",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("build/results.md"),
    show_default=True,
    metavar="FILE.md",
    help="The page to write; numbers, plots and the ledger go into the folder of its name beside it.",
)
@click.option(
    "--sasrec",
    "sequence",
    multiple=True,
    metavar="NAME",
    help="Race SASRec too on the scenario of this name, which takes minutes; may be given again.",
)
@click.option(
    "--leave-out",
    "less",
    multiple=True,
    metavar="BASELINE",
    help="A baseline that is not raced (lambdarank, bpr, ...); may be given again.",
)
@options.as_json
def bench(
    scenarios: tuple[str, ...],
    root: Path,
    results: Path,
    sequence: tuple[str, ...],
    less: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure the quality of each SCENARIO's model beside baselines and ablations, on real held-out choices.

    Everything is chosen on validation, then the test part is asked once, which the ledger notes. A scenario whose
    data, settings and code have not changed is not measured again; one that was stopped begins anew.
    """
    from swayrec.commands.table import show, show_json
    from swayrec.evaluation.ledger import Ledger
    from swayrec.learning.baselines import BASELINES, BENCHMARKED
    from swayrec.operations.benchmark import page
    from swayrec.operations.benchmark.asking import MODEL
    from swayrec.operations.benchmark.run import benchmark
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as loading

    known = {*BASELINES, *BENCHMARKED}
    for name in less:
        if name not in known:
            raise click.BadParameter(
                f"{name!r} is none of {', '.join(sorted(known))}", param_hint="--leave-out"
            )
    workspace, folder = Workspace(root.resolve()).make(), results.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(folder / "ledger.jsonl")
    found = []
    for name in scenarios:
        loaded = loading.load(name)
        told = benchmark(
            loaded,
            name,
            workspace.benchmarks / loaded.name,
            workspace.text_cache,
            ledger,
            lambda line: click.echo(line, err=True),
            ("sasrec",) if loaded.name in sequence else (),
            less,
        )
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{loaded.name}.json").write_text(text, encoding="utf-8")
        page.write(page.kept(folder), results)
        found.append(told)
    if as_json:
        show_json([{**each["judgment"], "scenario": each["scenario"]} for each in found])
        return
    rows = [
        (
            each["scenario"],
            each["titles"][name],
            f"{mean['ndcg']['mean']:.4f}",
            f"{mean['ndcg']['low']:.4f}",
            f"{mean['ndcg']['high']:.4f}",
            f"{mean['hit_rate']['mean']:.4f}",
        )
        for each in found
        for name, mean in sorted(each["judgment"]["means"].items(), key=lambda pair: -pair[1]["ndcg"]["mean"])
        if name == MODEL or name in {row["name"] for row in each["baselines"]}
    ]
    show(("scenario", "system", "NDCG@10", "low", "high", "HR@10"), rows, as_json=False)
    click.echo(f"{results}: the page; {folder}: numbers, plots and the ledger of test touches", err=True)
