"""What each action would cause of each customer who could get it now: running customers, and lapsed ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.contract_state import LAPSED
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr
from ...features.catalogue.catalogue import build_features
from ...features.outcomes.clv_inputs import clv_inputs
from ...features.tables.tables import Tables
from ...features.timeline.spine import lapsed_spine
from ...features.trials.eligibility import action_config, eligible_for_each
from ...models.fitting.encoding import FrameEncoding
from ...models.portfolio import Valuation
from ...models.registered import IncrementalModel
from ...tracking import Loaded
from .champions import Champions, check_columns
from .inputs import readable_features

__all__ = ["Priced", "action_values"]

_COLUMNS = ["customer_id", "as_of", "action", "incremental_clv", "incremental_clv_low", "incremental_clv_high"]
_COLUMNS += ["cost", "net_value", "evidence"]


@dataclass(frozen=True)
class Priced(ShortRepr):
    """Customers whose actions are valued: n spine rows with features, value and whether they may get any, (n,)."""

    spine: pd.DataFrame
    features: pd.DataFrame
    valued: Valuation | None
    free: Bools

    def known(self) -> pd.DataFrame:
        """Return what action models read: values are spread over customers by what they stand to lose."""
        if self.valued is None:
            return self.features
        return pd.concat([self.features, self.valued.at_risk.set_axis(self.features.index)], axis=1)


def action_values(
    tables: Tables,
    as_of: pd.Timestamp,
    champions: Champions,
    running: Priced,
    encodings: Mapping[str, list[FrameEncoding]],
) -> pd.DataFrame:
    """Return one row a customer and action that is possible at ``as_of``, by action.

    Parameters
    ----------
    tables, as_of, champions
        Of the scores; without an incremental champion there are no rows.
    running
        The customers who run, without contracts all. Those who lapsed are read here, if an action is for them.
    encodings
        What the champions learnt of each feature.

    Raises
    ------
    ModelError
        The champion learnt an action from customers in another state than the config's, or on columns that are missing.
    """
    loaded = champions["incremental"]
    if loaded is None:
        return running.spine.iloc[:0].reindex(columns=_COLUMNS)
    names = list(loaded.model.final)
    lapsed = [name for name in names if _state(tables, loaded, name) == LAPSED]
    priced = {name: running for name in names if name not in lapsed}
    parts = _valued(tables, loaded, running, list(priced))
    if lapsed:
        parts |= _valued(tables, loaded, _lapsed(tables, as_of, champions, lapsed, encodings), lapsed)
    return pd.concat([parts[name] for name in names], ignore_index=True)[_COLUMNS]


def _state(tables: Tables, loaded: Loaded, action: str) -> str:
    """Return whom an action is for, as its champion learnt it and the config says."""
    learnt, wanted = loaded.model.final[action].state, action_config(tables, action).state
    if learnt != wanted:
        raise ModelError(
            f"champion '{loaded.name}' version {loaded.version} learnt action '{action}' from {learnt} customers, the"
            f" config says state: {wanted}; train again"
        )
    return str(wanted)


def _lapsed(
    tables: Tables,
    as_of: pd.Timestamp,
    champions: Champions,
    actions: list[str],
    encodings: Mapping[str, list[FrameEncoding]],
) -> Priced:
    """Return the lapsed customers who could get one of ``actions``: features are built of no other."""
    spine = lapsed_spine(tables, [as_of])
    able = np.zeros(len(spine), dtype=bool)
    for fits in eligible_for_each(tables, spine, actions).values():
        able |= fits.to_numpy()
    spine = spine[able].reset_index(drop=True)
    if spine.empty:
        return Priced(spine, pd.DataFrame(), None, np.zeros(0, dtype=bool))
    learnt = [encoding for of_model in encodings.values() for encoding in of_model]
    features, _ = readable_features(tables.config, spine, build_features(tables, spine), learnt)
    clv = champions["clv"]
    if clv is None:
        return Priced(spine, features, None, np.ones(len(spine), dtype=bool))
    inputs = clv_inputs(tables, spine, features)
    check_columns(clv, inputs.take(np.arange(0)).to_frame().columns)
    return Priced(spine, features, clv.model.valuation(inputs), np.ones(len(spine), dtype=bool))


def _valued(tables: Tables, loaded: Loaded, priced: Priced, actions: list[str]) -> dict[str, pd.DataFrame]:
    """Return the values of each of ``actions`` for those who could get it."""
    if priced.spine.empty:
        return {name: priced.spine.reindex(columns=_COLUMNS) for name in actions}
    if not actions:
        return {}
    model: IncrementalModel = loaded.model
    features = priced.known()
    fitting = eligible_for_each(tables, priced.spine, actions, features)
    nobody = np.zeros(len(priced.spine), dtype=bool)
    asked = {name: fitting[name].to_numpy() & priced.free if name in fitting else nobody for name in model.final}
    check_columns(loaded, features.columns)
    predicted = model.predict_frame(features, asked)
    costs, parts = model.costs(), {}
    for action in actions:
        fits = asked[action]
        part = priced.spine[fits].assign(action=action)
        for end in ("", "_low", "_high"):
            part[f"incremental_clv{end}"] = predicted.loc[fits, f"{action}.incremental_clv{end}"].to_numpy()
        part = part.assign(cost=costs[action], net_value=part["incremental_clv"] - costs[action])
        parts[action] = part.assign(evidence=model.final[action].evidence.value)
    return parts
