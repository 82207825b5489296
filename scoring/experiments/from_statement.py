"""From a statement to the next experiment: what would settle each action that is not proven, and the plan of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.locale import Locale
from ...core.short_repr import ShortRepr
from ...models.targeting.settling_words import settling_sentence
from .plan import Wish
from .words import PLAN

__all__ = ["OpenQuestions", "open_questions", "wish_of"]

_ROWS = "roi.parquet"
_COLUMNS = ["action", "kind", "headline", "settle", "settle_customers", "settle_held_out", "corrected_per_treated"]


@dataclass(frozen=True)
class OpenQuestions(ShortRepr):
    """The actions of a statement that are not proven, and what would settle each."""

    rows: pd.DataFrame
    locale: Locale = field(default_factory=Locale)

    def lines(self) -> list[str]:
        """Return a line an action."""
        if self.rows.empty:
            return [PLAN.say(self.locale, "nothing_open")]
        return [
            PLAN.say(self.locale, "open", action=row["action"], sentence=settling_sentence(row, self.locale))
            for row in self.rows.to_dict("records")
        ]


def open_questions(config: Config, folder: Path) -> OpenQuestions:
    """Return what a statement says would settle its actions that are not proven, headline rows only.

    Parameters
    ----------
    config
        The business.
    folder
        Folder that ``servicelift roi`` wrote, or its ``roi.parquet``.

    Raises
    ------
    ConfigError
        There is no such statement, or it is of an earlier version.
    """
    file = folder / _ROWS if folder.is_dir() else folder
    if not file.is_file():
        raise ConfigError(f"expected a statement at '{folder}', found no {_ROWS}; run `servicelift roi` into it first")
    rows = pd.read_parquet(file)
    lacking = [name for name in _COLUMNS if name not in rows]
    if lacking:
        raise ConfigError(
            f"expected a column '{lacking[0]}' in '{file}', got a statement of an earlier version; run"
            " `servicelift roi` again"
        )
    asked = rows[rows["headline"].to_numpy(dtype=bool) & rows["settle"].isin(["experiment", "none"]).to_numpy()]
    return OpenQuestions(asked.reset_index(drop=True), config.locale)


def wish_of(questions: OpenQuestions, action: str) -> dict[str, Any]:
    """Return what a statement asks of an experiment on ``action``, as arguments of :class:`Wish`.

    The effect is the corrected one, to be shown to exceed its cost; the share held out is the cheapest one's.

    Raises
    ------
    ConfigError
        The action is not among those that are not proven.
    """
    rows = questions.rows[questions.rows["action"] == action]
    if rows.empty:
        known = ", ".join(questions.rows["action"]) or "none"
        raise ConfigError(f"expected an action that the statement leaves open ({known}), got '{action}'")
    row = rows.iloc[0]
    held = float(row["settle_held_out"] / row["settle_customers"])
    wish = Wish(action, float(row["corrected_per_treated"]), holdout=round(held, 2), prove="pays")
    return {"effect": wish.effect, "holdout": wish.holdout, "prove": wish.prove}
