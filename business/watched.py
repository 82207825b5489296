"""A business, watched night by night."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import ConfigError
from .nights import Nights
from .opened import Moment
from .place import place

if TYPE_CHECKING:
    from .results import Watching

__all__ = ["Watched"]


class Watched(Nights):
    """What came in, what has moved, what became of past scores, and what of it rings."""

    def monitor(
        self,
        as_of: Moment,
        out: str | Path | None = None,
        *,
        history: str | Path | None = None,
        scores: Sequence[str | Path] = (),
    ) -> Watching:
        """Watch a night: inputs, drift, expected accuracy, outcomes of past scores, effects of past lists.

        Parameters
        ----------
        as_of
            Tonight's instant; what became of past scores counts up to it.
        out
            Folder for the page and its figures; None: a temporary one that lives as long as the result.
        history
            Folder of the nights, ``as_of=2024-06-01`` and so on; None: the config's, which may not be there yet, unless
            ``scores`` are given.
        scores
            Folders that :meth:`score` wrote, one a night.

        Raises
        ------
        ServiceliftError
            The tables break the contract, a folder holds no scores or no nights, or ``out`` cannot be written.

        Examples
        --------
        >>> watched = b.monitor("2024-07-01")
        >>> set(watched.rows["group"])
        {'inputs'}
        """
        from ..scoring.monitor.monitor import monitor
        from ..scoring.monitor.nights import Night, ScoresFolder
        from .results import Watching

        at = self.instant(as_of)
        nights: list[Night] = [] if scores and history is None else list(self.history(history).partitions())
        if history is not None and not nights:
            raise ConfigError(
                f"expected nights as `servicelift nightly` writes them, found no folder as_of=DAY in '{history}'; check"
                " the path"
            )
        nights += [ScoresFolder.of(Path(folder), self.config.business) for folder in scores]
        kept, folder = place(out)
        with self._progress() as say:
            outcome = monitor(self.config, at, folder, nights, say=say, opened=self._once)
        return Watching(
            lines=tuple(outcome.lines()),
            out=folder,
            rows=outcome.watch.rows,
            alarms=outcome.watch.alarms,
            by_night=outcome.by_night,
            kept=kept,
        )
