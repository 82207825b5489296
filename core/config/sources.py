"""Where the tables of a business lie: the kinds of source under ``tables:``."""

from __future__ import annotations

import codecs
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from .connection import check_connection
from .section import Section, Unit

__all__ = [
    "CsvSource",
    "DatabaseSource",
    "DuckdbSource",
    "Epoch",
    "ExcelSource",
    "FileSource",
    "KeptRows",
    "Source",
    "SqlSource",
    "TimeUnit",
]

Epoch = Literal["s", "ms", "us", "ns"]
"""A unit of numbers that count instants from 1970 on."""

TimeUnit = Literal["milliseconds", "seconds", "minutes", "hours", "days", "months", "quarters", "years"]
"""A unit in which a source counts time; the contract's own is the column's (seconds, months)."""


class KeptRows(Section):
    """Which rows of a source stay, judged by the words of one of its columns; case and blanks around aside."""

    only: tuple[str, ...] = ()
    """The word is one of these; a word or a list alone stands for this."""

    without: tuple[str, ...] = Field((), alias="not")
    """The word is none of these; a missing one stays."""

    lacks: tuple[str, ...] = ()
    """The text holds none of these, such as a tag among others; a missing one stays."""

    names: tuple[str, ...] = ()
    """Other names that the column may have: the first that is there is taken."""

    given: bool | None = None
    """Whether there is a word at all."""

    @model_validator(mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        """Take a word, or a list of words, for ``only``; YAML's numbers and flags for their words."""
        if not isinstance(value, dict):
            value = {"only": value}
        return {name: words if name == "given" else _texts(words) for name, words in value.items()}

    @model_validator(mode="after")
    def _says_something(self) -> KeptRows:
        if not (self.only or self.without or self.lacks or self.given is not None):
            raise ValueError("expected words, as in [solved, closed], {not: [deleted]} or {lacks: [merged]}; got none")
        return self


def _texts(words: Any) -> Any:
    """Return one word or several as texts; anything else as it is, for pydantic to refuse."""
    each = words if isinstance(words, list | tuple) else [words]
    return [str(word).lower() if isinstance(word, bool) else _text(word) for word in each]


def _plain_text(word: Any) -> Any:
    """Return a word of any kind as its text; YAML reads NA as a text, but null and numbers as such."""
    return str(word) if isinstance(word, int | float) and not isinstance(word, bool) else word


def _text(word: Any) -> Any:
    return str(word) if isinstance(word, int | float) else word


class _TableSource(Section):
    """How a table is read, whatever its source."""

    preset: str | None = None
    """A known export, which brings the keys below and `codes`; what the configuration says itself goes before."""

    where: dict[str, KeptRows] = Field(default_factory=dict)
    """Which rows stay, by a column of the source."""

    constants: dict[str, str] = Field(default_factory=dict)
    """One value in every row, by a column of the contract that the source lacks."""

    units: dict[str, TimeUnit] = Field(default_factory=dict)
    """The unit of time in which the source counts, by a column of the contract."""

    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The source's name of a contract column, or several of which the first that is there is taken."""

    drop: tuple[str, ...] = ()
    """Columns of the source that are not read, where it has them and nothing above maps them."""

    late_failures: Annotated[dict[str, Annotated[int, Field(ge=0, le=400)]], Unit("days")] = Field(default_factory=dict)
    """Payments: days after `paid_at` from which a direct debit that failed counts as failed, by its word of `status`,
    where the source does not say when."""

    date_format: str | None = None
    """How its dates and times are written, such as `%d-%m-%Y %H:%M`; by default as ISO 8601 writes them."""

    dayfirst: bool = False
    """Whether 03-04-2024 is 3 April."""

    decimal: str = Field(".", min_length=1, max_length=1)
    """The sign before the decimals: a comma reads 1,5 as 1.5."""

    thousands: str | None = Field(None, min_length=1, max_length=1)
    """The sign between thousands, where a text such as 1,234 could mean two numbers; blanks are always taken."""

    cents: bool | tuple[str, ...] = False
    """Whether amounts are whole numbers of hundredths: all of the table's, or those of the columns named."""

    epoch: Epoch | None = None
    """The unit of numbers that stand for instants and count from 1970 on (UTC); by default no number is a date."""

    missing: tuple[str, ...] = ()
    """Words that stand for a missing value in any column, such as `[N/A, unknown]`; case aside."""

    @field_validator("missing", mode="before")
    @classmethod
    def _missing_words(cls, value: Any) -> Any:
        return [_plain_text(word) for word in (value if isinstance(value, list | tuple) else [value])]

    @field_validator("cents", mode="before")
    @classmethod
    def _one_column(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("date_format")
    @classmethod
    def _has_parts(cls, value: str | None) -> str | None:
        if value is not None and "%" not in value:
            raise ValueError(f"expected a format with %, such as %d/%m/%Y for 31/12/2024, got '{value}'")
        return value

    @model_validator(mode="after")
    def _two_signs(self) -> _TableSource:
        if self.thousands is not None and (self.thousands == self.decimal or self.thousands.isalnum()):
            raise ValueError(
                f"thousands: expected a sign that is neither the decimal mark nor a digit or letter,"
                f" got {self.thousands!r}; leave it out or set decimal:"
            )
        return self

    @field_validator("constants", mode="before")
    @classmethod
    def _constant_texts(cls, value: Any) -> Any:
        return {name: _texts(part)[0] for name, part in value.items()} if isinstance(value, dict) else value

    @field_validator("columns", mode="before")
    @classmethod
    def _several_names(cls, value: Any) -> Any:
        return {name: _texts(part) for name, part in value.items()} if isinstance(value, dict) else value


class FileSource(_TableSource):
    """A Parquet (or plain CSV) file, folder or glob."""

    path: str
    """File, folder or glob, from the config's folder."""


class CsvSource(_TableSource):
    """CSV files with their own delimiter and date format."""

    csv: str
    """File or glob, from the config's folder."""

    delimiter: str = Field(",", min_length=1, max_length=1)
    """The sign between two cells."""

    encoding: str = "utf-8"
    """How its letters are stored: utf-8, cp1252 (Windows), utf-16 or any other of Python's encodings."""

    skip_lines: Annotated[int, Field(ge=0), Unit("lines")] = 0
    """Lines that stand before the line of column names; a line `sep=;` needs no mention."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            known = codecs.lookup(value)
        except (LookupError, ValueError):
            known = None
        if known is None or not getattr(known, "_is_text_encoding", True):
            raise ValueError(f"expected an encoding such as utf-8, cp1252 (Windows) or utf-16, got {value!r}")
        return value


class ExcelSource(_TableSource):
    """A sheet of an Excel workbook (.xlsx), the first unless named."""

    excel: str
    """The workbook (.xlsx), from the config's folder."""

    sheet: str | None = None
    """Its sheet; the first by default."""


class DuckdbSource(_TableSource):
    """A table of a DuckDB file."""

    duckdb: str
    """The DuckDB file, from the config's folder."""

    table: str
    """A table or view in it; `schema.table` for another schema."""


class SqlSource(_TableSource):
    """A query that the engine runs as it stands; relative file names are read from the config's folder."""

    sql: str
    """The query."""


class DatabaseSource(_TableSource):
    """A table or view of a PostgreSQL database; credentials come from the environment.

    ``connection`` keeps its ``${NAME}`` placeholders: they are filled in only when the database is opened.
    """

    connection: str
    """`postgresql://host/database`; user and password come from the environment, as `${NAME}`."""

    table: str = Field(min_length=1)
    """A table or view; `schema.table` for another schema."""

    @field_validator("connection")
    @classmethod
    def _without_secrets(cls, value: str) -> str:
        return check_connection(value)


Source = FileSource | CsvSource | ExcelSource | DuckdbSource | SqlSource | DatabaseSource
