"""One row of features for each customer, as a file."""

from __future__ import annotations

from pathlib import Path

import ibis
import pandas as pd

from ..core.config import Config
from ..core.errors import ConfigError, DataError
from ..core.files import complete_folder
from ..core.progress import Say, silent
from ..features.catalogue import build_features
from ..features.export import feature_table
from ..features.sources import Tables, open_tables
from ..features.spine import customer_spine

__all__ = ["check_as_of", "write_features"]


def check_as_of(tables: Tables, as_of: pd.Timestamp) -> None:
    """Refuse an instant that the data do not reach.

    Raises
    ------
    DataError
        ``as_of`` lies after the end of the data, so that recent events would be missing.
    """
    if as_of > tables.data_until:
        raise DataError(
            f"expected --as-of up to {tables.data_until:%Y-%m-%d %H:%M} UTC, where the data end, got"
            f" {as_of:%Y-%m-%d %H:%M} UTC; take an earlier instant or bring newer tables"
        )


def write_features(config: Config, as_of: pd.Timestamp, out: Path, say: Say = silent) -> int:
    """Write customer_id, as_of and every feature, one row a known customer; return the number of rows.

    ``out`` is a Parquet file. On Spark it may be a folder, which Spark writes itself: ``as_of_date=2024-06-01``
    below it is replaced, other dates stay.

    Raises
    ------
    ServiceliftError
        The tables break the contract, ``as_of`` lies after their end, or ``out`` is no Parquet file.
    """
    whole = config.engine.name == "spark" and not out.suffix and not out.is_file()
    if not whole and out.suffix != ".parquet":
        raise ConfigError(f"expected a file ending in .parquet, got '{out}'")
    say("tables: open and check")
    tables = open_tables(config)
    check_as_of(tables, as_of)
    say("features: build")
    if whole:
        return _write_folder(tables, as_of, out)
    spine = customer_spine(tables, [as_of])
    frame = pd.concat([spine, build_features(tables, spine)], axis=1)
    with complete_folder(out.parent) as folder:
        frame.to_parquet(folder / out.name, index=False)
    return len(frame)


def _write_folder(tables: Tables, as_of: pd.Timestamp, out: Path) -> int:
    """Let the engine write the features of one instant below ``out``, and return the number of rows."""
    table = feature_table(tables, as_of)
    connection = tables.connection
    day = as_of.tz_localize("UTC").tz_convert(tables.config.timezone).date()
    connection.write_parquet(table.mutate(as_of_date=ibis.literal(day)), out.resolve(), by="as_of_date")
    return int(connection.execute(table.count()))
