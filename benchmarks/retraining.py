"""Where the time of retraining goes, beside raw LightGBM on the same matrix: what everything else costs in percent.

The world is the built-in one, written without its truth; the log of a year is looked at from twelve month starts. Raw
LightGBM is the time within LightGBM's own training call, watched inside the job: the same matrix, rows, settings and
trees, binning included. Everything else is reading, checking, features, gates, baseline, calibration, judgement and
registration.

    python benchmarks/retraining.py [--customers 100000] [--only churn | all]
"""

from __future__ import annotations

import argparse
import re
import resource
import tempfile
import time
from pathlib import Path

from servicelift.core.config import load_config
from servicelift.models import boosting
from servicelift.simulation.write import simulate
from servicelift.training.job import train
from servicelift.training.stages import Stages

SNAPSHOTS = "snapshots: {first: 2023-03-01, last: 2024-02-01, every_months: 1}"


class Listener:
    """Times every call of LightGBM's own training within the job, and remembers the widest matrix."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.fits = 0
        self.rows = self.columns = 0

    def watch(self) -> None:
        lgb_train = boosting.lgb.train

        def timed(*arguments, **named):
            begun = time.perf_counter()
            booster = lgb_train(*arguments, **named)
            self.seconds += time.perf_counter() - begun
            self.fits += 1
            data = arguments[1]
            self.rows, self.columns = max(self.rows, data.num_data()), data.num_feature()
            return booster

        boosting.lgb.train = timed


def world(folder: Path, customers: int) -> Path:
    """Write the world and a config of twelve snapshots; no row is left out."""
    simulate(folder, customers=customers, seed=11, truth=False)
    config = folder / "press.yaml"
    text = re.sub(r"(?m)^snapshots: .*$", SNAPSHOTS, config.read_text(encoding="utf-8"))
    config.write_text(text + f"models: {{max_rows: {max(20 * customers, 1000)}}}\n", encoding="utf-8")
    return config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--only", choices=["churn", "all"], default="churn")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="servicelift-bench-") as place:
        begun = time.perf_counter()
        config = load_config(world(Path(place), chosen.customers))
        print(f"world of {chosen.customers:,} customers: {time.perf_counter() - begun:.0f} s, not counted below")
        raw, stages = Listener(), Stages(lambda _: None)
        raw.watch()
        begun = time.perf_counter()
        outcome = train(config, only=None if chosen.only == "all" else "churn", say=stages)
        total = time.perf_counter() - begun
        stages.finish()
    print("\n".join(outcome.lines()), "\n")
    show(stages.durations, total, raw)


def show(durations: list[tuple[str, float]], total: float, raw: Listener) -> None:
    """Print the stages, raw LightGBM, and the rest in percent of it."""
    grouped: dict[str, float] = {}
    for stage, seconds in durations:
        name = re.sub(r" \d+ of \d+$", "s", stage)
        grouped[name] = grouped.get(name, 0.0) + seconds
    for stage, seconds in grouped.items():
        print(f"{seconds:8.1f} s  {seconds / total:5.1%}  {stage}")
    print(f"{total:8.1f} s         training, all in all")
    print(
        f"{raw.seconds:8.1f} s         raw LightGBM: {raw.fits} fits, up to {raw.rows:,} rows x {raw.columns} columns"
    )
    print(f"{total / raw.seconds - 1:8.0%}           everything else, of raw LightGBM")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{memory:8.1f} GiB       peak memory")


if __name__ == "__main__":
    main()
