"""What a table of the contract consists of: columns with their kind, meaning and known rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CURRENCY", "CUSTOMER", "RECORDED_AT", "Column", "Kind", "Table", "identifier", "needed", "optional"]

RECORDED_AT = "recorded_at"
"""Optional column of any event table: when the row reached the warehouse. Known = the later of the two."""


class Kind(StrEnum):
    """What a column holds, and so how it is stored: see :attr:`Column.kind`."""

    ID = "id"
    INSTANT = "instant"
    DATE = "date"
    MONEY = "money"
    NUMBER = "number"
    INTEGER = "integer"
    BOOL = "bool"
    CODE = "code"
    TEXT = "text"


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    Parameters
    ----------
    name
        Contract name.
    kind
        ``id`` keeps its type; ``instant`` becomes a UTC timestamp; ``date`` a calendar date; ``money`` a
        DECIMAL(18, 4); ``code`` one of ``codes``; the others as named.
    meaning
        One line for the documentation page.
    optional
        A missing optional column makes its features absent, never zero.
    nullable
        Whether single values may be missing in a present column.
    codes
        Allowed values of a ``code``; empty means any text.
    known
        Column whose instant makes this value known; None: known with its row.
    references
        Table whose key this identifier points to.
    instead
        Column that may stand in its place: each row has exactly one of the two.
    planned
        An instant that may lie in the future: it is no event that moves the end of the data.
    rate_day
        Column on whose day money is converted, where it has a value; else the table's ``row_known``.
    also
        Names in exports that mean just this: taken where the contract's own name is absent and nothing is mapped.
    """

    name: str
    kind: Kind
    meaning: str
    optional: bool = False
    nullable: bool = False
    codes: tuple[str, ...] = ()
    known: str | None = None
    references: str | None = None
    instead: str | None = None
    planned: bool = False
    rate_day: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table of the contract: ``key`` is unique, ``row_known`` the instant from which a row exists.

    Where ``monthly``, ``row_known`` is any day of a calendar month, stored as its first; a row exists once the month is
    over.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    row_known: str | None
    columns: tuple[Column, ...]
    required: bool = False
    monthly: bool = False

    @property
    def column(self) -> dict[str, Column]:
        """Columns by name."""
        return {c.name: c for c in self.columns}


def identifier(name: str, meaning: str, *, references: str | None = None, optional: bool = False) -> Column:
    """Return an identifier, which may be missing where it is optional; ``references`` is the table it points to."""
    return Column(name, Kind.ID, meaning, optional=optional, nullable=optional, references=references)


def needed(name: str, kind: Kind, meaning: str, *, codes: tuple[str, ...] = ()) -> Column:
    """Return a column that each row of a present table must fill."""
    return Column(name, kind, meaning, codes=codes)


def optional(name: str, kind: Kind, meaning: str, *, codes: tuple[str, ...] = (), known: str | None = None) -> Column:
    """Return a column that a business may lack, and rows may leave empty."""
    return Column(name, kind, meaning, optional=True, nullable=True, codes=codes, known=known)


CURRENCY = optional("currency", Kind.TEXT, "currency of its amounts, if not the config's; another needs a rate in `fx`")
"""The currency that each table of money may name."""

CUSTOMER = identifier("customer_id", "whose row it is", references="customers")
"""The customer whose row it is."""
