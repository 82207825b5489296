"""A folder that `score` wrote, checked before anybody acts on it: whose scores, of when, and all of one run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.files import other_than, settle
from ...core.time import instant, local_day, local_text
from ..scores.config_marks import changed_marks
from ..scores.reason_features import REASON_FEATURES
from ..scores.score import ACTION_VALUES, RUN, SCORES

__all__ = ["NIGHTS", "Read", "check_scores", "run_facts", "stored"]

_AGAIN = "run `servicelift score` again"
_READ = (SCORES, ACTION_VALUES, REASON_FEATURES, RUN)

NIGHTS = {SCORES: "scores/part-00000.parquet", ACTION_VALUES: "action_values/part-00000.parquet"}
"""Where files of scores lie in the folder of a night, from there; the others lie where `score` writes them."""


def stored(folder: Path, name: str) -> Path:
    """Return where a file of scores lies: where `score` writes it, or in the folder of a night."""
    plain, night = folder / name, folder / NIGHTS.get(name, name)
    return night if night.is_file() and not plain.is_file() else plain


@dataclass(frozen=True)
class Read:
    """The files of a folder of scores as they stood when they were checked, by what the file system says of them."""

    folder: Path
    files: Mapping[str, tuple[int, int, int] | None]

    @classmethod
    def of(cls, folder: Path) -> Read:
        """Look at a folder."""
        return cls(folder, {name: _identity(stored(folder, name)) for name in _READ})

    def check(self) -> None:
        """Stop where another run has replaced a file since: what was read would be of two runs.

        Raises
        ------
        ConfigError
            One was.
        """
        if Read.of(self.folder) != self:
            raise ConfigError(
                f"'{self.folder}' was written anew while it was read, so what was read is not of one run; run the"
                " command again"
            )


def _identity(file: Path) -> tuple[int, int, int] | None:
    """Return what another file of the same name differs in; None where there is none."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def run_facts(folder: Path) -> dict[str, Any]:
    """Return what run.json of a folder of scores says; nothing where there is none.

    Raises
    ------
    ConfigError
        The file cannot be read.
    """
    file = folder / RUN
    if not file.is_file():
        return {}
    try:
        facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(
            f"expected the facts of a run in '{file}', it is no JSON; {_AGAIN} into '{folder}'"
        ) from error
    return facts


def check_scores(config: Config, folder: Path) -> Read:
    """Stop where a folder holds no scores, or scores of another business, another end of the data, another
    configuration or several runs.

    Returns what was checked, so that whoever has read the files can ask whether they are still the same.

    Raises
    ------
    ConfigError
        One of these.
    """
    settle(folder)
    read = Read.of(folder)
    for name in (SCORES, ACTION_VALUES):
        if not stored(folder, name).is_file():
            raise ConfigError(f"expected '{name}' in '{folder}', found none; run `servicelift score` into it first")
    facts = run_facts(folder)
    business = facts.get("business", config.business)
    if business != config.business:
        raise ConfigError(
            f"expected scores of business '{config.business}', '{folder}' holds those of '{business}'; give its folder"
        )
    changed = changed_marks(facts.get("config", {}), config)
    if changed:
        raise ConfigError(
            f"'{folder}' holds scores made with another configuration ({', '.join(changed)} differ); {_AGAIN},"
            " after `servicelift train` where costs or rules of actions changed, or take the configuration that they"
            " were made with"
        )
    written, files = facts.get("files", {}), {stored(folder, name) for name in (SCORES, ACTION_VALUES, REASON_FEATURES)}
    mixed = other_than(written, folder, sorted(file.relative_to(folder).as_posix() for file in files))
    if mixed:
        raise ConfigError(
            f"'{folder}' holds files of different runs: '{mixed[0]}' is not the one that '{RUN}' speaks of; {_AGAIN},"
            f" or take `files` out of '{RUN}' if you changed it on purpose"
        )
    instants = _instants(stored(folder, SCORES)) | _instants(stored(folder, ACTION_VALUES))
    if "as_of" in facts:
        instants.add(instant(facts["as_of"]))
    if len(instants) > 1:
        several = ", ".join(local_text(at, config.timezone) for at in sorted(instants))
        raise ConfigError(f"'{folder}' holds scores of different instants ({several}), so not of one run; {_AGAIN}")
    _check_date(config, folder, facts, instants)
    read.check()
    return read


def _check_date(config: Config, folder: Path, facts: dict[str, Any], instants: set[pd.Timestamp]) -> None:
    """Stop where the config's data end at another instant than those that were scored."""
    if config.data_until is None:
        return
    ends = instant(config.data_until, config.timezone)
    scored = instant(facts["data_until"]) if "data_until" in facts else ends
    if scored != ends or any(at > ends for at in instants):
        at, end = (local_day(each, config.timezone) for each in (max(instants, default=scored), scored))
        raise ConfigError(
            f"'{folder}' holds scores at {at} from data up to {end}, the configuration has"
            f" data_until {config.data_until}; {_AGAIN}, or take the configuration that they were made with"
        )


def _instants(file: Path) -> set[pd.Timestamp]:
    """Return the different instants of a file's ``as_of``, as naive UTC."""
    column = pq.read_table(file, columns=["as_of"], partitioning=None)["as_of"]
    return {instant(value) for value in pc.unique(column).to_pandas()}
