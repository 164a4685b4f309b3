"""What a report is built of, whatever it is written as: sections of paragraphs, lists, tables and plots."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Paragraph:
    """Plain text; ``strong`` = the sentence that a reader must not miss."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of plain sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Cells are plain text; columns from ``numbers_from`` on are numbers; row ``marked`` is the model's."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 1
    marked: int | None = None


@dataclass(frozen=True)
class Plot:
    """A figure, drawn when it is written: ``name`` names its file, ``tells`` says it to who cannot see it."""

    name: str
    draw: "Callable[[], Figure]"
    caption: str
    tells: str


Block = Paragraph | Bullets | Table | Plot


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Tile:
    """A number at the head of the report: the label, the value and a remark."""

    label: str
    value: str
    remark: str


@dataclass(frozen=True)
class Document:
    """A whole report."""

    title: str
    subtitle: str
    summary: str
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
