"""One MLflow run that is being written: parameters, metrics, tags, pictures, texts and tables of aggregates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from .mlflow_store import key

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Run"]


class Run:
    """One MLflow run that is being written.

    Attributes
    ----------
    run_id
        MLflow's identifier.
    marks
        The tags it began with.
    figures, measured
        Names of the pictures and the metrics logged so far.
    """

    def __init__(self, mlflow: Any, run_id: str, marks: Mapping[str, str]) -> None:
        self._mlflow = mlflow
        self.run_id = run_id
        self.marks = marks
        self.figures: list[str] = []
        self.measured: dict[str, float] = {}

    def params(self, values: Mapping[str, Any]) -> None:
        """Log parameters; values are written as text of at most 6,000 characters."""
        self._mlflow.log_params({key(name): str(value)[:6000] for name, value in values.items()})

    def metrics(self, values: Mapping[str, float], prefix: str = "", step: int | None = None) -> None:
        """Log finite metrics under ``prefix`` + name, others are left out; ``step`` is their place in a series."""
        finite = {key(prefix + name): float(v) for name, v in values.items() if pd.notna(v)}
        self._mlflow.log_metrics(finite, step=step)
        self.measured |= finite

    def tags(self, values: Mapping[str, str]) -> None:
        """Set tags on the run."""
        self._mlflow.set_tags({key(name): value for name, value in values.items()})

    def figure(self, figure: Figure, name: str) -> None:
        """Store a picture as ``plots/<name>.png``."""
        self._mlflow.log_figure(figure, f"plots/{key(name)}.png")
        self.figures.append(key(name))

    def text(self, text: str, path: str) -> None:
        """Store a text file as an artefact."""
        self._mlflow.log_text(text, path)

    def table(self, frame: pd.DataFrame, path: str) -> None:
        """Store an aggregate table (never customers' rows) as CSV."""
        self._mlflow.log_text(frame.to_csv(index=False), path)
