"""Where the tables of a business lie: the kinds of source under ``tables:``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .connection import check_connection

__all__ = [
    "CsvSource",
    "DatabaseSource",
    "DuckdbSource",
    "FileSource",
    "Money",
    "Section",
    "Share",
    "Source",
    "SqlSource",
]

Share = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """A mapping of the configuration: unknown keys are refused, values are frozen."""

    # An input may hold a secret: pydantic's own messages must not quote it.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class _TableSource(Section):
    """How the texts of a table are read: ``dayfirst`` reads 03-04-2024 as 3 April, ``decimal`` 1,5 as 1.5."""

    date_format: str | None = None
    dayfirst: bool = False
    decimal: str = Field(".", min_length=1, max_length=1)


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
