"""A judged model, and the held-out rows that judged it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from ..core.arrays import Floats
from ..core.short_repr import ShortRepr
from ..tracking import CHALLENGER
from .paired_losses import Paired, mean_loss, paired_difference

__all__ = ["JUDGED_FILE", "HeldOut", "JudgedModel"]


JUDGED_FILE = "judged.json"


@dataclass(frozen=True)
class HeldOut(ShortRepr):
    """Held-out rows, and how models are judged on them.

    Parameters
    ----------
    measure
        Name of the loss; lower is better.
    losses_of
        Losses of a registered model's evaluation model, (n,): its mean is the loss (its square root, with ``root``).
    customers
        Customer of each row, (n,).
    naive, naive_name
        Losses of the naive forecast that a champion must not lose against, (n,), and what it is called.
    seed
        Seed of the interval's bootstrap.
    weight
        Weights of the rows, (n,); all the same if None.
    root
        Whether the loss is the square root of the mean.
    naive_beyond_noise
        Whether a model is refused only if it loses against the naive forecast beyond noise: for losses that are mostly
        noise, whatever the forecast.
    rivals
        Losses of simpler models by name, (n,) each: a model that loses against one is not promoted by itself.
    """

    measure: str
    losses_of: Callable[[Any], Floats]
    customers: ArrayLike
    naive: Floats
    naive_name: str
    seed: int
    weight: Floats | None = None
    root: bool = False
    naive_beyond_noise: bool = False
    rivals: Mapping[str, Floats] = field(default_factory=dict)

    def loss(self, losses: Floats) -> float:
        """Return the loss that row losses come to."""
        return mean_loss(losses, self.weight, root=self.root)

    def worse_than(self, losses: Floats) -> tuple[str, ...]:
        """Return against which simple forecasts a model loses, one clause each: it must not be used by itself."""
        held, naive = self.loss(losses), self.loss(self.naive)
        behind = {name: self.loss(rival) for name, rival in self.rivals.items()}
        behind = {name: loss for name, loss in behind.items() if held > loss}
        if held > naive and (not self.naive_beyond_noise or self.compare(self.naive, losses).better):
            behind = {self.naive_name: naive, **behind}
        return tuple(f"worse than {name} ({held:.4g} against {loss:.4g})" for name, loss in behind.items())

    def compare(self, first: Floats, second: Floats) -> Paired:
        """Return the paired difference of two models' losses."""
        return paired_difference(
            first, second, self.customers, seed=self.seed, weight=self.weight, root=self.root
        )  # fmt: skip


@dataclass(frozen=True)
class JudgedModel:
    """A registered model and why it got its alias.

    ``loss`` (named ``measure``) is lower for the better model; ``champion_loss`` is the champion's on the
    same held-out rows, None for a first model, and where it cannot be judged any more; ``first`` tells the two apart.
    ``decision`` says why it became what it is; ``beside`` names what else was measured.
    """

    name: str
    version: int
    alias: str
    measure: str
    loss: float
    champion_loss: float | None
    beside: Mapping[str, float]
    notes: tuple[str, ...] = ()
    decision: str = ""
    first: bool = True

    @property
    def refused(self) -> bool:
        """Whether there was no champion, and the model must not be used by itself."""
        return self.alias == CHALLENGER and self.champion_loss is None and self.first

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        alone = "first model" if self.first else "champion not judged"
        against = alone if self.champion_loss is None else f"champion {self.champion_loss:.4g}"
        beside = "".join(f", {key} {value:.4g}" for key, value in self.beside.items())
        head = f"{self.name} version {self.version}: {self.alias}; {self.measure} {self.loss:.4g} ({against}){beside}"
        decision = [f"  {self.alias}, because {self.decision}"] if self.decision else []
        return [head, *decision, *(f"  {note}" for note in self.notes)]
