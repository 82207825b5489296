"""The course of a follow-up: who was lost in it, when and to what, and what came in until then."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...core.arrays import Bools, Floats, Ints
from ...core.contract_state import ContractState
from ...core.records import Losses
from ..expressions import Rows
from ..tables.tables import Tables
from ..timeline.contract_state import contract_state
from ..timeline.look_ahead import MONTH, ROW, as_micros, by_row, spine_table
from ..timeline.spells import spell_at
from ..timeline.spine import is_contractual
from .realised_value import realised_value
from .side_outcomes import side_outcomes

__all__ = ["losses_of"]

_NEVER = np.iinfo(np.int64).max


def losses_of(
    tables: Tables, spine: pd.DataFrame, until: pd.Series, state: ContractState | None, realised: pd.DataFrame
) -> Losses:
    """Return what happened to each spine row in (as_of, until].

    Parameters
    ----------
    tables
        The business's tables.
    spine
        Frame with customer_id and as_of, n rows.
    until
        End of each follow-up, index of ``spine``, not after the end of the data.
    state
        Contract state as known at ``until``, n rows; None without contracts.
    realised
        Realised value over (as_of, until] with its parts, n rows.

    Notes
    -----
    A loss is the end of a spell of subscriptions, as in the churn label. A customer whom the state at ``until`` does
    not know as running counts as lost too, be it that the spell goes on a few days later: the value that is
    expected after ``until`` is that of an ended customer. Who had no running subscription at ``as_of`` cannot be lost.
    """
    referrals = _referrals(tables, spine, until) if tables.has("referrals") else None
    sides = side_outcomes(tables, spine, until)
    if state is None or not is_contractual(tables):
        nobody = np.zeros(len(spine), dtype=bool)
        return Losses(np.full(len(spine), np.nan), nobody, realised, None, referrals, sides)
    as_of, end = as_micros(spine["as_of"]), as_micros(until)
    lost_at, involuntary = _loss(tables, spine, end, state)
    lost_at = np.maximum(lost_at, as_of)
    contract = ContractState.of(contract_state(tables, spine))
    lost = (lost_at <= end) & contract.running
    before = realised.copy()
    if lost.any():
        ends = pd.Series(pd.to_datetime(lost_at[lost], unit="us"), index=spine.index[lost]).astype("datetime64[us]")
        before.loc[lost] = realised_value(tables, spine[lost], ends)[list(before.columns)].to_numpy()
    months = np.where(lost, (np.where(lost, lost_at, as_of) - as_of) / MONTH, np.nan)
    return Losses(months, lost & involuntary, before, contract, referrals, sides)


def _loss(tables: Tables, spine: pd.DataFrame, end: Ints, state: ContractState) -> tuple[Ints, Bools]:
    """Return the instant of the first loss in microseconds (far away: none), and whether a payment failed, (n,)."""
    spell = spell_at(tables, spine)
    at = as_micros(spell["ends"])
    at = np.where(at == np.iinfo(np.int64).min, _NEVER, at)
    failed = spell["failed"].fillna(0).to_numpy(dtype=float) > 0
    known_gone = ~state.running & (at > end)
    since = np.nan_to_num(state.months_since_end)
    at = np.where(known_gone, end - np.round(since * MONTH).astype(np.int64), at)
    return at, np.where(known_gone, state.ended_involuntary, failed)


def _referrals(tables: Tables, spine: pd.DataFrame, until: pd.Series) -> Floats:
    """Return how many customers each brought in (as_of, until], (n,)."""
    rows: Rows = spine_table(tables, spine, until=until)
    made = tables["referrals"]
    made = made.select(referrer=made.referrer_id.cast(rows.customer_id.type()), at="referred_at")
    met = rows.inner_join(made, [rows.customer_id == made.referrer, made.at > rows.as_of, made.at <= rows.until])
    found = by_row(tables, met.group_by(ROW).aggregate(times=met.count()), spine)
    return found["times"].fillna(0).to_numpy(dtype=float)
