"""What is kept in MLflow: runs, artefacts, registered models and their aliases.

Only this module and :mod:`.mlflow_store`, which opens the store, know MLflow. Telemetry is off; nothing leaves the
machine unless the tracking URI names a server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from .core.config.business import Config
from .core.config.store import artefacts_beside
from .core.errors import ConfigError, ModelError
from .core.interrupt import interrupted
from .core.short_repr import ShortRepr
from .core.working_folder import WorkingFolder
from .mlflow_places import Places
from .mlflow_run import Run
from .mlflow_store import StoreError, key, open_store, opening
from .serving import column_kinds, read_model, write_model

__all__ = ["CHALLENGER", "CHAMPION", "Loaded", "Past", "Run", "Stored", "Tracker", "Version", "by_hand", "typical_row"]

CHAMPION = "champion"
CHALLENGER = "challenger"

_HISTORY = "servicelift.champions"
_DIGEST = "servicelift.sha256"
_KEPT = "servicelift.statements_kept"
_REQUIREMENTS = ("servicelift", "lightgbm", "lifetimes", "numpy", "pandas", "scikit-learn", "scipy")


def by_hand(name: str, version: int) -> str:
    """Return the command that makes a version of a registered model the champion."""
    return f'servicelift models CONFIG --promote {name.rpartition("-")[2]}:{version} --reason "..."'


@dataclass(frozen=True)
class Loaded(ShortRepr):
    """A registered model read back: ``model`` is the object that was registered."""

    model: Any
    name: str
    version: int


@dataclass(frozen=True)
class Stored:
    """A model whose files are in the store and which no version names yet; ``digest`` is that of its file.

    ``model_id`` is MLflow's name of it; None for files that were brought from another store.
    """

    uri: str
    run_id: str
    model_id: str | None
    digest: str


@dataclass(frozen=True)
class Version:
    """A registered version: its aliases in alphabetical order, the run that made it, when, and its tags."""

    number: int
    aliases: tuple[str, ...]
    run_id: str
    created: datetime
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Past:
    """A run as the store remembers it; ``status`` is MLflow's: RUNNING, FINISHED, FAILED or KILLED."""

    run_id: str
    name: str
    status: str
    started: datetime
    tags: Mapping[str, str]
    metrics: Mapping[str, float]


