"""The list as other programs import it: their columns, under their names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ...core.config.business import Config
from ...core.config.listing import ExportConfig
from ...core.errors import ConfigError, did_you_mean
from .spreadsheet import Kind, can_write, write_workbook

__all__ = ["check_exports", "export_name", "write_exports"]


def export_name(stem: str, name: str, wish: ExportConfig) -> str:
    """Return the name of the file that an export is written to."""
    return f"{stem}.{name}.{wish.format}"


def check_exports(config: Config, columns: pd.Index) -> None:
    """Stop before any work at an export of a column that the list does not have, or that cannot be written.

    Raises
    ------
    ConfigError
        It has not, or openpyxl is not installed.
    """
    for name, wish in config.targets.export.items():
        for column in wish.columns.values():
            if column not in columns:
                near = did_you_mean(column, columns) or f"; expected one of {', '.join(columns)}"
                raise ConfigError(f"targets.export.{name}.columns: the list has no column '{column}'{near}")
        if name in ("people", "holdout", "threshold", "list"):
            raise ConfigError(f"targets.export: '{name}' is the name of another file of the list; choose another")
        if wish.format == "xlsx" and not can_write():
            raise ConfigError(f"targets.export.{name}: xlsx needs openpyxl; pip install 'servicelift[excel]'")


def write_exports(folder: Path, stem: str, config: Config, contact: pd.DataFrame) -> tuple[str, ...]:
    """Write every export of the configuration and return the names of the files.

    Parameters
    ----------
    folder, stem
        Where the files go, and what their names begin with.
    config
        Whose ``targets: export`` names them.
    contact
        The customers to contact, with every column of the list.
    """
    written = []
    for name, wish in config.targets.export.items():
        file = export_name(stem, name, wish)
        frame = pd.DataFrame({theirs: contact[ours] for theirs, ours in wish.columns.items()})
        if wish.format == "csv":
            frame.to_csv(folder / file, index=False, sep=wish.delimiter, decimal=wish.decimal)
        else:
            numbers = {name: pd.api.types.is_numeric_dtype(frame[name]) for name in frame}
            kinds = {str(name): Kind.NUMBER if number else Kind.TEXT for name, number in numbers.items()}
            write_workbook(
                folder / file, frame, kinds, config.locale, sheet=name[:31], notes=(f"{name[:24]} notes", [])
            )
        written.append(file)
    return tuple(written)
