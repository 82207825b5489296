"""The section ``targets:`` of a configuration: what stands beside a list, for people and for other programs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from .section import Days, Section, Share

__all__ = ["PeopleConfig", "SuppressConfig", "TargetsConfig"]

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


class TargetsConfig(Section):
    """What `targets` writes beside the list."""

    people: PeopleConfig = PeopleConfig()

    suppress: SuppressConfig = SuppressConfig()

    scores_days: Days = 45
    """Scores that are older on the day of the list are refused."""

    least_risk: Share | None = None
    """Risk of leaving from which people read reasons for it; null: the average risk of the customers scored."""
