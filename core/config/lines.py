"""Lines of business: how the value of each comes about."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ..errors import ConfigError
from ..seasons import season_of
from .section import Section, Words

__all__ = ["LineConfig"]

_CHECKED = dt.date(1990, 1, 1), dt.date(2069, 12, 31)
"""Days on which seasons must not meet."""


class LineConfig(Section):
    """A line of business: subscriptions, single copies, a shop."""

    kind: Literal["auto", "contractual", "noncontractual"] = "auto"
    """Whether the end of a relation is seen; auto: contractual where there are subscriptions."""

    payments_kind: str | None = Field(None, alias="payments.kind")
    """Its payments, by their `payments.kind`; null: all."""

    purchase_model: Literal["auto", "bgnbd", "mbgnbd", "paretonbd"] = "bgnbd"
    """How often customers without a contract buy; `auto` takes the model that forecast the last follow-up best."""

    covariates: Words = ()
    """Columns of `static` by which customers without contracts differ in how often they buy and how soon they leave."""

    seasons: dict[str, Words] = Field(default_factory=dict)
    """Spans of days on which purchases come faster or slower, by name: `MM-DD/MM-DD` every year,
    `YYYY-MM-DD/YYYY-MM-DD` once, of the past or of the future. How much faster is learnt."""

    @field_validator("seasons", mode="before")
    @classmethod
    def _days_as_texts(cls, seasons: Any) -> Any:
        """Return days as they were written: YAML reads a day without its partner as a date."""
        if not isinstance(seasons, dict):
            return seasons
        return {
            name: [str(span) if isinstance(span, dt.date) else span for span in spans]
            if isinstance(spans, list)
            else spans
            for name, spans in seasons.items()
        }

    @field_validator("seasons")
    @classmethod
    def _readable_and_apart(cls, seasons: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        empty = [name for name, spans in seasons.items() if not spans]
        if empty:
            raise ValueError(f"expected spans of days for season '{empty[0]}', got none; name some, or leave it out")
        try:
            season_of(seasons, *_CHECKED)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return seasons

    @model_validator(mode="after")
    def _contracts_need_no_purchase_model(self) -> LineConfig:
        for key in ("purchase_model", "covariates", "seasons"):
            if self.kind == "contractual" and key in self.model_fields_set:
                raise ValueError(f"{key}: a line with contracts has none; leave it out or set kind: noncontractual")
        return self
