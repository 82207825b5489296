"""Pieces of work on all cores: the same results, one error as without, and nobody left behind after Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cloudpickle import register_pickle_by_value
from servicelift.core.errors import ConfigError, DataError
from servicelift.core.parallel import Lazy, each_in_parallel, in_parallel

# Processes cannot import this file by name: its functions travel as they stand.
register_pickle_by_value(sys.modules[__name__])
pytestmark = pytest.mark.usefixtures("processes")


def _sums(shared: dict[str, Any], item: int) -> tuple[np.ndarray, str, int]:
    """Matrix products and sums, whose last bits depend on the order in which they are added."""
    x, frame = shared["x"], shared["frame"]
    weight = np.random.default_rng(item).exponential(size=len(x))
    return (x * weight[:, None]).T @ x, str(frame["text"].iloc[item]), os.getpid()


def _square(shared: int, item: int) -> tuple[int, int]:
    return shared + item**2, os.getpid()


def _slow_square(shared: int, item: int) -> tuple[int, int]:
    # Longer than another process takes to start.
    time.sleep(1.5)
    return _square(shared, item)


def _fails(shared: None, item: int) -> int:
    if item == 2:
        raise DataError("expected no 2, got 2; leave it out")
    return item


def _nested(shared: int, item: int) -> tuple[int, list[int]]:
    inner = in_parallel(_process, None, [1, 2, 3], threads=8)
    return os.getpid(), inner


def _process(shared: None, item: int) -> int:
    return os.getpid()


def _dies(shared: int, item: int) -> None:
    if os.getpid() != shared:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    x = np.random.default_rng(0).normal(size=(20_000, 30))
    return {"x": x, "frame": pd.DataFrame({"text": [f"row {i}" for i in range(10)]})}


def test_results_are_the_same_bytes_on_one_process_and_on_two(shared: dict[str, Any]) -> None:
    one, two = (in_parallel(_sums, shared, list(range(5)), threads=threads) for threads in (1, 2))
    for (sums, text, _), (others, words, _) in zip(one, two, strict=True):
        assert sums.tobytes() == others.tobytes()
        assert text == words
    assert {process for *_, process in one} == {os.getpid()}


def test_this_process_works_as_well_and_the_others_share_the_rest() -> None:
    at_work = {process for _, process in in_parallel(_slow_square, 0, list(range(6)), threads=2)}
    assert os.getpid() in at_work
    assert len(at_work) == 2


def test_no_more_processes_than_threads_and_they_serve_again(shared: dict[str, Any]) -> None:
    first, second = ({r[2] for r in in_parallel(_sums, shared, list(range(8)), threads=2)} for _ in range(2))
    assert len(first | second) <= 2


def test_progress_is_told_in_order_whatever_the_threads() -> None:
    for threads in (1, 2):
        told: list[int] = []
        assert in_parallel(pow, 3, [0, 1, 2, 3], threads=threads, begin=told.append) == [1, 3, 9, 27]
        assert told == [0, 1, 2, 3]


@pytest.mark.parametrize("threads", [1, 2])
def test_lazy_items_are_made_when_their_turn_comes(threads: int) -> None:
    order: list[str] = []

    def make(place: int) -> int:
        order.append(f"made {place}")
        return place

    items = Lazy(6, make)
    assert in_parallel(pow, 2, items, threads=threads, begin=lambda place: order.append(f"waited {place}")) == [
        1, 2, 4, 8, 16, 32,
    ]  # fmt: skip
    # Made in order; on one thread only when they are waited for.
    assert [what for what in order if what.startswith("made")] == [f"made {place}" for place in range(6)]
    for place in range(6 if threads == 1 else 0):
        made = order[: order.index(f"waited {place}")]
        assert len([what for what in made if what.startswith("made")]) == place
    with pytest.raises(IndexError):
        items[6]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_stream_is_worked_off_as_it_is_read_and_holds_no_more_than_is_at_work(threads: int) -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for place in range(9):
            made.append(place)
            yield place

    for place, (sums, process) in enumerate(each_in_parallel(_square, 10, items(), threads=threads)):
        assert sums == 10 + place**2
        assert process == os.getpid() or threads == 2
        assert len(made) <= place + (1 if threads == 1 else 2 * threads + 2)
    assert made == list(range(9))


def test_a_stream_of_one_item_starts_no_process_and_an_empty_one_does_nothing() -> None:
    assert list(each_in_parallel(_square, 0, [3], threads=2)) == [(9, os.getpid())]
    assert list(each_in_parallel(_square, 0, [], threads=2)) == []


def test_who_stops_reading_a_stream_leaves_nothing_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stream = each_in_parallel(_square, 0, range(100), threads=2)
    next(stream)
    stream.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DataError, match="expected no 2"):
        list(each_in_parallel(_fails, None, range(4), threads=2))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_of_the_work_is_the_same_error(threads: int) -> None:
    with pytest.raises(DataError, match="expected no 2, got 2; leave it out"):
        in_parallel(_fails, None, [0, 1, 2, 3], threads=threads)


def _fails_late(shared: None, item: int) -> None:
    time.sleep(0.0 if item else 1.0)
    raise DataError(f"expected nothing of {item}")


@pytest.mark.parametrize("threads", [1, 2])
def test_of_several_errors_the_first_in_order_is_told_whichever_came_first(threads: int) -> None:
    with pytest.raises(DataError, match="nothing of 0"):
        in_parallel(_fails_late, None, [0, 1, 2, 3], threads=threads)


def test_work_that_asks_for_processes_inside_a_process_stays_in_it() -> None:
    for outer, inner in in_parallel(_nested, 0, [1, 2], threads=2):
        assert inner == [outer] * 3


def test_a_process_ended_from_outside_is_told_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match=r"lower engine\.threads"):
        in_parallel(_dies, os.getpid(), [1, 2], threads=2)
    assert in_parallel(pow, 2, [2, 3], threads=2) == [4, 8]


def test_nothing_stays_on_the_disk(shared: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    in_parallel(_sums, shared, [1, 2], threads=2)
    with pytest.raises(DataError):
        in_parallel(_fails, None, [1, 2], threads=2)
    assert list(tmp_path.iterdir()) == []


_SCRIPT = """
import sys
import sleeper
from servicelift.core.interrupt import stoppable
from servicelift.core.parallel import Lazy, each_in_parallel, in_parallel

