"""What travels between rooms: frames cut for one purpose, checked where they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from .arrays import Bools, Floats, Ints, Positions
from .contract_state import ContractState
from .short_repr import ShortRepr

__all__ = ["ArmCounts", "ClvInputs", "Losses", "RowKind", "StudyDesign", "TrialData"]

_CONTRACT = "contract."
_LINE = "line."


class StudyDesign(StrEnum):
    """How treatment was assigned: by chance, with controls held out, or as somebody chose."""

    RANDOMISED = "randomised"
    OBSERVATIONAL = "observational"


class RowKind(StrEnum):
    """What an estimate speaks of: an action decided with an arm, or something that happened to customers."""

    ACTION = "action"
    CONTRAST = "contrast"


@dataclass(frozen=True)
class ClvInputs(ShortRepr):
    """What is known of n customers at their own ``as_of``; all frames have n rows in the same order.

    Parameters
    ----------
    features
        Point-in-time features.
    contract
        State of the subscriptions, or None where the business has no contractual line; a frame of it is checked
        and read by :meth:`ContractState.of`.
    summaries
        For each non-contractual line its frequency, recency, T (days) and monetary value.

    Examples
    --------
    >>> import pandas as pd
    >>> known = ClvInputs(pd.DataFrame({"tenure_days": [30, 400]}), None, {})
    >>> len(known), known.to_frame().columns.tolist()
    (2, ['tenure_days'])
    """

    features: pd.DataFrame
    contract: ContractState | None
    summaries: Mapping[str, pd.DataFrame]

    def __post_init__(self) -> None:
        """Check and read a contract state that came as a frame."""
        _read_contract(self, len(self.features))

    def __len__(self) -> int:
        """Return n."""
        return len(self.features)

    def take(self, rows: Bools | Positions) -> ClvInputs:
        """Return the chosen rows, by mask or by position, under an index from 0."""

        def part(frame: pd.DataFrame) -> pd.DataFrame:
            return (frame[rows] if rows.dtype == bool else frame.iloc[rows]).reset_index(drop=True)

        return ClvInputs(
            part(self.features),
            None if self.contract is None else self.contract.take(rows),
            {name: part(summary) for name, summary in self.summaries.items()},
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one flat frame: features, ``contract.*`` and ``line.<name>.*`` columns."""
        parts = [self.features]
        if self.contract is not None:
            parts.append(self.contract.to_frame().add_prefix(_CONTRACT))
        parts += [summary.add_prefix(f"{_LINE}{name}.") for name, summary in self.summaries.items()]
        return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> ClvInputs:
        """Return the inputs that :meth:`to_frame` made flat; raises as :meth:`ContractState.of`."""
        columns = [str(c) for c in frame.columns]
        contract = [c for c in columns if c.startswith(_CONTRACT)]
        lines: dict[str, list[str]] = {}
        for name in columns:
            if name.startswith(_LINE):
                lines.setdefault(name.removeprefix(_LINE).rpartition(".")[0], []).append(name)
        rest = [c for c in columns if not c.startswith((_CONTRACT, _LINE))]
        return cls(
            frame[rest],
            ContractState.of(frame[contract].rename(columns=lambda c: c.removeprefix(_CONTRACT))) if contract else None,
            {
                line: frame[cols].rename(columns=lambda c, p=f"{_LINE}{line}.": c.removeprefix(p))  # type: ignore[misc]
                for line, cols in lines.items()
            },
        )


