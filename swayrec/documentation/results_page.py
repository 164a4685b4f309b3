"""The page of results, made from what `swayrec bench` measured and wrote beside it."""

from pathlib import Path

from swayrec.operations.benchmark import page as results

PAGE = Path(__file__).parents[2] / "docs" / "results.md"


def page() -> str:
    """The page by the results in the folder of its name."""
    folder = PAGE.with_suffix("")
    return results.text(results.document(results.kept(folder), results.goals(folder)), folder.name)
