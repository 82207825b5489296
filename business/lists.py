"""Lists of a business: the customer base scored, and whom to contact with what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .opened import Moment, Opened
from .place import place

if TYPE_CHECKING:
    from .results import Scores, Targets

__all__ = ["Lists"]


class Lists(Opened):
    """Scores and target lists, by the champions."""

    _latest: Scores | None = None

    def score(self, as_of: Moment, out: str | Path | None = None) -> Scores:
        """Score every customer with the champions, and value every action for those who can get it.

        Parameters
        ----------
        as_of
            Instant to look from.
        out
            Folder for the files; None: a temporary one that lives as long as the result.

        Raises
        ------
        ServiceliftError
            ``as_of`` lies after the end of the data, there is nobody to score, or there is no champion.

        Examples
        --------
        >>> scores = b.score("2024-07-01")
        >>> scores.customers["churn_probability"].max() <= 1
        np.True_
        >>> picture = scores.plot()
        """
        from ..scoring.scores.score import score

        kept, folder = place(out)
        with self._progress() as say:
            outcome = score(self.config, self.instant(as_of), folder, say=say, opened=self._once)
        self._latest = _scores(folder, tuple(outcome.lines()), kept)
        return self._latest

    def targets(
        self,
        *,
        budget: float,
        capacity: int | None = None,
        scores: Scores | str | Path | None = None,
        out: str | Path | None = None,
        today: Moment | None = None,
        anyway: bool = False,
        last: str | Path | None = None,
        before: str | Path | None = None,
    ) -> Targets:
        """Choose whom to contact with which action under a budget, and whom to leave alone to measure it.

        Parameters
        ----------
        budget
            Most that may be spent, in the config's currency.
        capacity
            Most customers in all; None: no limit beside those of the config.
        scores
            A result of :meth:`score` or its folder; None: the latest of this object, else the base is scored at the
            end of the data.
        out
            CSV file to contact, the holdout goes beside it; None: temporary files that live as long as the result.
        today
            The day of the list, on which it is looked again who may be contacted, or ``now``; None: the end of the
            data.
        anyway
            Whether the list is made although choosing like this was no better than contacting nobody, on decisions held
            out from training.
        last
            The CSV file of the last list: who is new, and who is not on it any more and why.
        before
            A folder of earlier scores: how customers moved between segments of value and risk.

        Raises
        ------
        ServiceliftError
            There are no scores, or no pair of customer and action that could be chosen.

        Examples
        --------
        >>> chosen = b.targets(budget=100)
        >>> bool(chosen.contact["cost"].sum() <= 100)
        True
        """
        from ..scoring.targets.targets import targets
        from .results import Scores, Targets

        if scores is None:
            scores = self._latest or self.score(self._end())
        folder = scores.out if isinstance(scores, Scores) else Path(scores)
        kept, file = place(out, "targets.csv")
        with self._progress() as say:
            outcome = targets(
                self.config,
                folder,
                budget=budget,
                capacity=capacity,
                out=file,
                say=say,
                opened=self._once,
                today=None if today is None else self.instant(today),
                anyway=anyway,
                last=None if last is None else Path(last),
                before=None if before is None else Path(before),
            )
        return Targets(
            lines=tuple(outcome.lines()),
            out=outcome.out,
            contact=_read_list(outcome.out, folder),
            holdout=_read_list(outcome.holdout, folder),
            currency=self.config.currency,
            kept=kept,
        )


def _read_list(file: Path, scores: Path) -> pd.DataFrame:
    """Read a list back, with decimal points or commas; customers keep the type that they have in the scores."""
    from ..scoring.scores.score import SCORES
    from ..scoring.targets.scored import stored

    keys = pd.read_parquet(stored(scores, SCORES), columns=["customer_id"], partitioning=None)
    known = keys["customer_id"].dtype
    with file.open(encoding="utf-8-sig") as opened:
        marks = (";", ",") if ";" in opened.readline() else (",", ".")
    texts = {"customer_id": str, "action_id": str}
    frame = pd.read_csv(file, sep=marks[0], decimal=marks[1], encoding="utf-8-sig", dtype=texts)
    return frame.astype({"customer_id": known})


def _scores(folder: Path, lines: tuple[str, ...], kept: Any) -> Scores:
    from ..scoring.scores import score as job
    from .results import Scores

    return Scores(
        lines=lines,
        out=folder,
        customers=pd.read_parquet(folder / job.SCORES),
        action_values=pd.read_parquet(folder / job.ACTION_VALUES),
        facts=json.loads((folder / job.RUN).read_text(encoding="utf-8")),
        kept=kept,
    )
