"""What every section of a configuration shares: no unknown keys, frozen values, units, and the kinds of number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ..errors import did_you_mean

__all__ = [
    "Count",
    "Day",
    "Days",
    "Money",
    "Months",
    "Section",
    "Share",
    "Unit",
    "Words",
    "each_once",
    "known_timezone",
    "repeated",
]

_FIRST_YEAR, _LAST_YEAR = 1900, 2199


@dataclass(frozen=True)
class Unit:
    """The unit of a key's value, shown on the page of the configuration."""

    name: str


class Section(BaseModel):
    """A mapping of the configuration: unknown keys are refused, values are frozen, numbers are finite."""

    # An input may hold a secret: pydantic's own messages must not quote it.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse true and false where a number belongs: YAML reads yes and on as true, which would count as 1."""
        field = cls.model_fields.get(info.field_name or "")
        if isinstance(value, bool) and field is not None and field.annotation in (int, float):
            raise ValueError(f"expected a number, got {str(value).lower()}")
        return value


def repeated(words: Iterable[object]) -> str | None:
    """Return the first word that stands twice, capitals and blanks around it aside; None if each stands once."""
    seen: set[str] = set()
    for word in words:
        folded = str(word).strip().lower()
        if folded in seen:
            return str(word)
        seen.add(folded)
    return None


def each_once(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``words`` if none is empty and each stands once, capitals and blanks around it aside.

    Raises
    ------
    ValueError
        A word is empty or stands twice.
    """
    if not all(word.strip() for word in words):
        raise ValueError("expected words, got an empty one; leave it out")
    twice = repeated(words)
    if twice is not None:
        raise ValueError(f"expected each word once, got '{twice}' twice, capitals and blanks aside; keep one")
    return words


def known_timezone(value: str) -> str:
    """Return the name of a time zone as it is.

    Raises
    ------
    ValueError
        There is no such zone.
    """
    known = available_timezones() - {"localtime"}
    if value not in known:
        raise ValueError(f"'{value}' is no time zone such as Europe/Paris{did_you_mean(value, known)}")
    return value


def _of_our_time(day: dt.date) -> dt.date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"expected a day from {_FIRST_YEAR}-01-01 to {_LAST_YEAR}-12-31, got {day}")
    return day


Words = Annotated[tuple[str, ...], AfterValidator(each_once)]
"""Words of which each stands once."""

Day = Annotated[dt.date, AfterValidator(_of_our_time), Unit("date")]
"""A calendar day, such as 2024-06-30."""

Share = Annotated[float, Field(ge=0, le=1), Unit("share, 0 to 1")]
"""A share of something."""

Money = Annotated[float, Field(ge=0, le=1e12), Unit("money")]
"""An amount in the config's currency."""

Count = Annotated[int, Field(ge=0, le=10**12)]
"""How many; none is allowed."""

Days = Annotated[int, Field(gt=0, le=36_525), Unit("days")]
"""At least a day, at most a hundred years."""

Months = Annotated[int, Field(gt=0, le=1_200), Unit("months")]
"""At least a month, at most a hundred years."""
