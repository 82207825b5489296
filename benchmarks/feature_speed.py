"""Point-in-time features of a large log: servicelift beside reading the columns, polars, SQL and pandas, in one run.

Forty features at one instant, the same in every contender and compared value by value; then the whole catalogue, and a
panel of twelve months. The floor is reading the same columns, once into Arrow and once with the engine alone: those of
the forty for the forty, those of the whole catalogue for the catalogue and the panel. Each contender runs in a process
of its own: processor seconds, wall seconds and peak memory are the system's. servicelift opens the tables first (read,
map, check, store), which the others do not do; that is a column of its own.

    python benchmarks/feature_speed.py [--customers 1000000] [--growth 100000 300000 1000000 3000000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from parts.feature_forty import AS_OF, CATALOGUE, COLUMNS, FORTY, Clock
from parts.feature_peers import duckdb_forty, pandas_forty, polars_forty
from parts.service_log import write_log

PANEL = pd.date_range("2023-07-01", periods=12, freq="MS")


def _engine_floor(columns: dict[str, list[str]], folder: Path, lap: Clock) -> None:
    """Read columns with the engine, and nothing else."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("set threads = 2")
        for name, wanted in columns.items():
            engine.execute(f"select {', '.join(f'max({c})' for c in wanted)} from '{folder / name}.parquet'").fetchall()
    lap("read")


def _arrow_floor(columns: dict[str, list[str]], folder: Path, lap: Clock) -> None:
    """Read columns into Arrow, row group by row group."""
    for name, wanted in columns.items():
        file = pq.ParquetFile(folder / f"{name}.parquet")
        for group in range(file.num_row_groups):
            file.read_row_group(group, columns=wanted)
    lap("read")


def _open(folder: Path, lap: Clock) -> Any:
    from servicelift.core.config.business import load_config
    from servicelift.features.tables.tables import open_tables

    tables = open_tables(load_config(folder / "log.yaml"))
    lap("open")
    return tables


def ours_forty(folder: Path, lap: Clock) -> pd.DataFrame:
    """Build the forty features."""
    from servicelift.features.catalogue.catalogue import build_features
    from servicelift.features.timeline.spine import customer_spine

    tables = _open(folder, lap)
    spine = customer_spine(tables, [AS_OF])
    found = build_features(tables, spine, FORTY).set_index(spine["customer_id"])
    lap("features")
    return found


def ours_whole(folder: Path, lap: Clock) -> None:
    """Write the whole catalogue at one instant."""
    _written(folder, [AS_OF], lap)


def ours_panel(folder: Path, lap: Clock) -> None:
    """Write the whole catalogue at twelve instants."""
    _written(folder, list(PANEL), lap)


def _written(folder: Path, as_ofs: list[pd.Timestamp], lap: Clock) -> None:
    from servicelift.scoring.scores.export import features_to_parquet

    features_to_parquet(_open(folder, lap), as_ofs, folder / "features.parquet")
    lap("features")


FLOORS = ("reading forty's columns", "reading catalogue's columns")
SNAPSHOT, PANEL_OF_12 = "servicelift, whole catalogue", "servicelift, panel of 12"
WHOLE = (SNAPSHOT, PANEL_OF_12, f"{FLOORS[1]}, engine", f"{FLOORS[1]}, Arrow")
"""Contenders whose floor is reading the columns of the whole catalogue."""
CONTENDERS = {
    f"{FLOORS[0]}, engine": partial(_engine_floor, COLUMNS),
    f"{FLOORS[0]}, Arrow": partial(_arrow_floor, COLUMNS),
    "servicelift, forty": ours_forty,
    "polars, forty": polars_forty,
    "DuckDB's SQL, forty": duckdb_forty,
    "pandas, forty": pandas_forty,
    f"{FLOORS[1]}, engine": partial(_engine_floor, CATALOGUE),
    f"{FLOORS[1]}, Arrow": partial(_arrow_floor, CATALOGUE),
    SNAPSHOT: ours_whole,
    PANEL_OF_12: ours_panel,
}


def one(name: str, folder: Path) -> None:
    """Run one contender and print its seconds, memory and the sums of its features as JSON."""
    laps: dict[str, tuple[float, float]] = {}
    clock = [(time.process_time(), time.perf_counter())]

    def lap(label: str) -> None:
        now = time.process_time(), time.perf_counter()
        laps[label] = now[0] - clock[0][0], now[1] - clock[0][1]
        clock[0] = now

    found = CONTENDERS[name](folder, lap)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"laps": laps, "memory": memory, "sums": {} if found is None else _sums(found)}))


