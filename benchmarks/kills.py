"""Commands killed at random instants: is anything half-written, is the next run right, does anything stay behind?

A small world with models is copied for each trial. A command runs there and is killed by SIGKILL, with all its
processes, at a random instant of the time that it takes. Then its results must be those of before or those of a whole
run, file by file; the command runs again and must end well with the bytes of a whole run; no folder of the package may
stay in the temporary folder or beside the results, no run may be RUNNING, and no version may be registered twice by one
job.

    python benchmarks/kills.py [--trials 20] [--seed 1] [--commands nightly score targets train roi] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from stages import END, QUICK, ROOT, Code, importable

CUSTOMERS = 2_000
SIMULATION = """
import sys
from servicelift.simulation.write import simulate
simulate(sys.argv[1], customers=int(sys.argv[2]), seed=7, truth=False)
"""
PROGRAM = "from servicelift.cli import main; main()"
CHANGING = ("manifest.json", "run.json", "monitor.json", "monitor.html", "monitor.parquet")
"""Files that say when a run was, or speak of the store: their being there counts, not their bytes."""


def words_of(command: str) -> list[str]:
    """Return the words of a command in a copy of the world."""
    further = {
        "score": ["--as-of", END, "--out", "scores"],
        "targets": ["--scores", "before", "--budget", "500", "--out", "lists/targets.csv"],
        "nightly": ["--as-of", END],
        "train": ["--only", "churn"],
        "roi": ["--since", "2023-01-01", "--until", "2023-04-01", "--out", "roi"],
    }
    return [command, "press.yaml", *further[command]]


def started(code: Code, place: Path, command: str) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own."""
    words = [sys.executable, "-c", PROGRAM, *words_of(command)]
    environment = {**os.environ, "PYTHONPATH": code.path, "TMPDIR": str(place / "tmp"), "LOKY_TEMP_FOLDER": str(place)}
    (place / "tmp").mkdir(exist_ok=True)
    output = (place / "said.txt").open("ab")
    return subprocess.Popen(words, cwd=place, env=environment, stdout=output, stderr=output, start_new_session=True)


def results(place: Path) -> dict[str, str]:
    """Return the digest of each file of results, by its place."""
    folders = (place / name for name in ("scores", "lists", "night", "roi"))
    files = (file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file())
    return {
        str(file.relative_to(place)): "there"
        if file.name in CHANGING
        else hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
        if not any(part.startswith(".") for part in file.relative_to(place).parts)
    }


def left_behind(place: Path) -> list[str]:
    """Return what nobody needs any more: working folders, hidden folders beside results, locks of killed runs."""
    temporary = [str(file.name) for file in (place / "tmp").glob("servicelift-*")]
    hidden = [str(file.relative_to(place)) for file in place.glob("*/.[a-z]*") if file.parent.name != "tmp"]
    return [*temporary, *hidden]


def wrong_in_store(place: Path) -> list[str]:
    """Return runs that are RUNNING, and jobs that registered a model twice."""
    with sqlite3.connect(place / "mlflow.db") as store:
        running = store.execute("SELECT count(*) FROM runs WHERE status = 'RUNNING'").fetchone()[0]
        query = "SELECT name, value FROM model_version_tags WHERE key = 'servicelift.job'"
        twice = [job for job, n in Counter(store.execute(query).fetchall()).items() if n > 1]
    return [*(["a run is RUNNING"] if running else []), *(f"{name} registered twice" for name, _ in twice)]


def trial(
    code: Code, world: Path, place: Path, command: str, share: float, whole: dict[str, str], took: float
) -> list[str]:
    """Kill a command at a share of the time that it takes, and return all that is wrong afterwards."""
    shutil.copytree(world, place)
    before = results(place)
    process = started(code, place, command)
    time.sleep(share * took)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    seen = results(place)
    faults = [] if seen in (before, whole) else [f"half-written: {sorted(set(seen.items()) ^ set(whole.items()))[:3]}"]
    process = started(code, place, command)
    if process.wait() not in (0, 3):
        said = (place / "said.txt").read_text(errors="replace").strip().splitlines()
        faults.append(f"the next run ended with {process.returncode}: {said[-1][:100]}")
    elif results(place) != whole:
        faults.append(f"the next run differs: {sorted(set(results(place).items()) ^ set(whole.items()))[:3]}")
    return [*faults, *(f"left: {name}" for name in left_behind(place)), *wrong_in_store(place)]


def prepared(code: Code, world: Path) -> Path:
    """Simulate, train and score a world once; return its folder."""
    if not (world / "before").is_dir():
        shutil.rmtree(world, ignore_errors=True)
        code.program(SIMULATION, str(world), str(CUSTOMERS))
        text = (world / "press.yaml").read_text().replace("  follow_up_days: 180\n", QUICK)
        (world / "press.yaml").write_text(text + "models: {max_rows: 12000}\nnightly: {budget: 500}\n")
        for words in (["train", "press.yaml"], ["score", "press.yaml", "--as-of", END, "--out", "before"]):
            line = [sys.executable, "-c", PROGRAM, *words]
            subprocess.run(
                line, cwd=world, env={**os.environ, "PYTHONPATH": code.path}, check=True, capture_output=True
            )
    return world


def main() -> None:
    """Kill, look, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--commands", nargs="+", default=["nightly", "score", "targets", "train", "roi"])
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    folder = (chosen.folder or Path(tempfile.mkdtemp(prefix="kills-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    code, rng = Code("here", importable(ROOT, folder / "of_here")), random.Random(chosen.seed)
    world = prepared(code, folder / "world")
    wholes: dict[str, tuple[dict[str, str], float]] = {}
    for command in chosen.commands:
        place, began = shutil.copytree(world, folder / f"whole-{command}"), time.perf_counter()
        started(code, place, command).wait()
        wholes[command] = results(place), time.perf_counter() - began
    found: Counter[str] = Counter()
    for number in range(chosen.trials):
        command = chosen.commands[number % len(chosen.commands)]
        place, share = folder / "trial", rng.uniform(0, 1.02)
        shutil.rmtree(place, ignore_errors=True)
        faults = trial(code, world, place, command, share, *wholes[command])
        found[command] += bool(faults)
        print(f"{number + 1:>4} {command:<8} at {share:4.0%}  {'; '.join(faults) or 'right'}", flush=True)
    print(", ".join(f"{command}: {found[command]} wrong" for command in chosen.commands), f"of {chosen.trials} kills")
    if chosen.folder is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
