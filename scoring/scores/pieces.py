"""Who there is to score, piece by piece: features are built block by block, so that memory does not grow with them.

A block is what the tables are read for at once: reading them costs the same for few customers as for many. A piece is
what the models are asked at once. Neither depends on the machine, so that results do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.contract_state import LAPSED
from ...core.errors import ModelError
from ...core.records import ClvInputs
from ...core.short_repr import ShortRepr
from ...core.time import local_day
from ...features.catalogue.aggregate import block_size
from ...features.catalogue.catalogue import build_features, feature_names
from ...features.outcomes.churn_labels import at_risk
from ...features.outcomes.clv_inputs import clv_inputs
from ...features.tables.tables import Tables
from ...features.timeline.spine import customer_spine, is_contractual, lapsed_spine, running_spine
from ...features.timeline.waiting import waiting
from ...features.trials.eligibility import action_config, eligible_for_each
from ...models.portfolio import AT_RISK
from .champions import Champions, check_columns
from .inputs import InputCounts
from .kept_pieces import KeptPieces
from .one_piece import Piece

__all__ = ["PIECE", "Customers", "check_anybody", "pieces"]

PIECE = 16_384
"""Customers whom the models are asked for at once."""


@dataclass(frozen=True)
class Customers(ShortRepr):
    """Who there is to score at an instant: those who run (without contracts all), and the lapsed who may get an action.

    Parameters
    ----------
    running, lapsed
        Spines, sorted by customer.
    actions
        Those of the incremental champion that are for the customers who run.
    fitting
        Who of ``lapsed`` may get each action that is for them.
    """

    running: pd.DataFrame
    lapsed: pd.DataFrame
    actions: tuple[str, ...]
    fitting: Mapping[str, Bools]

    @classmethod
    def at(cls, tables: Tables, as_of: pd.Timestamp, champions: Champions) -> Customers:
        """Find them.

        Raises
        ------
        ModelError
            The champion learnt an action from customers in another state than the config's.
        """
        spine = running_spine(tables, [as_of]) if is_contractual(tables) else customer_spine(tables, [as_of])
        states = _states(tables, champions)
        actions = tuple(name for name, state in states.items() if state != LAPSED)
        others = [name for name, state in states.items() if state == LAPSED]
        if not others:
            return cls(spine, spine.iloc[:0], actions, {})
        left = lapsed_spine(tables, [as_of])
        fitting = _eligible(tables, left, others)
        able = np.logical_or.reduce(list(fitting.values()))
        kept = left[able].reset_index(drop=True)
        return cls(spine, kept, actions, {name: fits[able] for name, fits in fitting.items()})

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.running) + len(self.lapsed)


def check_anybody(running: int, tables: Tables, as_of: pd.Timestamp) -> None:
    """Stop where no customer runs.

    Raises
    ------
    ModelError
        There is nobody to score.
    """
    if not running:
        day = local_day(as_of, tables.config.timezone)
        raise ModelError(f"expected customers to score at {day}, found none; check --as-of and the tables")


def pieces(
    tables: Tables,
    customers: Customers,
    champions: Champions,
    kept: KeptPieces,
    counts: tuple[InputCounts, InputCounts],
    first: int = 0,
) -> Iterator[Piece]:
    """Yield the customers who run, then those who lapsed, some thousands at a time.

    Parameters
    ----------
    tables, customers, champions
        Of the scores.
    kept
        Pieces that are done already: they are left out, and so is a block of them.
    counts
        Of those who run, and of the lapsed: told of the features of each; what the models cannot use is counted.
    first
        Number of the first piece.

    Raises
    ------
    ModelError
        A champion was trained on columns that these tables do not give.
    """
    for block in _blocks(tables, customers.running, champions, kept, counts[0], first):
        why = waiting(tables, block.spine)
        free = (why == "").to_numpy()
        eligible = eligible_for_each(tables, block.spine, customers.actions, block.features)
        fitting = {name: fits.to_numpy() & free for name, fits in eligible.items()}
        risky = None if champions["churn"] is None else at_risk(tables, block.spine)
        for place, some in block.lacking(kept):
            fits_some = {name: fits[some] for name, fits in fitting.items()}
            yield block.piece(place, some, fits_some, why.iloc[some], None if risky is None else risky[some])
    beyond = first + -(-len(customers.running) // PIECE)
    for block in _blocks(tables, customers.lapsed, champions, kept, counts[1], beyond):
        for place, some in block.lacking(kept):
            fits_some = {name: fits[block.rows][some] for name, fits in customers.fitting.items()}
            yield block.piece(place, some, fits_some)


@dataclass(frozen=True)
class _Block(ShortRepr):
    """Customers whose features are built at once: rows of a spine, the number of their first piece, what is known."""

    rows: slice
    first: int
    spine: pd.DataFrame
    features: pd.DataFrame
    inputs: ClvInputs | None

    def lacking(self, kept: KeptPieces) -> Iterator[tuple[int, slice]]:
        """Yield number and rows of the pieces that are not done."""
        for place, some in enumerate(_slices(len(self.spine), PIECE), start=self.first):
            if not kept.has(place):
                yield place, some

    def piece(
        self,
        place: int,
        some: slice,
        fitting: Mapping[str, Bools],
        why: pd.Series | None = None,
        risky: Bools | None = None,
    ) -> Piece:
        """Return some of its customers; their features stand in the piece once."""
        rows, inputs = np.arange(some.start, some.stop), self.inputs
        known = self.features.take(rows)
        if inputs is not None:
            contract = None if inputs.contract is None else inputs.contract.take(rows)
            inputs = ClvInputs(known, contract, {name: line.take(rows) for name, line in inputs.summaries.items()})
        return Piece(place, self.spine.take(rows), known, inputs, fitting, why, risky)


def _blocks(
    tables: Tables, spine: pd.DataFrame, champions: Champions, kept: KeptPieces, counts: InputCounts, first: int
) -> Iterator[_Block]:
    """Yield the blocks of a spine of which some piece is not done, and count what is in all of them."""
    for rows in _slices(len(spine), _block(tables, len(spine))):
        place, many = first + rows.start // PIECE, -(-(rows.stop - rows.start) // PIECE)
        done = kept.counts(place) if kept.whole(place, many) else None
        if done is not None:
            counts.add(done)
            continue
        part = spine.iloc[rows].reset_index(drop=True)
        counted = counts.fresh()
        features = counted.readable(part, build_features(tables, part))
        kept.keep_counts(place, counted.counted())
        counts.add(counted.counted())
        inputs = clv_inputs(tables, part, features) if champions["clv"] else None
        if rows.start == 0:
            _check_columns(champions, features, inputs)
        yield _Block(rows, place, part, features, inputs)


def _slices(n: int, size: int) -> Iterator[slice]:
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def _block(tables: Tables, n: int) -> int:
    """Return of how many customers features are built at once: blocks of about one size, of whole pieces."""
    most = max(block_size(len(feature_names(tables))) // PIECE, 1)
    all_pieces = -(-n // PIECE)
    blocks = max(-(-all_pieces // most), 1)
    return max(-(-all_pieces // blocks), 1) * PIECE


def _states(tables: Tables, champions: Champions) -> dict[str, str]:
    """Return whom each action is for, as the champion learnt it and the config says."""
    loaded = champions["incremental"]
    if loaded is None:
        return {}
    for action, model in loaded.model.final.items():
        wanted = action_config(tables, action).state
        if model.state != wanted:
            raise ModelError(
                f"champion '{loaded.name}' version {loaded.version} learnt action '{action}' from {model.state}"
                f" customers, the config says state: {wanted}; train again"
            )
    return {action: str(model.state) for action, model in loaded.model.final.items()}


def _eligible(tables: Tables, spine: pd.DataFrame, actions: list[str]) -> dict[str, Bools]:
    """Return who of a spine could get each of ``actions``, asked block by block."""
    found: dict[str, list[Bools]] = {name: [] for name in actions}
    for rows in _slices(max(len(spine), 1), _block(tables, len(spine))):
        part = spine.iloc[rows].reset_index(drop=True)
        for name, fits in eligible_for_each(tables, part, actions).items():
            found[name].append(fits.to_numpy(dtype=bool))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _check_columns(champions: Champions, features: pd.DataFrame, inputs: ClvInputs | None) -> None:
    """Stop where a champion was trained on columns that are not there."""
    churn, clv, effects = (champions[kind] for kind in ("churn", "clv", "incremental"))
    there = features.columns
    if churn is not None:
        check_columns(churn, there)
    if clv is not None and inputs is not None:
        check_columns(clv, inputs.take(np.arange(0)).to_frame().columns)
        if inputs.contract is not None and clv.model.final.contractual is not None:
            there = there.append(pd.Index(AT_RISK))
    if effects is not None:
        check_columns(effects, there)
