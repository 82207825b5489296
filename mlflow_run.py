"""One MLflow run that is being written: parameters, metrics, tags, pictures, texts and tables of aggregates."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .mlflow_store import key

if TYPE_CHECKING:
    from matplotlib.figure import Figure

from .core.locale import Locale
from .core.working_folder import WorkingFolder

__all__ = ["Run"]


class Run:
    """One MLflow run that is being written.

    Attributes
    ----------
    run_id
        MLflow's identifier.
    marks
        The tags it began with.
    locale
        How the business's people read, for its card.
    figures, measured
        The pictures logged so far by name, as PNG, and the metrics.
    facts
        What a model was learnt from and judged on, for its card: label and text.
    segments
        How it is judged on parts of the customers, for its card; None where nobody looked.
    strongest
        Features that move its predictions most.
    """

    def __init__(self, mlflow: Any, run_id: str, marks: Mapping[str, str]) -> None:
        self._mlflow = mlflow
        self.run_id = run_id
        self.marks = marks
        self.locale = Locale()
        self.figures: dict[str, bytes] = {}
        self.measured: dict[str, float] = {}
        self.facts: dict[str, str] = {}
        self.segments: pd.DataFrame | None = None
        self.strongest: list[str] = []

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
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png")
        with WorkingFolder() as folder:
            file = Path(folder) / f"{key(name)}.png"
            file.write_bytes(drawn.getvalue())
            self._mlflow.log_artifact(str(file), "plots")
        self.figures[key(name)] = drawn.getvalue()

    def text(self, text: str, path: str) -> None:
        """Store a text file as an artefact."""
        self._mlflow.log_text(text, path)

    def table(self, frame: pd.DataFrame, path: str) -> None:
        """Store an aggregate table (never customers' rows) as CSV."""
        self._mlflow.log_text(frame.to_csv(index=False), path)
