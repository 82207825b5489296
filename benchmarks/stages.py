"""What each command costs: processor seconds, clock and peak memory, beside the floor and beside another revision.

Every command runs in a process of its own, as a user runs it, on worlds of several sizes. Processor seconds are those
of the process and of all that it started; the peak is the memory that they held at once, shared pages counted once. On
a machine that others use, processor seconds count, the clock does not.

The floor is what nobody can do without: reading the columns of the tables into Arrow, and the time within LightGBM's
own calls (binning, training, predicting) on the same matrices, watched inside the command on one thread (``--floor``).

``--against REVISION`` runs the same commands on the same worlds by the code of another revision, one after the other in
the same run, and prints ratios. Worlds are then simulated by that revision: what it wrote is read by both. A machine is
faster at one time than at another: with ``--times 3`` both run in turns, and the run of least processor time is told.

    python benchmarks/stages.py [--customers 2000 20000] [--stages train score] [--against REVISION] [--times 3]
        [--floor] [--quick]

``--quick`` takes 10 bootstrap models, one cross-fit and 12,000 rows. Above 100,000 customers ``roi`` is left out.
``score``, ``targets`` and ``roi`` need the models of ``train``: a ``--folder`` keeps them for a later run, and
``--models-of 2000`` trains at that size once and scores the larger worlds with those models.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("validate", "features", "train", "score", "targets", "roi")
END, SINCE = "2024-07-01", "2023-01-01"
MOST_CUSTOMERS = {"roi": 100_000}
"""Sizes beyond which a stage is left out."""
QUICK = "  follow_up_days: 180\n  bootstrap: 10\n  cross_fits: 1\n"
SAMPLE_SECONDS = 0.25
RINGS = 3
"""Code of a night that is done while something rings."""

SIMULATION = """
import sys
from servicelift.simulation.write import simulate
simulate(sys.argv[1], customers=int(sys.argv[2]), seed=7, truth=False)
"""

WATCHED = """
import sys, time
import lightgbm as lgb
from servicelift.cli import main

spent = {}

def watch(owner, name):
    inner = getattr(owner, name)
    def timed(*arguments, **named):
        if watch.inside:
            return inner(*arguments, **named)
        watch.inside, began = True, time.process_time()
        try:
            return inner(*arguments, **named)
        finally:
            watch.inside = False
            spent[name] = spent.get(name, 0.0) + time.process_time() - began
    setattr(owner, name, timed)

watch.inside = False
for owner, name in (
    (lgb.Dataset, "construct"), (lgb.Booster, "update"), (lgb.Booster, "eval_train"), (lgb.Booster, "predict"),
    (lgb.engine, "train"),
):
    watch(owner, name)
lgb.train = lgb.engine.train
try:
    main()
finally:
    print("LIGHTGBM", sum(spent.values()), file=sys.stderr)
