"""Where results go: a user's own place, or a temporary one that lives as long as the result."""

from __future__ import annotations

from pathlib import Path

from ..core.working_folder import WorkingFolder

__all__ = ["Kept", "place"]

Kept = WorkingFolder | None
"""What keeps a temporary folder alive; None for a user's own place."""


def place(out: str | Path | None, name: str = "") -> tuple[Kept, Path]:
    """Return what keeps the place alive, and the place.

    Parameters
    ----------
    out
        A user's own place; None: a temporary folder.
    name
        Name of the file in a temporary folder; "": the folder itself.
    """
    if out is not None:
        return None, Path(out)
    kept = WorkingFolder()
    return kept, Path(kept.name) / name
