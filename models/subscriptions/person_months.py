"""Person-months of landmarks, counted into cells for the baseline and into rows for the trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from ...core.arrays import Positions, SmallFloats
from ...core.contract_state import ContractState
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from ..fitting.binned_rows import BinnedRows
from ..fitting.encoding import FrameEncoding, SharedRows
from .baseline_hazard import Cells
from .contract import BUCKET_STARTS, bucket_of, term_class

__all__ = ["Features", "PersonMonths", "count_person_months", "design_columns", "encode", "lead_columns"]


Features = pd.DataFrame | SharedRows
"""Features of customers; shared where several models read them."""

_STATE = (
    "term_months",
    "months_to_renewal",
    "renewals_done",
    "months_since_start",
    "price",
    "cancel_pending",
)
_LEAD = 3


@dataclass(frozen=True)
class PersonMonths(ShortRepr):
    """N person-months of n landmarks; what a refit with other weights needs, and nothing to predict with.

    Parameters
    ----------
    row, lead, renewal, cause
        Of each person-month: position of its landmark, lead month, whether a term boundary falls in it, and
        0 stays, 1 voluntary, 2 involuntary; shape (N,).
    cells, cell
        The cells of the baseline, and each person-month's position in them.
    tree_row
        Each person-month's position among the rows of the trees.
    tree_landmark, tree_cause
        Of each row of the trees: its landmark, and the cause of its event (0: months without event).
    period
        Number of the renewal that falls in the person-month (0 where none does).
    dataset
        The binned rows of the trees.
    """

    row: Positions
    lead: Positions
    renewal: Positions
    cause: Positions
    cells: Cells
    cell: Positions
    tree_row: Positions
    tree_landmark: Positions
    tree_cause: Positions
    period: Positions
    dataset: lgb.Dataset


def encode(encoding: FrameEncoding, features: Features, rows: Positions | None = None) -> SmallFloats:
    """Return ``features``, or some ``rows``, as a float32 matrix; columns the encoding does not know are left out.

    Raises
    ------
    DataError
        A column is missing, or of another kind than the encoding learnt.
    """
    frame = features.frame if isinstance(features, SharedRows) else features
    missing = [name for name in encoding.columns if name not in frame.columns]
    if missing:
        raise DataError(
            f"expected the {len(encoding.columns)} features the model was fitted on, '{missing[0]}' is missing"
            f" ({len(missing)} in all); build the features with the same configuration"
        )
    if isinstance(features, SharedRows):
        whole = features.encoded(encoding, "float32")
        return whole if rows is None else whole[rows]
    return encoding.matrix(frame if rows is None else frame.iloc[rows]).astype(np.float32)


def design_columns(encoded: SmallFloats, state: ContractState) -> SmallFloats:
    """Return features, contract state and three empty columns for :func:`lead_columns`, (n, p + 9)."""
    contract = np.column_stack([getattr(state, name) for name in _STATE]).astype(np.float32)
    return np.hstack([encoded, contract, np.zeros((len(encoded), _LEAD), dtype=np.float32)])


def lead_columns(
    design: SmallFloats, state: ContractState, bucket: Positions | int, renewal: Positions | int, start: Positions | int
) -> None:
    """Write bucket, renewal flag and number of the next renewal into the last columns of ``design``.

    Parameters
    ----------
    design, state
        The same m rows.
    bucket, renewal, start
        Bucket of leads, renewal flag and first lead of the bucket, (m,) or scalars.
    """
    passed = state.boundaries_until(np.asarray(start) - 1.0)
    design[:, -3] = bucket
    design[:, -2] = renewal
    design[:, -1] = state.renewals_done + passed


def _read_leads(leads: pd.DataFrame, state: ContractState) -> tuple[Positions, Positions, Positions, Positions]:
    """Check the long frame of leads and return row, lead, renewal and cause, each (N,).

    Raises
    ------
    DataError
        A column is missing, a row points outside the landmarks or to one that does not run, or a lead or
        cause has an impossible value.
    """
    missing = [name for name in ("row", "lead", "renewal", "cause") if name not in leads.columns]
    if missing:
        raise DataError(f"leads: expected the column '{missing[0]}', it is missing; see lead_outcomes")
    row, lead, renewal, cause = (leads[name].to_numpy().astype(np.intp) for name in ("row", "lead", "renewal", "cause"))
    if len(row) and (row.min() < 0 or row.max() >= len(state)):
        raise DataError(f"leads: expected rows in 0..{len(state) - 1}, got {row.min()}..{row.max()}")
    if (lead < 1).any() or not np.isin(cause, (0, 1, 2)).all():
        raise DataError("leads: expected leads from 1 and causes 0, 1 or 2, got others; see lead_outcomes")
    if not state.running[row].all():
        wrong = int((~state.running[row]).sum())
        raise DataError(f"leads: expected leads of running landmarks only, {wrong} belong to ended ones")
    return row, lead, renewal, cause


def _cells_of(state: ContractState, row: Positions, lead: Positions, renewal: Positions) -> tuple[Cells, Positions]:
    """Return the distinct cells of person-months, and the position of each person-month in them."""
    sub = state.take(row)
    first = sub.boundaries_until(lead - 1.0) < 1
    parts = (term_class(sub.term_months), renewal, sub.cancel_pending.astype(np.intp), first.astype(np.intp), lead)
    sizes = [int(part.max()) + 1 for part in parts]
    code, cell = np.unique(np.ravel_multi_index(parts, sizes), return_inverse=True)
    return Cells(*np.unravel_index(code, sizes)), cell


def _rows_of_trees(
    row: Positions, bucket: Positions, renewal: Positions, cause: Positions
) -> tuple[Positions, Positions]:
    """Return one person-month for each tree row, and the tree row of each person-month.

    A tree row is a landmark in a bucket of leads, in renewal months or others, apart for each cause.
    """
    key = ((row * 16 + bucket) * 2 + renewal) * 3 + cause
    _, example, tree_row = np.unique(key, return_index=True, return_inverse=True)
    return example, tree_row


def count_person_months(
    design: SmallFloats, state: ContractState, leads: pd.DataFrame, dataset: dict[str, Any], categorical: list[int]
) -> PersonMonths:
    """Return the person-months of ``leads`` with their cells and binned tree rows.

    Parameters
    ----------
    design, state
        :func:`design_columns` and state of the n landmarks.
    leads
        Long frame of row, lead, renewal, cause.
    dataset
        Parameters of the LightGBM data set.
    categorical
        Positions of the columns of codes.

    Raises
    ------
    DataError
        ``leads`` is not as lead_outcomes makes it, or is empty.
    """
    row, lead, renewal, cause = _read_leads(leads, state)
    if not len(row):
        raise DataError("leads: expected at least one observed month of a running subscription, got none")
    bucket = bucket_of(lead)
    cells, cell = _cells_of(state, row, lead, renewal)
    example, tree_row = _rows_of_trees(row, bucket, renewal, cause)
    landmark = row[example]
    values = design[landmark]
    starts = BUCKET_STARTS[bucket[example]]
    lead_columns(values, state.take(landmark), bucket[example], renewal[example], starts)
    data = BinnedRows(values, np.zeros(len(values)), params=dataset, categorical_feature=categorical)
    period = np.where(renewal, state.renewals_done[row] + state.take(row).boundaries_until(lead), 0)
    return PersonMonths(
        row,
        lead,
        renewal,
        cause,
        cells,
        cell,
        tree_row,
        landmark,
        cause[example],
        np.maximum(period, renewal).astype(np.intp),
        data.construct(),
    )
