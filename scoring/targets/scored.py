"""A folder that `score` wrote, checked before anybody acts on it: whose scores, of when, and all of one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.files import settle
from ...core.time import instant, local_day, local_text
from ..scores.score import ACTION_VALUES, RUN, SCORES

__all__ = ["check_scores", "run_facts"]

_AGAIN = "run `servicelift score` again"


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


def check_scores(config: Config, folder: Path) -> None:
    """Stop where a folder holds no scores, or scores of another business, another end of the data or several runs.

    Raises
    ------
    ConfigError
        One of these.
    """
    settle(folder)
    for name in (SCORES, ACTION_VALUES):
        if not (folder / name).is_file():
            raise ConfigError(f"expected '{name}' in '{folder}', found none; run `servicelift score` into it first")
    facts = run_facts(folder)
    business = facts.get("business", config.business)
    if business != config.business:
        raise ConfigError(
            f"expected scores of business '{config.business}', '{folder}' holds those of '{business}'; give its folder"
        )
    instants = _instants(folder / SCORES) | _instants(folder / ACTION_VALUES)
    if "as_of" in facts:
        instants.add(instant(facts["as_of"]))
    if len(instants) > 1:
        several = ", ".join(local_text(at, config.timezone) for at in sorted(instants))
        raise ConfigError(f"'{folder}' holds scores of different instants ({several}), so not of one run; {_AGAIN}")
    _check_date(config, folder, facts, instants)


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
    column = pq.read_table(file, columns=["as_of"])["as_of"]
    return {instant(value) for value in pc.unique(column).to_pandas()}
