"""The one rule for what an action costs: as recorded, else as configured.

Every treated decision costs what the table of actions says of it. A decision without a cost of its own costs what the
configuration says, ``cost + accepted x cost_if_accepted``; where the configuration is silent and other decisions of
the action carry a cost, it costs what those cost on average. An offer is expected to cost the mean over the treated
decisions whose follow-up is over; before there are any, ``cost + cost_if_accepted``. Where no decision says whether
the customer accepted, every one counts as accepted: a cost is rather shown too high than spent unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from .locale import Locale
from .messages import Catalogue, Message, Sentence

__all__ = ["CONFIGURED", "COST_WORDS", "RECORDED", "ActionCost", "CostSource", "DecisionCounts", "action_cost"]

CostSource = Literal["recorded", "configured"]
RECORDED: CostSource = "recorded"
CONFIGURED: CostSource = "configured"

_RECORDED = Sentence(
    "{unit:money} an offer, recorded over {own} matured {own:decision|decisions}",
    "{unit:money} par offre, constaté sur {own} {own:décision arrivée|décisions arrivées} à terme",
)
_CONFIGURED = Sentence(
    "{unit:money} an offer, configured: none of {n} matured {n:decision|decisions} carries a cost",
    "{unit:money} par offre, selon la configuration : aucun coût constaté sur {n}"
    " {n:décision arrivée|décisions arrivées} à terme",
)


def _longer(sentence: Sentence, en: str, fr: str) -> Sentence:
    return Sentence(sentence.en + en, sentence.fr + fr)


COST_WORDS = Catalogue(
    {
        "recorded": _RECORDED,
        "gaps_configured": _longer(
            _RECORDED,
            "; {gaps} without one {gaps:takes|take} the config's cost",
            " ; {gaps} sans coût {gaps:prend|prennent} celui de la configuration",
        ),
        "gaps_recorded": _longer(
            _RECORDED,
            "; {gaps} without one {gaps:takes|take} their mean",
            " ; {gaps} sans coût {gaps:prend|prennent} leur moyenne",
        ),
        "configured": _CONFIGURED,
        "config_alone": Sentence("{unit:money} an offer, configured", "{unit:money} par offre, selon la configuration"),
        "acceptance_known": _longer(
            _CONFIGURED, ", {share:percent} of them were accepted", ", {share:percent} d'entre elles acceptées"
        ),
        "acceptance_unknown": _longer(
            _CONFIGURED,
            " and none says who accepts, so every offer counts as accepted",
            ", et aucune ne dit qui accepte : toute offre compte comme acceptée",
        ),
    }
)
"""What is said of a cost and its rule."""


@dataclass(frozen=True)
class DecisionCounts:
    """What the table of actions says of one action's treated decisions whose follow-up is over.

    Parameters
    ----------
    decisions
        Their number.
    recorded, recorded_sum
        How many carry a cost of their own, and its sum in money.
    accepted, accepted_unrecorded
        How many were accepted, and of them how many carry no cost; an unknown acceptance counts as none.
    acceptance_known
        Whether any decision says whether it was accepted.
    """

    decisions: int = 0
    recorded: int = 0
    recorded_sum: float = 0.0
    accepted: int = 0
    accepted_unrecorded: int = 0
    acceptance_known: bool = False


@dataclass(frozen=True)
class ActionCost:
    """What one offer of an action costs, and by which rule.

    Parameters
    ----------
    unit
        Expected cost of one offer, in the config's currency.
    source
        ``recorded`` where decisions carry a cost of their own, else ``configured``.
    decisions, recorded
        Treated decisions whose follow-up is over, and how many of them carry a cost of their own.
    acceptance
        Share of those decisions that was accepted; None where none says.
    filled, filled_from
        What a decision without a cost of its own costs, apart from its acceptance: the config's cost
        (``configured``) or the mean of the recorded ones (``recorded``).
    if_accepted
        What such a decision costs on top if it is accepted.
    """

    unit: float
    source: CostSource
    decisions: int
    recorded: int
    acceptance: float | None
    filled: float
    filled_from: CostSource
    if_accepted: float

    def facts(self) -> dict[str, Any]:
        """Return the rule as plain values for a file."""
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> ActionCost:
        """Return the rule that :meth:`facts` wrote; of an older model that kept its cost alone, that cost."""
        unknown = {"decisions": 0, "recorded": 0, "acceptance": None, "filled_from": CONFIGURED, "if_accepted": 0.0}
        return cls(**{**unknown, "filled": facts["unit"], **facts})

    def message(self) -> Message:
        """Return the cost of one offer and the rule behind it, as a code with its figures."""
        lacking = self.decisions - self.recorded
        if self.source == RECORDED:
            code = f"gaps_{self.filled_from}" if lacking else "recorded"
        elif not (self.if_accepted or self.decisions):
            code = "config_alone"
        elif not self.if_accepted:
            code = "configured"
        else:
            code = "acceptance_unknown" if self.acceptance is None else "acceptance_known"
        figures = {"unit": self.unit, "n": self.decisions, "own": self.recorded, "gaps": lacking}
        return Message.of(code, **figures, share=0.0 if self.acceptance is None else self.acceptance)

    def words(self, locale: Locale) -> str:
        """Return the cost of one offer and the rule behind it, in a few words."""
        return COST_WORDS.write(locale, self.message())


def action_cost(counts: DecisionCounts, *, cost: float, cost_if_accepted: float, configured: bool) -> ActionCost:
    """Return what one offer of an action costs by the rule of this module.

    Parameters
    ----------
    counts
        What the table of actions says.
    cost, cost_if_accepted
        The configuration's costs, 0 where it is silent.
    configured
        Whether the configuration names a cost of this action at all; a default is no statement.
    """
    filled, if_accepted, filled_from = cost, cost_if_accepted, CONFIGURED
    if counts.recorded and not configured:
        filled, if_accepted, filled_from = counts.recorded_sum / counts.recorded, 0.0, RECORDED
    known = counts.acceptance_known and counts.decisions > 0
    acceptance = counts.accepted / counts.decisions if known else None
    lacking = counts.decisions - counts.recorded
    accepted = counts.accepted_unrecorded if known else lacking
    if counts.decisions:
        unit = (counts.recorded_sum + lacking * filled + accepted * if_accepted) / counts.decisions
    else:
        unit = filled + if_accepted
    source = RECORDED if counts.recorded else CONFIGURED
    return ActionCost(unit, source, counts.decisions, counts.recorded, acceptance, filled, filled_from, if_accepted)
