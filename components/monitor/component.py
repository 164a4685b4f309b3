"""The component `monitor`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def monitor(
    workspace: str,
    since: str,
    until: str,
    verdicts: dsl.Output[dsl.Artifact],
    summary: dsl.Output[dsl.Markdown],
    report: dsl.Output[dsl.HTML],
) -> None:
    """Looks at what came in, what was shown and what people did next, and says whether the model may stay.

    Args:
        workspace: folder of a finished training, of what was posted and of what was shown.
        since: ISO 8601 time; every window from then on is looked at. Empty = only the newest.
        until: ISO 8601 time; windows that end later are not looked at. Empty = now, or the end of an archived log.
        verdicts: JSON: the verdicts, oldest first.
        summary: the same in words and tables.
        report: a page on the newest verdict and the series so far.
    """
    import json
    from functools import partial
    from pathlib import Path

    from serving import posted_export
    from swayrec.operations.monitoring.monitor import monitor as monitored
    from swayrec.operations.monitoring.report_markdown import markdown
    from swayrec.operations.monitoring.report_page import newest_page
    from swayrec.operations.monitoring.series import Series
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace

    with step("monitor") as say:
        place = Workspace(Path(workspace))
        done = monitored(
            place,
            since,
            until,
            partial(posted_export.export, place),
            lambda part, line: say(f"{part}: {line}"),
        )
        told = [each.to_json() for each in done.told]
        Path(verdicts.path).write_text(
            json.dumps({"notes": told, "verdicts": list(done.verdicts)}, ensure_ascii=False), encoding="utf-8"
        )
        words = [markdown(each) for each in done.verdicts] or [each.en for each in done.told]
        Path(summary.path).write_text("\n\n".join(words), encoding="utf-8")
        page = newest_page(Series.read(done.folder).verdicts, done.verdicts)
        Path(report.path).write_text(page or "<p>There is no verdict yet.</p>", encoding="utf-8")
        for untold in done.untold:
            say(untold.en)
