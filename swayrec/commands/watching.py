"""How a training goes on, for people: one line a finished step, and a live line on a terminal."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from types import TracebackType

import click


class Progress:
    """Shows steps on standard error, so that what a command prints stays clean; a context manager.

    On a terminal the line of the step at work is live: its last words and the seconds since it began.
    """

    def __init__(self) -> None:
        self._live = None
        self._begun = time.monotonic()
        if sys.stderr.isatty():
            from rich.console import Console

            self._live = Console(stderr=True).status("preparing")

    def __enter__(self) -> "Progress":
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def started(self, step: str) -> None:
        """A step begins."""
        self._begun = time.monotonic()
        self._show(step, "")

    def said(self, step: str, text: str) -> None:
        """A step reports progress."""
        self._show(step, text)

    def finished(self, step: str, seconds: float) -> None:
        """A step ended well."""
        self._line(step, f"{seconds:6.1f} s")

    def cached(self, step: str) -> None:
        """A step's outputs of an earlier run are used."""
        self._line(step, "as before")

    def _show(self, step: str, text: str) -> None:
        if self._live:
            from rich.markup import escape

            self._live.update(
                f"[bold]{step}[/] {escape(text)} [dim]{time.monotonic() - self._begun:.0f} s[/]"
            )

    def _line(self, step: str, text: str) -> None:
        line = f"  {step:<18} {text}"
        if self._live:
            self._live.console.print(line, highlight=False)
        else:
            click.echo(line, err=True)


@contextlib.contextmanager
def counted(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yields a function that is told how many more are done; on a terminal it moves a bar."""
    if not sys.stderr.isatty():
        yield lambda more: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)
