"""Tables of a page: what stands in their cells; ``tables.html.j2`` draws them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Cell", "Table", "number_cell"]


@dataclass(frozen=True)
class Cell:
    """One cell: its text, what stands smaller below it, whether it is a number, and the class of its colour."""

    text: str
    below: str = ""
    number: bool = False
    colour: str = ""


@dataclass(frozen=True)
class Table:
    """A table: what it shows, the heads of its columns, and its rows; the first cell of a row names it."""

    caption: str
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def number_cell(text: str, below: str = "") -> Cell:
    """Return a cell that is set to the right."""
    return Cell(text, below, number=True)
