"""Where the time of retraining goes, beside raw LightGBM on the same matrix: what everything else costs in percent.

The world is the built-in one, written without its truth; the log of a year is looked at from twelve month starts. Raw
LightGBM is the time within LightGBM's own binning and training calls, watched inside the job: the same matrix, rows,
settings and trees. The job bins once for both causes of churn, so that raw LightGBM is charged once, too. Everything
else is reading, checking, features, gates, baseline, calibration, judgement and registration; it is shown once in all,
and once without what the tables cost (opening, labels, features). Everything runs on one thread. Processor seconds
count on a machine that others use.

    python benchmarks/retraining.py [--customers 100000] [--only churn | all] [--folder FOLDER]

A folder keeps the world; a second run in it is a second month, with a champion to be judged against.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servicelift.core.config.business import load_config
from servicelift.models.fitting import trees
from servicelift.simulation.write import simulate
from servicelift.training.train import train

SNAPSHOTS = "snapshots: {first: 2023-03-01, last: 2024-02-01, every_months: 1}"
TABLES = re.compile(r"tables: |snapshots and labels|features of |columns without an instant")


@dataclass
class Spent:
    """Seconds by the clock and of the processor, and the most memory that the process has held by then."""

    name: str
    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0


def peak() -> float:
    """Return the most memory held so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


class Watch:
    """Hears the job's stages, and keeps what each took."""

    def __init__(self) -> None:
        self.stages: list[Spent] = []
        self._at = (time.perf_counter(), time.process_time())

    def __call__(self, message: str) -> None:
        self.finish()
        self.stages.append(Spent(re.sub(r" \d+ of .*$", "s", message)))
        print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)

    def finish(self) -> None:
        """Close the stage that runs."""
        now = (time.perf_counter(), time.process_time())
        if self.stages and not self.stages[-1].peak:
            last = self.stages[-1]
            last.wall, last.cpu, last.peak = now[0] - self._at[0], now[1] - self._at[1], peak()
        self._at = now


class Raw:
    """Times LightGBM's own binning and training within the job, and remembers the largest matrix."""

    def __init__(self) -> None:
        self.spent = Spent("raw LightGBM")
        self.fits = self.rows = self.columns = 0
        self._within = False

    def watch(self) -> None:
        trees.lgb.train = self._timed(trees.lgb.train, self._fitted)
        trees.lgb.Dataset.construct = self._timed(trees.lgb.Dataset.construct, lambda *_: None)

    def _fitted(self, _: Any, data: Any) -> None:
        self.fits += 1
        self.rows, self.columns = max(self.rows, data.num_data()), data.num_feature()

    def _timed(self, call: Callable[..., Any], then: Callable[..., None]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            if self._within:
                return call(*arguments, **named)
            self._within, wall, cpu = True, time.perf_counter(), time.process_time()
            try:
                result = call(*arguments, **named)
            finally:
                self._within = False
                self.spent.wall += time.perf_counter() - wall
                self.spent.cpu += time.process_time() - cpu
            then(*arguments[:2])
            return result

        return timed


@contextlib.contextmanager
def world(folder: Path | None, customers: int) -> Iterator[Path]:
    """Yield the config of a world with twelve snapshots of which no row is left out."""
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="servicelift-bench-")))
        config = place / "press.yaml"
        if not config.exists():
            begun = time.perf_counter()
            simulate(place, customers=customers, seed=11, truth=False)
            text = re.sub(r"(?m)^snapshots: .*$", SNAPSHOTS, config.read_text(encoding="utf-8"))
            most = max(20 * customers, 1000)
            config.write_text(f"{text}models: {{max_rows: {most}}}\n", encoding="utf-8")
            print(f"world of {customers:,} customers: {time.perf_counter() - begun:.0f} s, not counted below")
        yield config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--only", choices=["churn", "all"], default="churn")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with world(chosen.folder, chosen.customers) as config:
        raw, watch = Raw(), Watch()
        raw.watch()
        business = load_config(config)
        # On one thread, so that processor seconds within LightGBM are those of its work alone.
        business = business.model_copy(update={"engine": business.engine.model_copy(update={"threads": 1})})
        outcome = train(business, only=None if chosen.only == "all" else "churn", say=watch)
        watch.finish()
    print("\n".join(["", *outcome.lines(), ""]))
    show(watch.stages, raw)


def show(stages: list[Spent], raw: Raw) -> None:
    """Print the stages, raw LightGBM, and the rest in percent of it."""
    grouped: dict[str, Spent] = {}
    for stage in stages:
        one = grouped.setdefault(stage.name, Spent(stage.name))
        one.wall, one.cpu, one.peak = one.wall + stage.wall, one.cpu + stage.cpu, max(one.peak, stage.peak)
    everything = Spent("training, all in all", sum(s.wall for s in stages), sum(s.cpu for s in stages), peak())
    tables = [s for s in stages if TABLES.search(s.name)]
    without = Spent("without opening, labels and features")
    without.wall, without.cpu = (getattr(everything, c) - sum(getattr(s, c) for s in tables) for c in ("wall", "cpu"))
    print("       wall        CPU   peak so far")
    for one in grouped.values():
        print(f"{one.wall:9.1f} s {one.cpu:8.1f} s {one.peak:7.1f} GiB  {one.cpu / everything.cpu:5.1%}  {one.name}")
    raw.spent.name = f"raw LightGBM: {raw.fits} fits, up to {raw.rows:,} rows x {raw.columns} columns"
    for one in (everything, without, raw.spent):
        print(f"{one.wall:9.1f} s {one.cpu:8.1f} s {one.peak or peak():7.1f} GiB         {one.name}")
    for one in (everything, without):
        wall, cpu = one.wall / raw.spent.wall - 1, one.cpu / raw.spent.cpu - 1
        print(f"{wall:9.0%}   {cpu:8.0%}   more than raw LightGBM: {one.name}")


if __name__ == "__main__":
    main()
