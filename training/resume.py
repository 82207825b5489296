"""A job that was stopped goes on: dead runs are closed, and what they had finished is kept.

A job is one pass over one state of tables and configuration. Its runs share the tag ``servicelift.job``; a run that
was stopped is followed by another one of the same job, a run that finished by a new job.
"""

from __future__ import annotations

import hashlib
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..tracking import Past, Tracker

__all__ = ["close_dead_runs", "job_key", "job_tags", "unfinished_job"]

_PROCESS = "servicelift.process"
_ELSEWHERE = timedelta(days=2)
"""A run of another machine counts as dead this long after it began: nobody here can see its process."""


def job_key(*parts: str) -> str:
    """Return a short text that is equal for equal parts: what the models will depend on."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def job_tags(key: str, job: str) -> dict[str, str]:
    """Return the tags of a run of a job: what it works on, and the process that works."""
    return {"servicelift.key": key, "servicelift.job": job, _PROCESS: _process()}


def close_dead_runs(tracker: Tracker) -> int:
    """Mark as killed the runs whose process is gone; return how many there were."""
    dead = [run for run in tracker.past("RUNNING") if _is_dead(run)]
    for run in dead:
        tracker.close(run.run_id)
    return len(dead)


def unfinished_job(tracker: Tracker, key: str) -> str | None:
    """Return the latest job on the same tables and configuration, if it was stopped before its end.

    A job that another process has taken up already is left to it.
    """
    runs = [run for run in tracker.past(name="train") if run.tags.get("servicelift.key") == key]
    taken = {run.tags["servicelift.job"] for run in runs if run.status == "RUNNING"}
    stopped = next((run for run in runs if run.status != "RUNNING"), None)
    if stopped is None or stopped.status == "FINISHED" or stopped.tags["servicelift.job"] in taken:
        return None
    return stopped.tags["servicelift.job"]


def _process() -> str:
    """Return host, boot, process and its start: a number that is given out again names another process."""
    return "/".join((socket.gethostname(), _boot(), str(os.getpid()), _started(os.getpid())))


def _is_dead(run: Past) -> bool:
    mark = run.tags.get(_PROCESS)
    if mark is None:
        return False
    host, boot, process, started = mark.split("/")
    if host != socket.gethostname():
        return datetime.now(UTC) - run.started > _ELSEWHERE
    return boot != _boot() or not _alive(int(process)) or started != _started(int(process))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _boot() -> str:
    """Return what tells one start of the machine from the next, empty where the system does not say."""
    file = Path("/proc/sys/kernel/random/boot_id")
    return file.read_text(encoding="ascii").strip() if file.exists() else ""


def _started(process: int) -> str:
    """Return when a process began, in the system's ticks; empty where the system does not say, or it is gone."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    after_name = text.rpartition(")")[2].split()
    return "" if after_name[0] == "Z" else after_name[19]
