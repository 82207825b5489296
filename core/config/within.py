"""Folders that a configuration may not leave: whoever runs it unattended need not trust who wrote its paths."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..errors import ConfigError

__all__ = ["check_within", "folders_of"]


def folders_of(within: Sequence[str], folder: Path) -> list[Path]:
    """Return the folders of ``within``, relative ones from ``folder``, links followed."""
    return [Path(os.path.realpath(folder / each)) for each in within]


def check_within(path: str, within: Sequence[str], folder: Path) -> str:
    """Return an absolute path or an address, if it lies in one of the folders or begins with one of the addresses.

    A path is judged by where its links lead; of a pattern, such as ``data/*.parquet``, the part before its first sign
    counts, and each file that it finds is judged again.

    Parameters
    ----------
    path
        What a configuration names.
    within
        Folders or addresses; empty: anything goes.
    folder
        Where relative folders start.

    Raises
    ------
    ConfigError
        It lies elsewhere.

    Examples
    --------
    >>> check_within("/data/a.parquet", ["/data"], Path("/"))
    '/data/a.parquet'
    >>> check_within("/data/../etc/passwd", ["/data"], Path("/"))
    Traceback (most recent call last):
        ...
    servicelift.core.errors.ConfigError: expected a path within '/data', got '/data/../etc/passwd'; move it ...
    """
    if not within:
        return path
    if "://" in path:
        inside = any("://" in each and path.startswith(each.rstrip("/") + "/") for each in within)
        inside = inside and ".." not in path.split("/")
    else:
        real = Path(os.path.realpath(path))
        inside = any(real.is_relative_to(each) for each in folders_of([w for w in within if "://" not in w], folder))
    if not inside:
        allowed = ", ".join(f"'{each}'" for each in within)
        raise ConfigError(f"expected a path within {allowed}, got '{path}'; move it there, or allow it under within:")
    return path
