"""A business, reported to its steering committee."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .opened import Opened

if TYPE_CHECKING:
    from .results import Summary

__all__ = ["Reported"]


class Reported(Opened):
    """What the other results come to, on one page."""

    def report(
        self,
        out: str | Path,
        *,
        roi: str | Path | None = None,
        indicators: str | Path | None = None,
        scores: str | Path | None = None,
        targets: str | Path | None = None,
        pdf: bool = False,
    ) -> Summary:
        """Write one self-contained page for a steering committee: indicators, return, list and models.

        It reads what the others wrote and computes no statistic of its own; a part that is not there is named with the
        command that makes it.

        Parameters
        ----------
        out
            HTML file to write.
        roi, indicators, scores
            Folders that :meth:`roi`, ``servicelift indicators`` and :meth:`score` wrote.
        targets
            CSV file that :meth:`targets` wrote.
        pdf
            Whether to print it beside ``out`` as well, by a browser that is installed.

        Raises
        ------
        ConfigError
            A part is another business's or no such file, or ``out`` cannot be written.

        Examples
        --------
        >>> b.report(f"{folder}/report.html").lines[-1].startswith("report: ")
        True
        """
        from ..scoring.report.report import Sources, report
        from .results import Summary

        places = [None if place is None else Path(place) for place in (roi, indicators, scores, targets)]
        with self._progress() as say:
            outcome = report(self.config, Path(out), Sources(*places), say, pdf=pdf)
        return Summary(lines=tuple(outcome.lines()))
