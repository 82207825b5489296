"""One row of features for each customer and instant, as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ...core.config.business import Config
from ...core.errors import ConfigError, DataError
from ...core.files import complete_folder
from ...core.output_lock import locked_file, locked_folder
from ...core.progress import Say, silent
from ...core.time import local_day, local_text, with_zone
from ...features.catalogue.aggregate import block_size
from ...features.catalogue.catalogue import build_features, feature_names
from ...features.catalogue.export import feature_table
from ...features.tables.staleness import check_fresh, stale_line
from ...features.tables.tables import Opener, Tables, open_tables
from ...features.timeline.spine import customer_spine

__all__ = ["check_as_of", "features_to_parquet", "write_features"]


def check_as_of(tables: Tables, as_of: pd.Timestamp) -> None:
    """Refuse an instant that the data do not reach.

    Raises
    ------
    DataError
        ``as_of`` lies after the end of the data, so that recent events would be missing.
    """
    if as_of > tables.data_until:
        raise DataError(
            f"expected --as-of up to {local_text(tables.data_until, tables.config.timezone)}, where the data end, got"
            f" {local_text(as_of, tables.config.timezone)}; take an earlier instant, such as latest,"
            " or bring newer tables"
        )


def write_features(
    config: Config,
    as_ofs: Sequence[pd.Timestamp],
    out: Path,
    say: Say = silent,
    warn: Say = silent,
    opened: Opener | None = None,
) -> int:
    """Write customer_id, as_of and every feature, one row a known customer and instant; return the rows.

    ``warn`` is told of each table that ends long before an instant. ``opened`` gives the tables of a configuration
    where they are open already.

    ``out`` is a Parquet file. On Spark it may be a folder, which Spark writes itself: ``as_of_date=2024-06-01``
    below it is replaced, other dates stay.

    Raises
    ------
    ServiceliftError
        The tables break the contract, an instant lies after their end or long after every row, another run writes
        ``out``, or it is no Parquet file.
    """
    whole = config.engine.name == "spark" and not out.suffix and not out.is_file()
    if not whole and out.suffix != ".parquet":
        raise ConfigError(f"expected a file ending in .parquet, got '{out}'")
    with locked_folder(out) if whole else locked_file(out):
        say("tables: open and check")
        tables = (opened or open_tables)(config)
        for as_of in as_ofs:
            check_as_of(tables, as_of)
            for stale in check_fresh(tables, as_of):
                warn(stale_line(tables, stale, as_of))
        if not whole:
            return features_to_parquet(tables, as_ofs, out, say)
        say("features: build")
        return sum(_write_folder(tables, as_of, out) for as_of in as_ofs)


def features_to_parquet(tables: Tables, as_ofs: Sequence[pd.Timestamp], out: Path, say: Say = silent) -> int:
    """Write the features of opened tables to a file, part by part, so that memory does not grow with the customers."""
    size = block_size(len(feature_names(tables)))
    writer, done = None, 0
    with complete_folder(out.parent) as folder:
        for part in _parts(tables, as_ofs, size):
            done += len(part)
            say(f"features: {done:,} rows")
            frame = pd.concat([with_zone(part), build_features(tables, part)], axis=1)
            rows = pa.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pq.ParquetWriter(folder / out.name, rows.schema, use_dictionary=_repeating(rows))
            writer.write_table(rows.cast(writer.schema))
        if writer:
            writer.close()
    return done


def _repeating(rows: pa.Table) -> list[str]:
    """Return the columns that a dictionary makes smaller: means and ages seldom repeat, and trying costs most."""
    return [column.name for column in rows.schema if not pa.types.is_floating(column.type)]


def _parts(tables: Tables, as_ofs: Sequence[pd.Timestamp], size: int) -> Iterator[pd.DataFrame]:
    """Yield the spine: one of few rows as it is, a large one instant by instant in parts of ``size`` rows.

    Only one instant's rows are held at a time. A spine without rows is one part.
    """
    instants = sorted(set(as_ofs))
    customers = tables["customers"]
    most = len(instants) * tables.arrow(customers.aggregate(n=customers.count()))["n"][0].as_py()
    together: list[list[pd.Timestamp]] = [instants] if most <= size else [[each] for each in instants]
    empty = True
    for some in together:
        spine = customer_spine(tables, some)
        for start in range(0, len(spine), size):
            empty = False
            yield spine.iloc[start : start + size]
    if empty:
        yield customer_spine(tables, instants)


def _write_folder(tables: Tables, as_of: pd.Timestamp, out: Path) -> int:
    """Let the engine write the features of one instant below ``out``, and return the number of rows.

    They are counted where they were written: counting the query would compute every feature once more.
    """
    table = feature_table(tables, as_of)
    connection = tables.connection
    day = local_day(as_of, tables.config.timezone)
    connection.write_parquet(table.mutate(as_of_date=ibis.literal(day)), out.resolve(), by="as_of_date")
    written = out.resolve() / f"as_of_date={day}"
    return int(connection.execute(connection.read_parquet(written).count())) if written.is_dir() else 0