class Tracker:
    """The tracking store and model registry of one business.

    Parameters
    ----------
    uri
        MLflow tracking URI: ``sqlite:///...`` or a server.
    experiment
        Name of the experiment; created with its first run. A store that cannot be opened is a ConfigError.
    """

    def __init__(self, uri: str, experiment: str) -> None:
        self._mlflow, self._client = open_store(uri)
        self._uri, self._name = uri, experiment
        with opening(uri):
            self._found = self._opened()

    @classmethod
    def of(cls, config: Config) -> Tracker:
        """Open the store that a configuration names."""
        return cls(config.tracking_uri, config.experiment)

    def _opened(self) -> Any:
        """Return the experiment, None where there is none yet."""
        found = self._client.get_experiment_by_name(self._name)
        if found is not None and found.lifecycle_stage != "active":
            raise ConfigError(
                f"tracking.experiment: the store holds '{self._name}' as deleted; bring it back (`mlflow experiments"
                f" restore --experiment-id {found.experiment_id}`), or name another"
            )
        return found

    @property
    def _experiment(self) -> str:
        """Return the experiment's identifier; it is created if missing, by whichever of two jobs comes first."""
        if self._found is None:
            with _already_there():
                self._client.create_experiment(self._name, artefacts_beside(self._uri), tags={_KEPT: "true"})
            self._found = self._opened()
        return str(self._found.experiment_id)

    @cached_property
    def _places(self) -> Places:
        return Places(self._uri, self._found.artifact_location if self._found else artefacts_beside(self._uri) or "")

    @property
    def statements_kept(self) -> bool:
        """Whether each statement of the business left a run: so it is where the experiment began with this tag."""
        return self._found is None or _KEPT in self._client.get_experiment(self._experiment).tags

    @contextmanager
    def run(
        self, name: str, *, nested: bool = False, tags: Mapping[str, str] | None = None, again: bool = False
    ) -> Iterator[Run]:
        """Write one run; it is marked as failed if the block raises, as killed if somebody stopped it.

        ``again`` goes on with the latest run of the name, where there is one.
        """
        if self._places.moved:
            self._places.put_right()
        marks = dict(tags or {})
        known = self.past(name=name, most=1) if again else []
        begin = {"run_id": known[0].run_id} if known else {"experiment_id": self._experiment, "run_name": name}
        active = self._mlflow.start_run(**begin, nested=nested, tags=marks)
        try:
            yield Run(self._mlflow, active.info.run_id, marks)
        except BaseException as error:
            with suppress(StoreError):
                self._mlflow.end_run("KILLED" if interrupted(error) else "FAILED")
            raise
        self._mlflow.end_run("FINISHED")

    def past(self, status: str | None = None, name: str | None = None, most: int = 1000) -> list[Past]:
        """Return up to ``most`` runs of the experiment, the newest first; of one status or name, if given."""
        self._found = self._found or self._opened()
        if self._found is None:
            return []
        terms = [f"attributes.status = '{status}'"] * (status is not None)
        terms += [f"attributes.run_name = '{name}'"] * (name is not None)
        where, newest = " and ".join(terms), ["attributes.start_time DESC"]
        found = self._client.search_runs([self._experiment], where, max_results=most, order_by=newest)
        return [_past(run) for run in found]

    def past_run(self, run_id: str) -> Past:
        """Return one run."""
        return _past(self._client.get_run(run_id))

    def close(self, run_id: str) -> None:
        """Mark a run as killed."""
        self._client.set_terminated(run_id, "KILLED")

    def artefact(self, run_id: str, path: str) -> str | None:
        """Return the text of a run's artefact, None if there is none."""
        here = self._places.here(f"{self._client.get_run(run_id).info.artifact_uri}/{path}")
        if here is not None:
            return here.read_text(encoding="utf-8")
        folder = path.rpartition("/")[0] or None
        if path not in {file.path for file in self._client.list_artifacts(run_id, folder)}:
            return None
        with WorkingFolder() as place:
            return Path(self._client.download_artifacts(run_id, path, place)).read_text(encoding="utf-8")

    def store(self, model: Any, name: str, example: pd.DataFrame) -> Stored:
        """Log ``model`` in the active run as a pyfunc with signature and input example; no version names it yet.

        ``model`` has ``predict_frame(frame) -> frame`` and can be pickled. ``example`` must hold no
        customer: see :func:`typical_row`.
        """
        kinds = column_kinds(example)
        with WorkingFolder() as folder:
            place = Path(folder) / "model"
            digest = write_model(place, model, kinds)
            info = self._mlflow.pyfunc.log_model(
                name=name,
                loader_module="servicelift.serving",
                data_path=str(place),
                signature=_signature(kinds, model.predict_frame(example)),
                input_example=example,
                pip_requirements=[f"{package}=={version(package)}" for package in _REQUIREMENTS],
            )
        return Stored(info.model_uri, info.run_id, info.model_id, digest)

    def publish(self, stored: Stored, name: str, tags: Mapping[str, str], description: str = "") -> int:
        """Register a stored model and return its version; the tags are there from its first moment."""
        with _already_there():
            self._client.create_registered_model(name)
        found = self._client.create_model_version(
            name,
            stored.uri,
            stored.run_id,
            tags={**tags, _DIGEST: stored.digest},
            description=description,
            model_id=stored.model_id,
        )
        return int(found.version)

    def bring(self, folder: Path, run: Run, name: str, tags: Mapping[str, str], digest: str) -> int:
        """Register the files of a version that came from another store, in an active run; return its version here."""
        self._mlflow.log_artifacts(str(folder), "model")
        return self.publish(Stored(f"runs:/{run.run_id}/model", run.run_id, None, digest), name, tags)

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
                f"expected a registered model '{name}' with alias '{alias}', found none; {self.remedy(name)}"
            )
        return found

    def remedy(self, name: str, untrained: str = "run `servicelift train` first") -> str:
        """Return how a model without a champion comes to one; ``untrained`` where there is no version at all."""
        latest = next(iter(self.versions(name)), None)
        if latest is None:
            return untrained
        return (
            f"the latest, version {latest.number}, was not promoted (`servicelift models CONFIG` says why): train on"
            f" more history, or promote it by hand: {by_hand(name, latest.number)}"
        )

    def find(self, name: str, alias: str = CHAMPION) -> Loaded | None:
        """Read back the model behind an alias, or None if there is none.

        Raises
        ------
        ModelError
            The installed code cannot read it.
        """
        number = self.version_of(name, alias)
        return None if number is None else self.read(name, number)

    def read(self, name: str, number: int) -> Loaded:
        """Read back one version.

        Raises
        ------
        ModelError
            Its files are gone or are not those that were registered, or the installed code cannot read it.
        """
        folder, digest = self.files(name, number)
        return Loaded(read_model(folder, f"{name} version {number}", digest), name, number)

    def files(self, name: str, number: int) -> tuple[Path, str | None]:
        """Return the folder that holds the files of a version, and the SHA-256 that its model was registered with.

        Raises
        ------
        ModelError
            There are none.
        """
        called = f"{name} version {number}"
        try:
            digest = self._client.get_model_version(name, str(number)).tags.get(_DIGEST)
            folder = self._places.here(self._client.get_model_version_download_uri(name, str(number)))
            if folder is None:
                folder = Path(self._mlflow.artifacts.download_artifacts(f"models:/{name}/{number}"))
        except StoreError as error:
            if error.passing:
                raise
            reason = "the store has no files of it any more; bring them back, or train again"
            raise ModelError(f"{called}: {reason}") from None
        except OSError as error:
            raise ModelError(
                f"{name} version {number}: its files cannot be read ({error.strerror}); allow it"
            ) from None
        return folder, digest

    def version_of(self, name: str, alias: str) -> int | None:
        """Return the version behind an alias, None if there is none."""
        try:
            return int(self._client.get_model_version_by_alias(name, alias).version)
        except StoreError as error:
            if error.reason in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise

    def versions(self, name: str) -> list[Version]:
        """Return all registered versions, newest first."""
        found = self._client.search_model_versions(f"name='{name}'")
        aliases: dict[int, list[str]] = {}
        if found:
            for alias, number in self._client.get_registered_model(name).aliases.items():
                aliases.setdefault(int(number), []).append(alias)
        known = {int(v.version): tuple(sorted(aliases.get(int(v.version), []))) for v in found}
        rows = [
            Version(int(v.version), known[int(v.version)], v.run_id, _moment(v.creation_timestamp), dict(v.tags))
            for v in found
        ]
        return sorted(rows, key=lambda row: -row.number)

    def set_alias(self, name: str, alias: str, number: int) -> None:
        """Point an alias at a version; a new champion joins the history first, and is challenger no more."""
        if alias == CHAMPION:
            line = [n for n in (*self.history(name), self.version_of(name, CHAMPION), number) if n is not None]
            self.set_history(name, [n for n, before in zip(line, [None, *line], strict=False) if n != before])
        self._client.set_registered_model_alias(name, alias, str(number))
        if alias == CHAMPION and self.version_of(name, CHALLENGER) == number:
            self._client.delete_registered_model_alias(name, CHALLENGER)

    def tag(self, name: str, number: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""
        for tag, value in tags.items():
            self._client.set_model_version_tag(name, str(number), key(tag), value)

    def describe(self, name: str, number: int, text: str, meaning: str) -> None:
        """Write what the registry shows beside a version (Markdown), and beside the model where nothing stands yet."""
        self._client.update_model_version(name, str(number), text)
        if not self._client.get_registered_model(name).description:
            self._client.update_registered_model(name, meaning)

    def history(self, name: str) -> list[int]:
        """Return the versions that were champion, the latest last."""
        history: list[int] = json.loads(self._client.get_registered_model(name).tags.get(_HISTORY, "[]"))
        return history

    def set_history(self, name: str, numbers: list[int]) -> None:
        """Write the history, its last hundred entries."""
        self._client.set_registered_model_tag(name, _HISTORY, json.dumps(numbers[-100:]))


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


@contextmanager
def _already_there() -> Iterator[None]:
    """Create what another job may have created a moment before."""
    try:
        yield
    except StoreError as error:
        if error.reason != "RESOURCE_ALREADY_EXISTS":
            raise


def _past(run: Any) -> Past:
    info, data = run.info, run.data
    return Past(info.run_id, info.run_name, info.status, _moment(info.start_time), dict(data.tags), dict(data.metrics))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _signature(kinds: Mapping[str, str], output: pd.DataFrame) -> Any:
    """Return the signature: texts are strings; numbers are of any type, since MLflow takes no counts for doubles."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, DataType, Schema

    columns = [ColSpec(DataType.string if kind == "text" else AnyType(), name) for name, kind in kinds.items()]
    return ModelSignature(Schema(columns), Schema([ColSpec(DataType.double, str(name)) for name in output]))
