"""Where the tables of a business lie: the kinds of source under ``tables:``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .connection import check_connection

__all__ = [
    "CsvSource",
    "DatabaseSource",
    "DuckdbSource",
    "FileSource",
    "KeptRows",
    "Money",
    "Section",
    "Share",
    "Source",
    "SqlSource",
    "TimeUnit",
]

Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """A mapping of the configuration: unknown keys are refused, values are frozen."""

    # An input may hold a secret: pydantic's own messages must not quote it.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


TimeUnit = Literal["milliseconds", "seconds", "minutes", "hours", "days", "months", "quarters", "years"]
"""A unit in which a source counts time; the contract's own is the column's (seconds, months)."""


class KeptRows(Section):
    """Which rows of a source stay, judged by the words of one of its columns; case and blanks around aside.

    Parameters
    ----------
    only
        The word is one of these.
    without
        The word is none of these; a missing one stays. Written ``not:``.
    lacks
        The text holds none of these, such as a tag among others; a missing one stays.
    names
        Other names that the column may have: the first that is there is taken.
    """

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = Field((), alias="not")
    lacks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        """Take a word, or a list of words, for ``only``; YAML's numbers and flags for their words."""
        if not isinstance(value, dict):
            value = {"only": value}
        return {name: _texts(words) for name, words in value.items()}

    @model_validator(mode="after")
    def _says_something(self) -> KeptRows:
        if not (self.only or self.without or self.lacks):
            raise ValueError("expected words, as in [solved, closed], {not: [deleted]} or {lacks: [merged]}; got none")
        return self


def _texts(words: Any) -> Any:
    """Return one word or several as texts; anything else as it is, for pydantic to refuse."""
    each = words if isinstance(words, list | tuple) else [words]
    return [str(word).lower() if isinstance(word, bool) else _text(word) for word in each]


def _text(word: Any) -> Any:
    return str(word) if isinstance(word, int | float) else word


class _TableSource(Section):
    """How a table is read.

    ``dayfirst`` reads 03-04-2024 as 3 April, ``decimal`` 1,5 as 1.5. ``where`` says which rows stay, ``constants``
    gives a column of the contract one value in every row, ``units`` says in which unit of time a column counts.
    ``columns`` gives the source's name of a column, or several of which the first that the source has is taken;
    optional columns may be absent. ``preset`` brings all of these for an export that is known.
    """

    preset: str | None = None
    where: dict[str, KeptRows] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    units: dict[str, TimeUnit] = Field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    date_format: str | None = None
    dayfirst: bool = False
    decimal: str = Field(".", min_length=1, max_length=1)

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


class CsvSource(_TableSource):
    """CSV files with their own delimiter and date format."""

    csv: str
    delimiter: str = Field(",", min_length=1, max_length=1)
    encoding: Literal["utf-8", "latin-1", "utf-16"] = "utf-8"


class DuckdbSource(_TableSource):
    """A table of a DuckDB file."""

    duckdb: str
    table: str


class SqlSource(_TableSource):
    """A query that the engine runs as it stands; relative file names are read from the config's folder."""

    sql: str


class DatabaseSource(_TableSource):
    """A table or view of a PostgreSQL database; credentials come from the environment.

    ``connection`` keeps its ``${NAME}`` placeholders: they are filled in only when the database is opened.
    """

    connection: str
    table: str = Field(min_length=1)

    @field_validator("connection")
    @classmethod
    def _without_secrets(cls, value: str) -> str:
        return check_connection(value)


Source = FileSource | CsvSource | DuckdbSource | SqlSource | DatabaseSource
