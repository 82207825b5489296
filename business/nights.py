"""Nights of a business: its history of scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .lists import Lists

if TYPE_CHECKING:
    from ..scoring.night.history import History

__all__ = ["Nights"]


class Nights(Lists):
    """What was scored night after night."""

    def history(self, out: str | Path | None = None) -> History:
        """Return the nights that lie below a folder.

        Parameters
        ----------
        out
            The folder; None: the config's, ``nightly: {out: ...}``.

        Examples
        --------
        >>> b.history(f"{folder}/nights").partitions()
        []
        """
        from ..scoring.night.history import History

        return History(Path(out) if out is not None else Path(self.config.resolve(self.config.nightly.out)))
