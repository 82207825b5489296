"""Amounts in a currency that the business does not count in: adding them up would be silently wrong."""

from __future__ import annotations

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ...core.privacy import is_personal
from ..contract.numbers import CURRENCY_SIGNS
from ..expressions import Backend, Rows
from .checks import example_keys
from .findings import Finding

__all__ = ["check_currency"]

_SHOWN = 5
_LONGEST = 12
"""Letters of a word that may be shown as a currency."""


def check_currency(connection: Backend, config: Config, name: str, rows: Rows) -> list[Finding]:
    """Return an error where the table ``name`` holds amounts in another currency than the config's; none is converted.

    A currency is its code or its sign, case aside; a row without one is in the config's.
    """
    if "currency" not in rows.columns:
        return []
    own = [word.upper() for word in (config.currency, *CURRENCY_SIGNS.get(config.currency, ()))]
    word = rows.currency.strip().upper().nullif("")
    others = rows.mutate(word=word).filter(word.notnull() & word.notin(own))
    counts = others.group_by("word").aggregate(n=others.count()).order_by("word")
    found = connection.execute(counts)
    if found.empty:
        return []
    shown = [str(each) for each in found["word"] if len(str(each)) <= _LONGEST and not is_personal(str(each))]
    names = ", ".join(shown[:_SHOWN]) + (", ..." if len(found) > _SHOWN else "")
    broken, total = int(found["n"].sum()), int(connection.execute(rows.count()))
    hint = "convert the amounts at their day, as in a query under sql:"
    if len(shown) == 1 and broken == total:
        hint = f"set currency: {shown[0]}, or {hint}"
    rule = f"{names or 'other words'} where the business counts in {config.currency}"
    keys = example_keys(connection, CONTRACT[name], others)
    return [Finding("error", name, "currency", rule, broken, keys, total, hint)]
