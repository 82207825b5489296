"""One version of a model as one file: from the store of one business or machine into that of another.

The file is a zip: what MLflow keeps of the version under ``model/``, and ``servicelift.json``, which says what it is
and holds the SHA-256 of each file. Reading the file runs nothing of it. Who imports one trusts whoever made it: a model
is code that is run when it is used.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, get_args

from .. import __version__
from ..core.config.business import Config, ModelKind
from ..core.errors import ConfigError, did_you_mean
from ..core.files import complete_folder, digest_of
from ..core.working_folder import WorkingFolder
from ..tracking import Tracker, by_hand
from .registry_by_hand import DECISION, named_version

__all__ = ["export_version", "import_version"]

_SAID, _MODEL = "servicelift.json", "model"
_FORMAT = 1
_KEPT = ("servicelift.job", "servicelift.run", "servicelift.sha256")
"""Tags that speak of the store that a version comes from."""


def export_version(config: Config, named: str, out: Path) -> list[str]:
    """Write one version to a file; return what was done.

    Parameters
    ----------
    config
        The business whose store holds it.
    named
        ``MODEL:VERSION``, such as ``churn:5``; an alias may stand for the version.
    out
        File to write, ending in .zip.

    Raises
    ------
    ConfigError
        There is no such version, or the file cannot be written.
    ModelError
        The store has no files of it.
    """
    if out.suffix != ".zip":
        raise ConfigError(f"expected a file ending in .zip for the model, got '{out}'")
    tracker = Tracker.of(config)
    chosen = named_version(config, tracker, named)
    folder, digest = tracker.files(chosen.name, chosen.version.number)
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    model = next((file for file in files if file.name == "model.pkl"), None)
    if model is None or (digest is not None and digest_of(model) != digest):
        raise ConfigError(
            f"{chosen.name} version {chosen.version.number}: its file is not the one that was registered; bring it"
            " back, or train again"
        )
    run = tracker.past_run(chosen.version.run_id)
    said = {
        "format": _FORMAT,
        "servicelift": __version__,
        "kind": chosen.kind,
        "name": chosen.name,
        "version": chosen.version.number,
        "registered": chosen.version.created.isoformat(timespec="seconds"),
        "sha256": digest_of(model),
        "tags": {tag: value for tag, value in chosen.version.tags.items() if tag not in _KEPT},
        "run": {"tags": _of_ours(run.tags), "metrics": dict(run.metrics)},
        "files": {file.relative_to(folder).as_posix(): digest_of(file) for file in files},
    }
    with complete_folder(out.parent) as staged, zipfile.ZipFile(staged / out.name, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(_SAID, json.dumps(said, indent=1, sort_keys=True))
        for file in files:
            bundle.write(file, f"{_MODEL}/{file.relative_to(folder).as_posix()}")
    return [f"{chosen.name} version {chosen.version.number}: written to {out}, SHA-256 {said['sha256']}"]


def import_version(config: Config, file: Path) -> list[str]:
    """Register the version that lies in a file; it is no champion until it is promoted. Return what was done.

    Parameters
    ----------
    config
        The business whose store takes it.
    file
        What :func:`export_version` wrote.

    Raises
    ------
    ConfigError
        It is no such file, or not as it was written.
    """
    with WorkingFolder() as place:
        said = _unpacked(file, Path(place))
        name = f"{config.business}-{said['kind']}"
        come = f"{said['name']} version {said['version']}, registered {said['registered']}"
        day = datetime.now(UTC).date()
        tags = {**said["tags"], DECISION: f"imported on {day} from a file of {come}"}
        tracker = Tracker.of(config)
        with tracker.run(f"import {name}", tags=said["run"]["tags"]) as run:
            run.metrics(said["run"]["metrics"])
            version = tracker.bring(Path(place) / _MODEL, run, name, tags, str(said["sha256"]))
    return [
        f"{name} version {version}: imported, {come}, SHA-256 {said['sha256']}",
        f"it is used once it is promoted: {by_hand(name, version)}",
    ]


def _of_ours(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a run without MLflow's own and those that speak of the store."""
    return {tag: value for tag, value in tags.items() if not tag.startswith("mlflow.") and tag not in _KEPT}


def _unpacked(file: Path, place: Path) -> dict[str, Any]:
    """Unpack a file of a model into a folder, compare all digests, and return what the file says of itself."""
    try:
        with zipfile.ZipFile(file) as bundle:
            said: dict[str, Any] = json.loads(bundle.read(_SAID))
            if said.get("format") != _FORMAT:
                raise ConfigError(
                    f"'{file}': expected a model of format {_FORMAT}, got {said.get('format')}; update servicelift"
                )
            for name in said["files"]:
                _unpack(bundle, str(name), place / _MODEL)
    except FileNotFoundError:
        raise ConfigError(f"expected a file of `servicelift models --export` at '{file}', found none") from None
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(
            f"'{file}' is no file of `servicelift models --export`, or was cut off; export it again"
        ) from error
    other = [name for name, digest in said["files"].items() if digest_of(place / _MODEL / name) != digest]
    models = [digest for name, digest in said["files"].items() if PurePosixPath(name).name == "model.pkl"]
    if other or said["sha256"] not in models:
        raise ConfigError(
            f"'{file}': {', '.join(other) or 'its model'} was changed after it was exported; export it again"
        )
    kinds = (*get_args(ModelKind), "flat-churn")
    if said["kind"] not in kinds:
        raise ConfigError(f"'{file}': unknown kind of model '{said['kind']}'{did_you_mean(str(said['kind']), kinds)}")
    return said


def _unpack(bundle: zipfile.ZipFile, name: str, folder: Path) -> None:
    """Unpack one file; a name that leads out of the folder is refused."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError(name)
    goal = folder / path
    goal.parent.mkdir(parents=True, exist_ok=True)
    with bundle.open(f"{_MODEL}/{name}") as source, goal.open("wb") as target:
        shutil.copyfileobj(source, target)
