"""A whole night at several sizes: processor seconds, clock and peak memory, seconds of each step, and the same bytes.

A world is simulated, models are trained at one size, and `servicelift nightly` makes its last night: gate, score,
targets, monitor, and publishing into a DuckDB file. Beside it stands the floor, reading every column of the tables into
Arrow. Then the same night is made in one process, and compared byte by byte; then once more as it is, which has nothing
to do. A world of more than a million customers is several copies of a smaller one. On a machine that others use,
processor seconds count, the clock does not.

    python benchmarks/night.py [--customers 2000 20000] [--models-of 2000] [--folder FOLDER] [--memory 4GB] [--once]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from stages import END, ROOT, Code, Spent, arrow_floor, importable, line, world

NIGHT = """
nightly: {{out: "{out}", budget: {budget}}}
publish: {{connection: "duckdb:{out}/nights.duckdb"}}
"""
MOST = 1_000_000
"""Customers of a world that is simulated; larger ones are copies of it."""
DATA = ("scores/*", "action_values/*", "reason_features.parquet", "targets/*")


def copied(source: Path, target: Path, times: int) -> Path:
    """Write the tables of a world several times over, each time with identifiers of their own; return the folder.

    The world is made in memory, and beyond a million customers takes more of it than a night may: copies do not.
    """
    if (target / "press.yaml").exists():
        return target
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.glob("*.parquet")):
        names = pq.read_schema(file).names
        own = [name for name in names if name.endswith("_id") and name != "agent_id"]
        if not {"customer_id", "converted_customer_id", "referrer_id"} & set(names):
            shutil.copyfile(file, target / file.name)
            continue
        columns = ", ".join(f"{name} || '/' || n AS {name}" if name in own else f'"{name}"' for name in names)
        query = f"SELECT {columns} FROM '{file}', range({times}) AS copies(n)"
        duckdb.execute(f"COPY ({query}) TO '{target / file.name}' (FORMAT parquet)")
    shutil.copyfile(source / "press.yaml", target / "press.yaml")
    return target


def configured(place: Path, store: Path, out: Path, customers: int, threads: int, memory: str = "4GB") -> Path:
    """Write the configuration of a night and return it."""
    text = (place / "press.yaml").read_text().replace("mlflow.db", f"{store}/night.db")
    text = re.sub(r"memory: \w+, threads: \d+", f"memory: {memory}, threads: {threads}", text)
    config = place / f"night-{threads}.yaml"
    config.write_text(text + NIGHT.format(out=out, budget=customers // 2))
    return config


def night(code: Code, config: Path) -> Spent:
    """Make the last night of the data."""
    spent = code.command("nightly", str(config), "--as-of", END)
    if spent.code not in (0, 3):
        raise SystemExit(spent.words)
    return spent


def bytes_of(out: Path) -> dict[str, bytes]:
    """Return the data files of the night."""
    folder = out / f"as_of={END}"
    files = (file for pattern in DATA for file in folder.glob(pattern) if not file.name.startswith("."))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def one_size(customers: int, code: Code, models_of: int, folder: Path, memory: str, *, once: bool) -> Spent:
    """Print what a night takes at one size, and return it."""
    store, times = folder / f"world-{models_of}", -(-customers // MOST)
    place = world(folder / f"world-{customers // times}", customers // times, code, False)
    if times > 1:
        place = copied(place, folder / f"world-{customers}", times)
    print(line("floor: tables to Arrow", customers, arrow_floor(place)), flush=True)
    outs = {threads: folder / f"nights-{customers}-{threads}" for threads in ((2,) if once else (2, 1))}
    first = {}
    for threads, out in outs.items():
        shutil.rmtree(out, ignore_errors=True)
        first[threads] = night(code, configured(place, store, out, customers, threads, memory))
        print(line(f"night, {threads} processes", customers, first[threads]), flush=True)
    manifest = json.loads((outs[2] / f"as_of={END}" / "manifest.json").read_text())
    print(f"{'':<24} clock s by step: " + ", ".join(f"{name} {s:.1f}" for name, s in manifest["seconds"].items()))
    if once:
        return first[2]
    same = bytes_of(outs[2]) == bytes_of(outs[1])
    print(f"{'':<24} {len(bytes_of(outs[2]))} data files, the same bytes in 1 and 2 processes: {same}")
    print(line("the same night again", customers, night(code, place / "night-2.yaml")), flush=True)
    return first[2]


def main() -> None:
    """Print a night at every size and how it grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[2_000])
    parser.add_argument("--models-of", type=int, default=2_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--memory", default="4GB", help="most that DuckDB takes")
    parser.add_argument("--once", action="store_true", help="the night alone")
    chosen = parser.parse_args()
    folder = (chosen.folder or Path(tempfile.mkdtemp(prefix="night-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    code = Code("here", importable(ROOT, folder / "of_here"))
    print(f"{'':<24} {'customers':>9} {'CPU s':>9} {'clock s':>9} {'peak MiB':>9}")
    try:
        small = world(folder / f"world-{chosen.models_of}", chosen.models_of, code, False)
        if not (small / "night.db").exists():
            out = folder / "unused"
            trained = code.command("train", str(configured(small, small, out, chosen.models_of, 2)))
            if trained.code:
                raise SystemExit(trained.words)
        sizes = {
            size: one_size(size, code, chosen.models_of, folder, chosen.memory, once=chosen.once)
            for size in sorted(chosen.customers)
        }
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    for less, more in zip(list(sizes), list(sizes)[1:], strict=False):
        cpu, peak = sizes[more].cpu / sizes[less].cpu, sizes[more].peak / sizes[less].peak
        print(f"{more / less:.0f} times the customers take {cpu:.1f} times the CPU, {peak:.1f} times the memory")


if __name__ == "__main__":
    main()
