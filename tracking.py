"""The one module that knows MLflow: runs, artefacts, registered models and their aliases.

MLflow takes seconds to import, so it is imported when a store is first opened. Telemetry is switched off
before the import; nothing leaves the machine unless the tracking URI names a server.
"""

from __future__ import annotations

import logging
import os
import pickle
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .core.config import Config
from .core.errors import ModelError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CHALLENGER", "CHAMPION", "Loaded", "Run", "Tracker", "typical_row"]

CHAMPION = "champion"
CHALLENGER = "challenger"

_MODEL_FILE = "model.pkl"
_REQUIREMENTS = ("servicelift", "lightgbm", "lifetimes", "numpy", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Loaded:
    """A registered model read back: ``model`` is the object that was registered."""

    model: Any
    name: str
    version: int


class Run:
    """One MLflow run that is being written."""

    def __init__(self, mlflow: Any, run_id: str) -> None:
        self._mlflow = mlflow
        self.run_id = run_id

    def params(self, values: Mapping[str, Any]) -> None:
        """Log parameters; values are written as text of at most 6,000 characters."""
        self._mlflow.log_params({key: str(value)[:6000] for key, value in values.items()})

    def metrics(self, values: Mapping[str, float], prefix: str = "") -> None:
        """Log finite metrics under ``prefix`` + name; a metric that is not a finite number is left out."""
        finite = {prefix + key: float(v) for key, v in values.items() if pd.notna(v)}
        self._mlflow.log_metrics(finite)

    def tags(self, values: Mapping[str, str]) -> None:
        """Set tags on the run."""
        self._mlflow.set_tags(dict(values))

    def figure(self, figure: Figure, name: str) -> None:
        """Store a picture as ``plots/<name>.png``."""
        self._mlflow.log_figure(figure, f"plots/{name}.png")

    def text(self, text: str, path: str) -> None:
        """Store a text file as an artefact."""
        self._mlflow.log_text(text, path)

    def table(self, frame: pd.DataFrame, path: str) -> None:
        """Store an aggregate table (never customers' rows) as CSV."""
        self._mlflow.log_text(frame.to_csv(index=False), path)


class Tracker:
    """The tracking store and model registry of one business.

    Parameters
    ----------
    uri
        MLflow tracking URI: ``sqlite:///...`` or a server.
    experiment
        Name of the experiment; created if missing.
    """

    def __init__(self, uri: str, experiment: str) -> None:
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        import mlflow

        for chatty in ("mlflow", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        self._mlflow = mlflow
        if uri.startswith("sqlite:///"):
            Path(uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        self._client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
        found = self._client.get_experiment_by_name(experiment)
        self._experiment = found.experiment_id if found else self._client.create_experiment(experiment, _artefacts(uri))

    @classmethod
    def of(cls, config: Config) -> Tracker:
        """Open the store that a configuration names."""
        return cls(config.tracking_uri, config.experiment)

    @contextmanager
    def run(self, name: str, *, nested: bool = False) -> Iterator[Run]:
        """Write one run; it is marked as failed if the block raises."""
        with self._mlflow.start_run(experiment_id=self._experiment, run_name=name, nested=nested) as active:
            yield Run(self._mlflow, active.info.run_id)

    def register(self, model: Any, name: str, example: pd.DataFrame) -> int:
        """Log ``model`` as a pyfunc with signature and input example, register it, return its version.

        ``model`` has ``predict_frame(frame) -> frame`` and can be pickled. ``example`` must hold no
        customer: see :func:`typical_row`.
        """
        from mlflow.models import infer_signature

        with tempfile.TemporaryDirectory(prefix="servicelift-") as folder:
            path = Path(folder) / _MODEL_FILE
            path.write_bytes(pickle.dumps(model, protocol=5))
            info = self._mlflow.pyfunc.log_model(
                name=name,
                loader_module="servicelift.tracking",
                data_path=str(path),
                signature=infer_signature(example, model.predict_frame(example)),
                input_example=example,
                pip_requirements=[f"{package}=={version(package)}" for package in _REQUIREMENTS],
            )
        if not self._client.search_registered_models(f"name='{name}'"):
            self._client.create_registered_model(name)
        found = self._client.create_model_version(name, info.model_uri, info.run_id, model_id=info.model_id)
        return int(found.version)

    def load(self, name: str, alias: str = CHAMPION) -> Loaded:
        """Read back the model behind an alias.

        Raises
        ------
        ModelError
            No such model has been registered yet.
        """
        found = self.find(name, alias)
        if found is None:
            raise ModelError(
                f"expected a registered model '{name}' with alias '{alias}', found none; run `servicelift train` first"
            )
        return found

    def find(self, name: str, alias: str = CHAMPION) -> Loaded | None:
        """Read back the model behind an alias, or None if there is none."""
        from mlflow.exceptions import MlflowException

        try:
            entry = self._client.get_model_version_by_alias(name, alias)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise
        folder = self._mlflow.artifacts.download_artifacts(f"models:/{name}/{entry.version}")
        file = next(Path(folder).rglob(_MODEL_FILE))
        return Loaded(pickle.loads(file.read_bytes()), name, int(entry.version))

    def versions(self, name: str) -> pd.DataFrame:
        """Return version, aliases and run of each registered version, newest first."""
        found = self._client.search_model_versions(f"name='{name}'")
        aliases: dict[str, list[str]] = {}
        if found:
            for alias, number in self._client.get_registered_model(name).aliases.items():
                aliases.setdefault(str(number), []).append(alias)
        rows = [
            {
                "version": int(v.version),
                "aliases": ", ".join(sorted(aliases.get(str(v.version), []))),
                "run_id": v.run_id,
            }
            for v in found
        ]
        frame = pd.DataFrame(rows, columns=["version", "aliases", "run_id"])
        return frame.sort_values("version", ascending=False, ignore_index=True)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Point an alias at a version."""
        self._client.set_registered_model_alias(name, alias, str(version))


def typical_row(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one invented row: medians of numbers, modes of the rest; no customer's row.

    A column without any value stays missing. Integer columns come out as floats, because a column of a
    schema that may miss values has to be one.
    """
    row: dict[str, Any] = {}
    for name, column in frame.items():
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            row[str(name)] = float(column.astype(float).median())
        else:
            modes = column.dropna().mode()
            row[str(name)] = str(modes.iloc[0]) if len(modes) else None
    return pd.DataFrame([row])


def _artefacts(uri: str) -> str | None:
    """Keep artefacts beside a sqlite store; a server knows its own place."""
    if not uri.startswith("sqlite:///"):
        return None
    return (Path(uri.removeprefix("sqlite:///")).resolve().parent / "mlartifacts").as_uri()


class _Served:
    """What MLflow's own tools call: a registered model behind ``predict``."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return the model's predictions, one row for each row of ``model_input``."""
        del params
        frame: pd.DataFrame = self._model.predict_frame(model_input)
        return frame


def _load_pyfunc(path: str) -> _Served:
    """Read a logged model back: the entry point that MLflow looks up by name."""
    return _Served(pickle.loads(Path(path).read_bytes()))
