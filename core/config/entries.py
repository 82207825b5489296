"""A table's entry under ``tables:`` speaks of columns of the contract: checked before any work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..contract import CONTRACT, RECORDED_AT, Kind
from ..errors import did_you_mean
from .sources import Source

__all__ = ["UNIT_FACTORS", "check_entry"]

_SECONDS = {"milliseconds": 0.001, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": 86_400.0}
_MONTHS = {"months": 1.0, "quarters": 3.0, "years": 12.0}

UNIT_FACTORS: dict[str, dict[str, float]] = {
    "contacts.handle_seconds": _SECONDS,
    "subscriptions.term_months": _MONTHS,
}
"""What a number of each unit is multiplied by to be in the contract's own, for the columns that count time."""


def check_entry(table: str, source: Source, mapped: Mapping[str, str], static: Iterable[str]) -> None:
    """Check that ``constants``, ``columns`` and ``units`` of a table's entry fit the contract and each other.

    Parameters
    ----------
    table
        A table of the contract.
    source
        Its entry.
    mapped
        What ``columns: <table>:`` of the configuration maps.
    static
        The static columns; those of customers may be named as well.

    Raises
    ------
    ValueError
        A column is none of the contract, counts no time or not in that unit, or is given twice.
    """
    where = f"tables.{table}"
    known = [*CONTRACT[table].column, RECORDED_AT, *(static if table == "customers" else ())]
    for key, names in (("constants", source.constants), ("columns", source.columns), ("units", source.units)):
        for name in names:
            if name not in known:
                raise ValueError(f"{where}.{key}: the contract has no column '{name}'{did_you_mean(name, known)}")
    if not isinstance(source.cents, bool):
        money = [column.name for column in CONTRACT[table].columns if column.kind is Kind.MONEY]
        for name in source.cents:
            if name not in money:
                raise ValueError(f"{where}.cents: '{name}' is no amount; expected some of {', '.join(money) or 'none'}")
    if source.late_failures and table != "payments":
        raise ValueError(f"{where}.late_failures: only payments fail; leave it out")
    for name, unit in source.units.items():
        _check_unit(table, name, unit)
    for name, value in source.constants.items():
        if name in mapped:
            raise ValueError(f"{where}.constants: '{name}' is mapped under columns: as well; keep one")
        codes = CONTRACT[table].column[name].codes if name in CONTRACT[table].column else ()
        if codes and value not in codes:
            raise ValueError(f"{where}.constants.{name}: unknown code '{value}'; expected one of {', '.join(codes)}")


def _check_unit(table: str, name: str, unit: str) -> None:
    factors = UNIT_FACTORS.get(f"{table}.{name}", {})
    if not factors:
        counting = ", ".join(UNIT_FACTORS)
        raise ValueError(f"tables.{table}.units: '{name}' counts no time; units are for {counting}")
    if unit not in factors:
        raise ValueError(f"tables.{table}.units.{name}: expected one of {', '.join(factors)}; got '{unit}'")