with stoppable() as stop:
    try:
        print(*in_parallel(sleeper.sleep, 0.2, [0, 1], threads=2), flush=True)
        in_parallel(sleeper.sleep, 60.0, [0, 1, 2], threads=2)
    except KeyboardInterrupt:
        sys.exit(130)
"""


_SLEEPER = """
import os, time

def sleep(shared, item):
    time.sleep(shared)
    return os.getpid()
"""


def _alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("group", [True, False])
def test_a_stop_leaves_no_process_and_no_file_and_says_nothing(
    tmp_path: Path, number: signal.Signals, group: bool
) -> None:
    # A script without a guard, which a start of processes must not run again.
    (tmp_path / "sleeper.py").write_text(_SLEEPER)
    (tmp_path / "job.py").write_text(_SCRIPT)
    (tmp_path / "temporary").mkdir()
    paths = os.pathsep.join([str(tmp_path), *(p for p in sys.path if p)])
    job = subprocess.Popen(
        [sys.executable, "job.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "TMPDIR": str(tmp_path / "temporary")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert job.stdout is not None
    processes = [int(p) for p in job.stdout.readline().split()]
    assert len(processes) == 2
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and not list((tmp_path / "temporary").glob("servicelift-*/shared")):
        time.sleep(0.05)
    time.sleep(0.5)
    if group:
        os.killpg(job.pid, number)
    else:
        job.send_signal(number)
    _, words = job.communicate(timeout=600)
    assert job.returncode == 130
    assert words == ""
    assert not [p for p in processes if _alive(p)]
    assert list((tmp_path / "temporary").glob("servicelift-*")) == []


def _holds(shared: int, item: int) -> int:
    """Keep half a gigabyte more at each piece of another process, and take long enough for it to be seen."""
    if os.getpid() == shared:
        time.sleep(0.5)
        return shared
    kept = getattr(in_parallel, "kept", [])
    in_parallel.kept = [*kept, np.ones(60_000_000)]  # type: ignore[attr-defined]
    time.sleep(1.1)
    return os.getpid()


@pytest.mark.slow
def test_a_process_that_holds_much_is_not_ended_for_it() -> None:
    """A new process would import everything anew, in the middle of the work."""
    from loky import get_reusable_executor

    get_reusable_executor(2, timeout=1).shutdown(wait=True, kill_workers=True)
    assert len(set(in_parallel(_holds, os.getpid(), list(range(12)), threads=2))) == 2


def test_what_works_in_a_process_of_its_own_imports_neither_tables_nor_pictures() -> None:
    """They take seconds, in every process."""
    modules = ("training.clv_fit", "training.action_models", "scoring.statement.pending")
    program = "; ".join([*(f"import servicelift.{name}" for name in modules), "import sys; print(*sys.modules)"])
    known = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "servicelift.models.portfolio" in known
    assert {"ibis", "duckdb", "sqlglot", "matplotlib", "mlflow"} & set(known) == set()