def _sums(found: pd.DataFrame) -> dict[str, float]:
    """Return for each feature a sum that changes if any customer's value does."""
    weights = 1.0 + found.index.to_numpy() % 97
    return {name: float((found[name].astype("float64").fillna(0.0).to_numpy() * weights).sum()) for name in FORTY}


def _run(name: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--one", name, "--folder", str(folder)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _same(runs: dict[str, dict[str, Any]]) -> str:
    """Return the contenders that gave the same forty features, or fail by name."""
    sums = {name: run["sums"] for name, run in runs.items() if run["sums"]}
    first = next(iter(sums))
    for name, found in sums.items():
        for feature in FORTY:
            if abs(found[feature] - sums[first][feature]) > 1e-9 * abs(sums[first][feature]):
                raise SystemExit(f"{feature}: {first} {sums[first][feature]!r}, {name} {found[feature]!r}")
    return ", ".join(sums)


def _table(rounds: list[dict[str, dict[str, Any]]]) -> None:
    """Print medians over the rounds, and ratios to the floors of the same round."""
    print(f"{'':38s}{'opening':>16s}{'features':>16s}{'x Arrow':>9s}{'x engine':>9s}{'peak memory':>13s}")
    print(f"{'':38s}{'cpu s':>8s}{'wall s':>8s}{'cpu s':>8s}{'wall s':>8s}{'cpu':>9s}{'cpu':>9s}{'GiB':>13s}")
    for name in rounds[0]:
        opening, rest = [_opening(r[name]) for r in rounds], [_rest(r[name]) for r in rounds]
        memory = max(r[name]["memory"] for r in rounds)
        cells = [statistics.median(s[i] for s in each) for each in (opening, rest) for i in (0, 1)]
        floors = [f"{FLOORS[name in WHOLE]}, {kind}" for kind in ("Arrow", "engine")]
        ratios = [_ratio(rounds, name, floor, _rest) for floor in floors]
        print(f"{name:38s}" + "".join(f"{c:8.1f}" for c in cells) + "".join(f"{r:9.1f}" for r in ratios), end="")
        print(f"{memory:13.2f}")


def _panel(rounds: list[dict[str, dict[str, Any]]]) -> None:
    """Print what twelve instants cost beside one."""
    alone, all_in_all = (_ratio(rounds, PANEL_OF_12, SNAPSHOT, spent) for spent in (_rest, _seconds))
    print(f"a panel of 12 costs {all_in_all:.1f} snapshots, each opened for itself; {alone:.1f} without any opening")


Spent = Callable[[dict[str, Any]], tuple[float, float]]


def _ratio(rounds: list[dict[str, dict[str, Any]]], name: str, other: str, spent: Spent) -> float:
    """Return how often one contender takes the processor time of another, the median over rounds."""
    return statistics.median(spent(r[name])[0] / spent(r[other])[0] for r in rounds)


def _seconds(run: dict[str, Any]) -> tuple[float, float]:
    return _sum(run["laps"].values())


def _opening(run: dict[str, Any]) -> tuple[float, float]:
    return _sum(spent for lap, spent in run["laps"].items() if lap == "open")


def _rest(run: dict[str, Any]) -> tuple[float, float]:
    return _sum(spent for lap, spent in run["laps"].items() if lap != "open")


def _sum(laps: Iterable[tuple[float, float]]) -> tuple[float, float]:
    each = list(laps)
    return sum(cpu for cpu, _ in each), sum(wall for _, wall in each)


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--growth", type=int, nargs="*", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=list(CONTENDERS), help="contenders beside the floor")
    parser.add_argument("--one", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        one(asked.one, asked.folder)
        return
    names = [name for name in CONTENDERS if asked.only is None or name in asked.only or name.startswith(FLOORS)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "log"
        write_log(folder, asked.customers)
        print(f"{asked.customers:,} customers, {12 * asked.customers:,} payments, {10 * asked.customers:,} contacts")
        rounds = [{name: _run(name, folder) for name in names} for _ in range(asked.rounds)]
        _table(rounds)
        if PANEL_OF_12 in names and SNAPSHOT in names:
            _panel(rounds)
        if any(run["sums"] for run in rounds[0].values()):
            print(f"the same forty features, value by value: {_same(rounds[0])}")
    for customers in asked.growth:
        with tempfile.TemporaryDirectory() as place:
            write_log(Path(place), customers)
            run = _run(SNAPSHOT, Path(place))
        cpu, wall = _seconds(run)
        each = 1e6 * cpu / customers
        print(
            f"whole catalogue, {customers:>9,} customers: opening and features {cpu:.1f} cpu s, {wall:.1f} s wall,",
            end="",
        )
        print(f" {each:.1f} cpu microseconds a customer, {run['memory']:.2f} GiB")


if __name__ == "__main__":
    main()