"""


@dataclass(frozen=True)
class Spent:
    """Processor seconds, clock seconds and peak MiB of a command; a code other than 0 says that it failed."""

    cpu: float
    clock: float
    peak: float
    code: int = 0
    words: str = ""


@dataclass(frozen=True)
class Code:
    """One revision of the code: its name, and the folder from which it is imported."""

    name: str
    path: str

    def command(self, *words: str, watched: bool = False) -> Spent:
        """Run the command line with ``words``."""
        return self.program(WATCHED if watched else "from servicelift.cli import main; main()", *words)

    def program(self, text: str, *words: str) -> Spent:
        """Run a program of Python that imports this code."""
        environment = {**os.environ, "PYTHONPATH": self.path}
        # What was compiled is kept, as it is for users: else each start would compile the package anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return measured([sys.executable, "-c", text, *words], environment)


def held(process: int) -> float:
    """Return the MiB that a process and all below it hold, shared pages counted once."""
    total, waiting = 0.0, [process]
    while waiting:
        place = Path(f"/proc/{waiting.pop()}")
        try:
            rollup = (place / "smaps_rollup").read_text()
            total += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0]) / 1024
            for task in (place / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, IndexError):
            continue
    return total


def measured(words: list[str], environment: dict[str, str]) -> Spent:
    """Run a program and return what it spent, with all that it started."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(words, env=environment, stdout=output, stderr=output, cwd=tempfile.gettempdir())
        most, done = [0.0], threading.Event()

        def watch() -> None:
            while not done.wait(SAMPLE_SECONDS):
                most[0] = max(most[0], held(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watcher.join()
        output.seek(0)
        said = output.read().decode(errors="replace")
    cpu = usage.ru_utime + usage.ru_stime
    return Spent(cpu, time.perf_counter() - began, max(most[0], usage.ru_maxrss / 1024), process.returncode, said)


def archived(revision: str, folder: Path) -> Code:
    """Return the code of a revision, written to ``folder``."""
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, capture_output=True).stdout
    tree = folder / "revision"
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(tree, filter="data")
    return Code(revision, importable(tree, folder / "of_revision"))


def importable(tree: Path, folder: Path) -> str:
    """Return a folder from which ``tree`` is imported as the package."""
    folder.mkdir(exist_ok=True)
    link = folder / "servicelift"
    link.unlink(missing_ok=True)
    link.symlink_to(tree, target_is_directory=True)
    return str(folder)


def world(folder: Path, customers: int, code: Code, quick: bool) -> Path:
    """Simulate a world without its truth; return its folder. The older code writes it, if there are two."""
    if (folder / "press.yaml").exists():
        return folder
    spent = code.program(SIMULATION, str(folder), str(customers))
    if spent.code:
        raise SystemExit(spent.words)
    if quick:
        config = folder / "press.yaml"
        text = config.read_text().replace("  follow_up_days: 180\n", QUICK) + "models: {max_rows: 12000}\n"
        config.write_text(text)
    return folder


def words_of(stage: str, config: Path, out: Path, customers: int) -> list[str]:
    """Return the words of a command."""
    further = {
        "features": ["--as-of", END, "--out", str(out / "features.parquet")],
        "score": ["--as-of", END, "--out", str(out / "scores")],
        "targets": [
            "--scores",
            str(out / "scores"),
            "--budget",
            str(customers // 2),
            "--out",
            str(out / "targets.csv"),
        ],
        "roi": ["--since", SINCE, "--until", END, "--out", str(out / "roi")],
    }
    return [stage, str(config), *further.get(stage, [])]


def arrow_floor(folder: Path) -> Spent:
    """Return what it takes to read every column of the tables into Arrow."""
    files = [str(file) for file in folder.glob("*.parquet")]
    program = f"import pyarrow.parquet as pq\nfor file in {files!r}: pq.read_table(file)"
    return measured([sys.executable, "-c", program], dict(os.environ))


def one_thread(config: Path) -> Path:
    """Return a copy of a configuration on one thread, so that LightGBM's calls are all in the process that is seen."""
    copy = config.with_name(f"{config.stem}-one.yaml")
    copy.write_text(re.sub(r"threads: \d+", "threads: 1", config.read_text()))
    return copy


def line(name: str, size: int, spent: Spent, beside: str = "") -> str:
    """Return one line of the table."""
    ended = (
        "" if not spent.code else "  done, but something rings" if spent.code == RINGS else f"  failed ({spent.code})"
    )
    said = f": {spent.words.strip().splitlines()[-1][:90]}" if ended else ""
    return f"{name:<24} {size:>9,} {spent.cpu:>9.1f} {spent.clock:>9.1f} {spent.peak:>9.0f}{beside}{ended}{said}"


def places(code: Code, codes: list[Code], customers: int, folder: Path, world: Path, store: Path) -> tuple[Path, Path]:
    """Return the configuration of a code, with a store of its own in ``store``, and the folder of what it writes."""
    out = folder / f"{code.name.replace('/', '-')}-{customers}"
    out.mkdir(exist_ok=True)
    config = world / f"{codes.index(code)}.yaml"
    config.write_text((world / "press.yaml").read_text().replace("mlflow.db", f"{store}/{codes.index(code)}.db"))
    return config, out


def one_size(customers: int, codes: list[Code], chosen: argparse.Namespace, folder: Path) -> dict[str, Spent]:
    """Print what every stage spends at one size, and return what the first code spent."""
    place = world(folder / f"world-{customers}", customers, codes[-1], chosen.quick)
    rows = sum(pq.read_metadata(file).num_rows for file in place.glob("*.parquet"))
    print(line(f"floor: {rows:,} rows to Arrow", customers, arrow_floor(place)), flush=True)
    kept: dict[str, Spent] = {}
    borrows = chosen.models_of is not None and customers != chosen.models_of
    store = (folder / f"world-{chosen.models_of}").resolve() if borrows else place.resolve()
    needed = [stage for stage in STAGES if stage in chosen.stages and customers <= MOST_CUSTOMERS.get(stage, customers)]
    for stage in needed:
        if stage == "train" and borrows:
            continue
        asked = [
            (code, words_of(stage, *places(code, codes, customers, folder, place, store), customers)) for code in codes
        ]
        runs = [[code.command(*words) for code, words in asked] for _ in range(chosen.times)]
        spent = [min(each, key=lambda run: (run.code not in (0, RINGS), run.cpu)) for each in zip(*runs, strict=True)]
        for place_of, (code, least) in enumerate(zip(codes, spent, strict=True)):
            ratio = f"  {spent[0].cpu / least.cpu:5.2f} of it" if place_of else ""
            print(line(f"{stage} ({code.name})", customers, least, ratio), flush=True)
            if chosen.floor and not place_of and stage in ("train", "score"):
                config, out = places(code, codes, customers, folder, place, store)
                floor = code.command(*words_of(stage, one_thread(config), out / "floor", customers), watched=True)
                share = float(re.findall(r"LIGHTGBM ([\d.]+)", floor.words)[-1])
                print(f"{'':<24} {'':>9} {share:>9.1f}  within LightGBM's own calls, of {floor.cpu:.1f}", flush=True)
        kept[stage] = spent[0]
    return kept


def main() -> None:
    """Run the stages at every size and print how they grow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[2_000])
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--against", metavar="REVISION")
    parser.add_argument("--times", type=int, default=1, help="runs of each command, of which the least is told")
    parser.add_argument("--floor", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--models-of", type=int, metavar="CUSTOMERS", help="train at this size only")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    folder = (chosen.folder or Path(tempfile.mkdtemp(prefix="stages-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    codes = [Code("here", importable(ROOT, folder / "of_here"))]
    codes += [archived(chosen.against, folder)] if chosen.against else []
    print(f"{'':<24} {'customers':>9} {'CPU s':>9} {'clock s':>9} {'peak MiB':>9}")
    try:
        sizes = {size: one_size(size, codes, chosen, folder) for size in sorted(chosen.customers)}
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    for small, large in zip(list(sizes), list(sizes)[1:], strict=False):
        for stage, spent in sizes[large].items():
            if stage not in sizes[small]:
                continue
            cpu, peak = spent.cpu / sizes[small][stage].cpu, spent.peak / sizes[small][stage].peak
            growth = f"take {cpu:.1f} times the CPU, {peak:.1f} times the memory"
            print(f"{stage}: {large / small:.0f} times the customers {growth}")


if __name__ == "__main__":
    main()
