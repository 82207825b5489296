"""Columns of the business's own, such as a name or a team, for the list that people work with and for nothing else.

What is read here may be personal: it goes to that list alone, never to a log, a message, a model or MLflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ...core.config.business import Config
from ...core.config.listing import PeopleConfig
from ...core.errors import ConfigError, DataError, did_you_mean
from ...core.short_repr import ShortRepr
from ...features.sources.flat import read_flat, words_of

__all__ = ["Joined", "own_columns"]


@dataclass(frozen=True)
class Joined(ShortRepr):
    """Columns for the n customers of a list, under the headings that people read.

    Parameters
    ----------
    columns
        One row a customer of the list, in its order; missing where the table does not know the customer.
    unknown
        How many customers the table does not know.
    file
        Name of the table, "" where none is joined.
    """

    columns: pd.DataFrame
    unknown: int = 0
    file: str = ""


def own_columns(config: Config, customers: pd.Series) -> Joined:
    """Return the columns that the configuration joins to the list.

    Parameters
    ----------
    config
        Whose ``targets: people`` names the file and its columns; without one nothing is joined.
    customers
        The customers of the list, (n,).

    Raises
    ------
    ConfigError
        A column is not in the file.
    DataError
        The file is missing, is no table, or names a customer twice.
    """
    wish = config.targets.people
    if wish.table is None or wish.columns is None:
        return Joined(pd.DataFrame(index=range(len(customers))))
    path = Path(config.resolve(wish.table))
    found = read_flat(path)
    _check(found, wish, path)
    rows = found[found[wish.key].notna()]
    keys = words_of(rows[wish.key])
    if keys.duplicated().any():
        example = keys[keys.duplicated()].iloc[0]
        raise DataError(
            f"targets.people.table: expected one row a customer in '{path.name}', {wish.key} '{example}' stands twice;"
            " keep one"
        )
    asked = words_of(customers.reset_index(drop=True).astype(object))
    columns = rows[list(wish.columns)].set_axis(pd.Index(keys.astype(object)), axis=0).reindex(asked)
    return Joined(
        columns.rename(columns=wish.columns).reset_index(drop=True),
        unknown=int((~asked.isin(keys)).sum()),
        file=path.name,
    )


def _check(found: pd.DataFrame, wish: PeopleConfig, path: Path) -> None:
    for where, name in (("key", wish.key), *(("columns", name) for name in wish.columns or ())):
        if name not in found.columns:
            raise ConfigError(
                f"targets.people.{where}: '{path.name}' has no column '{name}'{did_you_mean(name, found.columns)}"
            )
