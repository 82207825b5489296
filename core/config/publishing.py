"""Where nights are published: the section ``publish:``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from .connection import check_connection
from .section import Section, Unit

__all__ = ["DUCKDB", "PublishConfig"]

DUCKDB = "duckdb:"
_LONGEST = 63
"""Bytes of the longest name that PostgreSQL keeps whole."""


class PublishConfig(Section):
    """A database that takes scores, action values, lists and manifests of each night."""

    connection: str | None = None
    """`postgresql://${USER}:${PASSWORD}@host/database`, or `duckdb:file.duckdb`; null: nothing is published."""

    schema_name: str = Field("servicelift", alias="schema", min_length=1)
    """Schema of the tables; it is made if it is not there."""

    timeout_seconds: Annotated[int, Field(ge=1, le=86_400), Unit("seconds")] = 600
    """How long the database may take for one step before the night is left unpublished."""

    @field_validator("connection")
    @classmethod
    def _a_database(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if value.startswith(DUCKDB):
            if not value.removeprefix(DUCKDB).strip("/ ") or "\0" in value:
                raise ValueError(f"expected a file after {DUCKDB}, got none; write {DUCKDB}nights.duckdb")
            return value
        return check_connection(value)

    @field_validator("schema_name")
    @classmethod
    def _a_name(cls, value: str) -> str:
        if "\0" in value or len(value.encode()) > _LONGEST:
            raise ValueError(f"expected a name of at most {_LONGEST} bytes; choose a shorter one")
        return value
