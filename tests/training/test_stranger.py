"""A stranger uses the models with MLflow alone: pyfunc, a CSV file on the command line, Spark."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.tracking import CHAMPION

pytestmark = pytest.mark.xdist_group("training_job")
MODEL = f"models:/press-churn@{CHAMPION}"


@pytest.fixture
def served(tracker, saved, saved_rows):
    """The store's URI, a frame as a stranger has it, and what the model says of it."""
    with tracker.run("churn"):
        stored = tracker.store(saved, "press-churn", saved_rows.head(1))
    tracker.set_alias("press-churn", CHAMPION, tracker.publish(stored, "press-churn", {}))
    frame = saved_rows.assign(method=saved_rows["method"].where(saved_rows.index != 3, "0042"))
    assert frame["complaints_90d"].dtype == np.int64
    assert frame["complaints_90d"].max() > 1
    assert frame["auto_renew"].dtype == bool
    assert frame["tenure_days"].isna().any()
    assert frame["method"].isna().any()
    return tracker._client.tracking_uri, frame, saved.predict_frame(frame)


def test_pyfunc_takes_the_frame_as_it_is(served):
    import mlflow

    _, frame, expected = served
    model = mlflow.pyfunc.load_model(MODEL)
    pd.testing.assert_frame_equal(model.predict(frame), expected, check_exact=True)
    shuffled = frame[frame.columns[::-1]].assign(more=1)
    pd.testing.assert_frame_equal(model.predict(shuffled), expected, check_exact=True)
    texts = frame.astype(object).where(frame.notna(), None).assign(complaints_90d=frame["complaints_90d"].astype(str))
    pd.testing.assert_frame_equal(model.predict(texts), expected, check_exact=True)


@pytest.mark.parametrize("kind", ["int32", "float32", "Int64", "float64"])
def test_numbers_of_any_type_are_the_same_numbers(served, kind):
    import mlflow

    _, frame, expected = served
    model = mlflow.pyfunc.load_model(MODEL)
    got = model.predict(frame.assign(complaints_90d=frame["complaints_90d"].astype(kind)))
    pd.testing.assert_frame_equal(got, expected, check_exact=True)


def test_what_is_no_number_or_missing_is_said(served):
    import mlflow

    _, frame, _ = served
    model = mlflow.pyfunc.load_model(MODEL)
    with pytest.raises(DataError, match="column 'complaints_90d': expected numbers, got other texts"):
        model.predict(frame.assign(complaints_90d="many"))
    with pytest.raises(Exception, match="tenure_days"):
        model.predict(frame.drop(columns="tenure_days"))


def test_the_command_line_takes_a_csv(served, tmp_path):
    uri, frame, expected = served
    frame.to_csv(tmp_path / "rows.csv", index=False)
    settings = {
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = ["mlflow", "models", "predict", "-m", MODEL, "-i", str(tmp_path / "rows.csv"), "-t", "csv"]
    done = subprocess.run(
        [*command, "--env-manager", "local", "-o", str(tmp_path / "out.json")],
        capture_output=True, text=True, check=False, env=os.environ | settings, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    got = pd.DataFrame(json.loads((tmp_path / "out.json").read_text())["predictions"])
    np.testing.assert_allclose(got[expected.columns], expected, rtol=1e-12)


@pytest.mark.slow
def test_spark_scores_a_frame(served, monkeypatch):
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Java is not installed")
    import mlflow

    _, frame, expected = served
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    # Not stopped: other tests of this process may share it.
    spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    types = ", ".join(f"{name} double" for name in expected.columns)
    score = mlflow.pyfunc.spark_udf(spark, MODEL, result_type=types, env_manager="local")
    rows = spark.createDataFrame(frame.astype({"method": object}).where(frame.notna(), None))
    got = rows.select(score(sql.functions.struct(*rows.columns)).alias("p")).select("p.*").toPandas()
    np.testing.assert_allclose(got, expected, rtol=1e-12)
