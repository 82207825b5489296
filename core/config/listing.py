"""The section ``targets:`` of a configuration: what stands beside a list, for people and for other programs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ..errors import did_you_mean
from .section import Days, Money, Section, Share, Words

__all__ = ["WEEKDAYS", "ExportConfig", "PeopleConfig", "SegmentsConfig", "SuppressConfig", "TargetsConfig"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The days of the week, Monday first."""

Header = Annotated[str, Field(min_length=1)]


class PeopleConfig(Section):
    """Columns of the business's own that stand on the list for people, such as a name or a team.

    They are read for that list alone: they reach no model, no log and no other file.
    """

    table: str | None = None
    """File with one row a customer: CSV, Parquet or Excel; null: none is joined."""

    key: str = "customer_id"
    """Its column of the customer."""

    columns: Annotated[dict[str, Header], Field(min_length=1)] | None = None
    """What is joined: the column of the file, and the heading under which people read it."""

    @model_validator(mode="after")
    def _table_and_columns_go_together(self) -> PeopleConfig:
        if (self.table is None) != (self.columns is None):
            there, lacking = ("table", "columns") if self.columns is None else ("columns", "table")
            raise ValueError(f"expected {lacking} beside {there}; give both, or neither")
        return self


class SuppressConfig(Section):
    """Customers whom no list may name, whatever they are worth: a file of their keys."""

    table: str | None = None
    """File with one row a customer: CSV, Parquet or Excel; null: there is none."""

    key: str = "customer_id"
    """Its column of the customer."""


class SegmentsConfig(Section):
    """Where customers count as valuable and as at risk; both cut the customers scored into four segments."""

    value: Money | None = None
    """Value (CLV) from which a customer is valuable; null: the median of the customers scored."""

    risk: Share | None = None
    """Risk of leaving from which a customer is at risk; null: the risk that a quarter of them exceed."""


class ExportConfig(Section):
    """A file for another program, such as the import of a CRM: its columns, in its order and under its names."""

    columns: Annotated[dict[str, str], Field(min_length=1)]
    """The program's name of a column, and the list's: `Contact Id: customer_id`."""

    format: Literal["csv", "xlsx"] = "csv"
    """What it reads; workbooks need `pip install 'servicelift[excel]'`."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """The sign between columns of a CSV."""

    decimal: Literal[".", ","] = "."
    """The sign before decimals in a CSV."""


class TargetsConfig(Section):
    """What `targets` writes beside the list."""

    people: PeopleConfig = PeopleConfig()

    suppress: SuppressConfig = SuppressConfig()

    segments: SegmentsConfig = SegmentsConfig()

    export: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")], ExportConfig] = Field(default_factory=dict)
    """Files for other programs, by a name of your choice: `crm` is written to `FILE.crm.csv`. Only customers to contact
    are on them."""

    days_off: Words = ()
    """Days on which nobody is contacted: days of the week, and days such as 2024-05-01. Saturday and Sunday are off,
    unless days of the week are named here, which then take their place."""

    scores_days: Days = 45
    """Scores that are older on the day of the list are refused."""

    least_risk: Share | None = None
    """Risk of leaving from which people read reasons for it; null: the average risk of the customers scored."""

    @field_validator("days_off", mode="before")
    @classmethod
    def _days_as_texts(cls, value: object) -> object:
        return [str(day) for day in value] if isinstance(value, list | tuple) else value

    @field_validator("days_off")
    @classmethod
    def _days_of_a_calendar(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            if day not in WEEKDAYS and _calendar_day(day) is None:
                raise ValueError(
                    f"expected a day of the week such as sunday, or a day such as 2024-05-01, got"
                    f" '{day}'{did_you_mean(day, WEEKDAYS)}"
                )
        if set(WEEKDAYS) <= set(value):
            raise ValueError("expected a day of the week to contact customers on, got all seven; leave one out")
        return value

    @property
    def working_week(self) -> tuple[bool, ...]:
        """Whether customers are contacted on each day of the week, Monday first."""
        named = [day for day in self.days_off if day in WEEKDAYS] or ["saturday", "sunday"]
        return tuple(day not in named for day in WEEKDAYS)

    @property
    def holidays(self) -> tuple[dt.date, ...]:
        """Days off that are no days of the week."""
        return tuple(found for day in self.days_off if (found := _calendar_day(day)) is not None)


def _calendar_day(text: str) -> dt.date | None:
    """Return the day that a text such as 2024-05-01 names; None where it names none."""
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
