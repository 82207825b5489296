"""The section ``targets:`` of a configuration: what stands beside a list, for people and for other programs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .section import Days, Money, Section, Share

__all__ = ["ExportConfig", "PeopleConfig", "SegmentsConfig", "SuppressConfig", "TargetsConfig"]

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

    scores_days: Days = 45
    """Scores that are older on the day of the list are refused."""

    least_risk: Share | None = None
    """Risk of leaving from which people read reasons for it; null: the average risk of the customers scored."""