@dataclass(frozen=True)
class Losses(ShortRepr):
    """What happened to each of n decisions within its follow-up: whether and when the customer was lost, and to what.

    Parameters
    ----------
    lost_months
        Months of 365.25 / 12 days from the decision to the first loss of all subscriptions, (n,); NaN where none was
        lost, or there are no contracts.
    involuntary
        Whether that loss was a failed payment, (n,).
    before
        Realised value over (s, loss], or over the whole follow-up where nothing was lost, with its parts, discounted
        to the decision.
    contract
        State of the subscriptions at the decision, or a frame of it, as in :class:`ClvInputs`; None without contracts.
    referrals
        Customers that the customer brought in the follow-up, (n,); None where nobody writes that down.
    sides
        What else is counted in the follow-up beside money, by name, (n,) each.
    """

    lost_months: Floats
    involuntary: Bools
    before: pd.DataFrame
    contract: ContractState | None
    referrals: Floats | None
    sides: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check and read a contract state that came as a frame."""
        _read_contract(self, len(self.lost_months))

    def take(self, rows: Bools) -> Losses:
        """Return the decisions of a mask, (n,)."""
        return Losses(
            self.lost_months[rows],
            self.involuntary[rows],
            self.before[rows].reset_index(drop=True),
            None if self.contract is None else self.contract.take(rows),
            None if self.referrals is None else self.referrals[rows],
            {name: counted[rows] for name, counted in self.sides.items()},
        )


@dataclass(frozen=True)
class ArmCounts:
    """What blurs the comparison of a trial's arms, counted over its decisions.

    Parameters
    ----------
    both_arms
        Customers treated and held out by the action at one instant, once an instant.
    same_day
        Decisions whose customer was treated by another one, of any action, on the same local day.
    held_out
        Recorded controls.
    treated_soon
        Held-out ones treated by the same action within 30 days.
    observed_propensity
        Whether the propensity is the share of treated observed within ``strata``, for want of a recorded one.
    strata
        Within what that share is taken.
    one_sided
        Whether one arm alone has recorded propensities.
    told_apart
        Whether the recorded propensities tell the arms apart perfectly.
    certain
        Decisions left out because their propensity is 0 or 1.
    waiting
        Decisions whose customer is in trial or paused when the follow-up ends: what comes then is valued as if they
        paid from the next renewal on.
    """

    both_arms: int = 0
    same_day: int = 0
    held_out: int = 0
    treated_soon: int = 0
    observed_propensity: bool = False
    strata: tuple[str, ...] = ()
    one_sided: bool = False
    told_apart: bool = False
    certain: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class TrialData(ShortRepr):
    """The matured decisions of one action under one design, ready for estimation; n rows each.

    Parameters
    ----------
    action, design
        What was decided, and how it was assigned: ``randomised`` or ``observational``.
    units
        One row a decision: customer_id, as_of, treated, propensity, period, agent_id, initiative, cost,
        cost_recorded, accepted, treated_later, action_id.
    features
        Features at the decision, with the calendar period as a column.
    realised
        Realised value over (s, s + F], with its parts, discounted to the decision.
    state
        What is known at s + F.
    later
        Discounted count of later treated decisions over (s, s + F], one column an action.
    before
        Value over the follow-up length before the decision: the placebo outcome.
    beyond
        Realised value over (s + F, s + F + G], discounted to s + F; NaN where not yet observed.
    beyond_days
        G in days.
    follow_up_days
        F in days.
    immature
        Treated decisions of the period whose follow-up is not over: counted, not estimated.
    ineligible
        Treated decisions left out because the eligibility rule does not hold at the decision.
    elsewhere
        Of these, decisions on customers in the other state than the action's: lapsed ones, or running ones.
    lapsed
        Whether the decisions are on customers whose subscription had ended.
    losses
        What happened within the follow-up: needed to tell the paths of an effect apart.
    monthly
        Realised value cumulated to the end of each whole month of the follow-up, (n, months).
    full
        Realised value over the whole horizon, (n,); NaN where not yet observed.
    arms
        What blurs the comparison of the arms; all 0 of a contrast.
    left_out
        Decisions of the period that a sample left out.
    """

    action: str
    design: StudyDesign
    units: pd.DataFrame
    features: pd.DataFrame
    realised: pd.DataFrame
    state: ClvInputs
    later: pd.DataFrame
    before: Floats
    beyond: Floats
    beyond_days: int
    follow_up_days: int
    immature: int
    ineligible: int
    losses: Losses | None = None
    monthly: Floats | None = None
    full: Floats | None = None
    arms: ArmCounts = ArmCounts()
    elsewhere: int = 0
    lapsed: bool = False
    left_out: int = 0

    @property
    def treated(self) -> Ints:
        """1 for treated, 0 for control."""
        return self.units["treated"].to_numpy(dtype=np.int64)

    def take(self, rows: Bools) -> TrialData:
        """Return the decisions of a mask, (n,)."""
        return replace(
            self,
            units=self.units[rows].reset_index(drop=True),
            features=self.features[rows].reset_index(drop=True),
            realised=self.realised[rows].reset_index(drop=True),
            state=self.state.take(rows),
            later=self.later[rows].reset_index(drop=True),
            before=self.before[rows],
            beyond=self.beyond[rows],
            losses=None if self.losses is None else self.losses.take(rows),
            monthly=None if self.monthly is None else self.monthly[rows],
            full=None if self.full is None else self.full[rows],
        )


def _read_contract(record: ClvInputs | Losses, rows: int) -> None:
    contract: object = record.contract
    if isinstance(contract, pd.DataFrame):
        object.__setattr__(record, "contract", ContractState.of(contract, rows))
