"""Champion or challenger: models are compared on the same held-out snapshots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..tracking import CHALLENGER, CHAMPION, Tracker

__all__ = ["Judged", "promote"]


@dataclass(frozen=True)
class Judged:
    """A registered model and why it got its alias.

    ``loss`` (named ``measure``) is lower for the better model; ``champion_loss`` is the champion's on the
    same held-out rows, None for a first model. ``beside`` names what else was measured.
    """

    name: str
    version: int
    alias: str
    measure: str
    loss: float
    champion_loss: float | None
    beside: Mapping[str, float]
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        against = "first model" if self.champion_loss is None else f"champion {self.champion_loss:.4g}"
        beside = "".join(f", {key} {value:.4g}" for key, value in self.beside.items())
        head = f"{self.name} version {self.version}: {self.alias}; {self.measure} {self.loss:.4g} ({against}){beside}"
        return [head, *(f"  {note}" for note in self.notes)]


def promote(
    tracker: Tracker,
    name: str,
    model: Any,
    example: pd.DataFrame,
    *,
    measure: str,
    loss_of: Callable[[Any], float],
    beside: Mapping[str, float],
    notes: tuple[str, ...] = (),
) -> Judged:
    """Register ``model`` and set its alias: champion if it is the first or beats the champion, else challenger.

    Parameters
    ----------
    tracker, name, model, example
        Where and what to register; see :meth:`Tracker.register`.
    measure, loss_of
        Name of the loss, and the function that judges a model on the held-out rows.
    beside, notes
        Further figures and remarks for the reader.
    """
    champion = tracker.find(name)
    loss = loss_of(model)
    champion_loss = None if champion is None else loss_of(champion.model)
    version = tracker.register(model, name, example)
    alias = CHAMPION if champion_loss is None or loss < champion_loss else CHALLENGER
    tracker.set_alias(name, alias, version)
    return Judged(name, version, alias, measure, loss, champion_loss, beside, notes)
