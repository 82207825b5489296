"""Write a simulated world: tables, a configuration that runs, and the truth beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pyarrow as pa

from ..core.contract import CONTRACT
from ..core.errors import ConfigError
from ..core.files import complete_folder
from ..core.progress import Say, silent
from .contract_tables import simulate_frames
from .settings import WorldConfig
from .tables import contract_table, write_table
from .truth_tables import Truth, truth_tables

__all__ = ["World", "press_config", "simulate"]

FEWEST = 100
"""Fewest customers for which a world is worth anything."""


@dataclass(frozen=True)
class World:
    """Where a simulated world lies.

    Parameters
    ----------
    folder
        The folder; its Parquet files are contract tables.
    config
        The configuration that reads them.
    truth
        The folder of the truth, None if it was not asked for.
    """

    folder: Path
    config: Path
    truth: Path | None


def simulate(
    out: str | Path,
    *,
    customers: int,
    seed: int,
    say: Say = silent,
    config: WorldConfig | None = None,
    truth: bool = True,
    force: bool = False,
) -> World:
    """Simulate a press publisher and write its tables, configuration and truth to ``out``.

    Parameters
    ----------
    out
        Folder; nothing appears in it before everything is complete.
    customers
        Rows of the table ``customers``: everyone who ever subscribes within the log, and the stock before.
    seed
        The same seed, customers and config give the same bytes.
    say
        Told about each step.
    config
        The world's numbers; the demo's by default.
    truth
        Whether to compute the truth (most of the time is spent on it).
    force
        Whether files that a person edited, or that no simulation wrote, may be replaced.

    Returns
    -------
    World
        ``out`` with ``<table>.parquet``, ``press.yaml`` and ``truth/{decisions,snapshot,clv,summary}.parquet``
        (columns: :class:`~.answers.Truth`).

    Raises
    ------
    ConfigError
        Fewer than 100 customers, a negative seed, a folder that cannot be written, or one with files of a person's.

    Examples
    --------
    >>> simulate(f"{folder}/small", customers=100, seed=1, truth=False).config.name
    'press.yaml'
    """
    if customers < FEWEST:
        raise ConfigError(f"expected at least {FEWEST} customers, got {customers}; ask for a larger world")
    if seed < 0:
        raise ConfigError(f"expected a seed of 0 or more, got {seed}; choose another")
    settings = config or WorldConfig()
    folder = Path(out)
    if not force:
        _refuse_a_persons_files(folder)
    with complete_folder(folder) as place:
        say(f"world: {customers} customers, {settings.months} months")
        world = simulate_frames(customers, seed, settings)
        for name, frame in world.tables.items():
            write_table(contract_table(name, frame), place / f"{name}.parquet")
        (place / "press.yaml").write_text(
            press_config(seed, world.data_until, win_back=settings.win_back is not None), encoding="utf-8"
        )
        if truth:
            (place / "truth").mkdir()
            _write_truth(truth_tables(world, seed, say), place / "truth")
    return World(folder, folder / "press.yaml", folder / "truth" if truth else None)


def _refuse_a_persons_files(folder: Path) -> None:
    """Refuse a folder whose tables no simulation wrote, or whose configuration somebody has edited since.

    Raises
    ------
    ConfigError
        Names the file, and what to do.
    """
    config = folder / "press.yaml"
    there = [folder / f"{name}.parquet" for name in CONTRACT if (folder / f"{name}.parquet").exists()]
    if config.is_file():
        written = _without_numbers(config.read_text(encoding="utf-8", errors="replace"))
        if written not in (_without_numbers(_template()), _without_numbers(_with_win_back(_template()))):
            raise ConfigError(
                f"'{config}' was edited and would be lost; choose another --out, or --force to replace it"
            )
    elif there:
        raise ConfigError(f"'{there[0]}' is no table of a simulation; choose another --out, or --force")


def _without_numbers(text: str) -> str:
    """Return a configuration without the two lines that differ between worlds."""
    return re.sub(r"(?m)^(seed|data_until): .*$", r"\1: ", text)


def _template() -> str:
    return (files("servicelift.configs") / "press.yaml").read_text(encoding="utf-8")


def _write_truth(truth: Truth, folder: Path) -> None:
    for name, frame in vars(truth).items():
        kept = frame.drop(columns=["accepted", "cost"]) if name == "decisions" else frame
        write_table(pa.Table.from_pandas(kept, preserve_index=False), folder / f"{name}.parquet")


def _with_win_back(text: str) -> str:
    """Return a configuration with the win-back offer as its last action."""
    action = (
        "    # agents choose among those whose subscription ended; some of the chosen are held out at random\n"
        "    win_back:\n      {state: lapsed, cost: 2.0, cost_if_accepted: 8.0, assignment: mixed}\n"
    )
    return re.sub(r"(?m)^  contrasts:", lambda found: action + found[0], text)


def press_config(seed: int, data_until: pd.Timestamp, *, win_back: bool = False) -> str:
    """Return the demo's configuration with its seed and the end of the data filled in, and a win-back if it has one."""
    text = re.sub(r"(?m)^seed: .*$", f"seed: {seed}", _with_win_back(_template()) if win_back else _template())
    return re.sub(r"(?m)^data_until: .*$", f"data_until: {data_until:%Y-%m-%d}", text)
