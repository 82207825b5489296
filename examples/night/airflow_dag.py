"""One night as an Airflow DAG: the day of the night is the end of the run's interval; back-fills are Airflow's own.

Exit code 3 (done, and somebody has to look at it) must not repeat the night: it fails the task without a retry. Exit
code 4 (another run is at work) is tried again later.
"""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.sdk import dag, task

COMMAND = "/srv/servicelift/bin/servicelift"
FOLDER = "/srv/press"


@dag(
    schedule="30 2 * * *",
    start_date=datetime(2024, 6, 1),
    catchup=True,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=15)},
)
def servicelift_nightly() -> None:
    """Score, list, watch and publish one day."""

    @task
    def night(data_interval_end: datetime | None = None) -> None:
        day = f"{data_interval_end:%Y-%m-%d}"
        line = [COMMAND, "nightly", "press.yaml", "--as-of", day, "--log", "json"]
        code = subprocess.run(line, cwd=FOLDER, check=False).returncode
        if code in (2, 3):
            raise AirflowFailException(f"night of {day}: exit code {code}, see the log")
        if code:
            raise AirflowException(f"night of {day}: exit code {code}")

    night()


servicelift_nightly()
