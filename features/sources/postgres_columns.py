"""PostgreSQL's columns: which are sent, and as what, so that Arrow holds them exactly."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

__all__ = ["COLUMNS", "RELATION", "RELATIONS", "PgColumn", "literal"]

RELATION = """
SELECT c.oid::regclass::text FROM pg_catalog.pg_class c
WHERE c.oid = to_regclass({table}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
"""The quoted name of a table or view; no row if there is none."""

RELATIONS = """
SELECT format('%I.%I', n.nspname, c.relname), c.oid::regclass::text FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1 LIMIT 10000
"""
"""Names that may have been meant."""

COLUMNS = """
WITH RECURSIVE base AS (
  SELECT a.attnum, a.attname::text AS name, a.attrelid, t.oid, t.typtype, t.typbasetype,
    CASE WHEN a.atttypmod = -1 THEN t.typtypmod ELSE a.atttypmod END AS typmod
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = {relation}::regclass AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT b.attnum, b.name, b.attrelid, t.oid, t.typtype, t.typbasetype,
    CASE WHEN b.typmod = -1 THEN t.typtypmod ELSE b.typmod END
  FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd'
)
SELECT name, format_type(oid, NULL), typmod::int, has_column_privilege(attrelid, attnum, 'SELECT')
FROM base WHERE typtype <> 'd' ORDER BY attnum
"""
"""Each column with the type that stands behind its domains, if any, and whether it may be read."""

_AS_THEY_ARE = ("boolean", "smallint", "integer", "bigint", "real", "double precision")
# Money's own text has a currency sign and the separators of the server's language.
_SENT_AS = {kind: kind for kind in _AS_THEY_ARE} | {"money": "numeric::text"}
_INSTANTS = ("date", "timestamp without time zone", "timestamp with time zone")
_NO_TEXTS = ("boolean", *_INSTANTS, "time without time zone", "time with time zone", "interval", "bytea")
_CALENDAR = ("4000-01-01 BC", "290000-01-01")
_MOST_DIGITS = 38
_HEADER = 4


@dataclass(frozen=True)
class PgColumn:
    """One column of a table.

    Parameters
    ----------
    name
        Its name.
    kind
        PostgreSQL's name of its type, that of a domain being the one behind it.
    decimal
        Arrow type of a ``numeric(p, s)``; None: it is none, or without bounds.
    readable
        Whether the user may read it.
    """

    name: str
    kind: str
    decimal: pa.DataType | None
    readable: bool

    @classmethod
    def of(cls, name: str, kind: str, typmod: int, readable: bool) -> PgColumn:
        """Return a column from what the catalogue says of it."""
        return cls(name, kind, _decimal(typmod) if kind == "numeric" else None, readable)

    @property
    def may_hold_text(self) -> bool:
        """Whether the privacy scan has to see it: other kinds can hold no address and no card's number."""
        return self.kind not in _NO_TEXTS and self.decimal is None

    @property
    def expression(self) -> str:
        """Its value in a query, in a type that Arrow holds exactly.

        Numbers, flags and instants stay what they are; infinite instants become some that no calendar of the
        contract takes, so that they are counted as unreadable. Everything else is sent as its text.
        """
        name = '"' + self.name.replace('"', '""') + '"'
        if self.kind in _INSTANTS:
            first, last = (f"'{day}'::{self.kind}" for day in _CALENDAR)
            held = f"WHEN {name} BETWEEN {first} AND {last} THEN {name}"
            return f"CASE {held} WHEN {name} IS NOT NULL THEN {last} END AS {name}"
        return f"{name}::{_SENT_AS.get(self.kind, 'text')} AS {name}"


def _decimal(typmod: int) -> pa.DataType | None:
    """Return Arrow's type of numeric(p, s): the modifier is (p << 16 | s) + 4, s of 11 bits with a sign."""
    if typmod < _HEADER:
        return None
    precision, scale = (typmod - _HEADER) >> 16, ((typmod - _HEADER) & 0x7FF ^ 0x400) - 0x400
    return pa.decimal128(precision, scale) if 0 <= scale <= precision <= _MOST_DIGITS else None


def literal(text: str) -> str:
    """Return ``text`` as an SQL string, whatever the server's setting for backslashes."""
    quoted = text.replace("\\", "\\\\").replace("'", "''")
    return f" E'{quoted}'"
