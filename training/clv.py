"""The CLV job: landmarks, fit with bootstrap twins, judged on the latest snapshot that can be judged."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..core.errors import DataError
from ..core.exchange import ClvInputs
from ..core.hashing import customer_weights
from ..core.progress import Say
from ..core.time import DAYS_PER_MONTH
from ..features.inputs import clv_inputs, noncontractual_lines, separate_kinds
from ..features.landmarks import landmark_money, lead_outcomes, restart_outcomes
from ..features.outcomes import realised_value
from ..features.sources import Tables
from ..features.spine import customer_spine, is_contractual
from ..models.clv import ContractualCLV
from ..models.metrics import ValueReport, value_report
from ..models.noncontractual import NonContractualCLV
from ..models.portfolio import ClvModel, PortfolioCLV
from .snapshots import sample_customers, snapshot_instants

__all__ = ["ClvHoldout", "clv_holdout", "fit_clv", "judge_clv"]

_LEADS_PER_LANDMARK = 12
_EVERY = 3


@dataclass(frozen=True)
class _Training:
    """Landmarks with what was known at them and what came after."""

    customers: pd.Series
    inputs: ClvInputs
    leads: pd.DataFrame | None
    restarts: pd.DataFrame | None
    money: pd.DataFrame | None
    line_customers: dict[str, pd.Series]
    line_summaries: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class ClvHoldout:
    """The snapshot that judges: its customers, what they brought in afterwards, and the naive forecasts.

    ``days`` is the length of the window; ``naive`` extrapolates each customer's past rate, ``mean`` gives
    everybody the average of the window before.
    """

    as_of: pd.Timestamp
    days: int
    inputs: ClvInputs
    realised: NDArray[np.float64]
    naive: NDArray[np.float64]
    mean: NDArray[np.float64]


def holdout_days(tables: Tables) -> int:
    """Return the length of the window on which CLV is judged: the follow-up of the config."""
    return tables.config.incremental.follow_up_days


def clv_holdout(tables: Tables) -> ClvHoldout:
    """Return the last snapshot whose window is over, with realised value and naive forecasts.

    Raises
    ------
    DataError
        No snapshot lies a window before the end of the data and a window after the first.
    """
    days = holdout_days(tables)
    window = pd.Timedelta(days=days)
    instants = snapshot_instants(tables)
    usable = [i for i in instants if i + window <= tables.data_until]
    if not usable or usable[-1] - window < instants[0]:
        raise DataError(
            f"expected a snapshot at least {days} days after the first one ({instants[0]:%Y-%m-%d}) and {days} days"
            f" before the data end ({tables.data_until:%Y-%m-%d}) to judge CLV on, got none; bring longer tables"
            " or shorten incremental.follow_up_days"
        )
    as_of = usable[-1]
    spine = sample_customers(customer_spine(tables, [as_of]), tables.config.models.max_rows, tables.config.seed)
    past = realised_value(tables, spine.assign(as_of=as_of - window), as_of)["value"].to_numpy()
    return ClvHoldout(
        as_of=as_of,
        days=days,
        inputs=clv_inputs(tables, spine),
        realised=realised_value(tables, spine, as_of + window)["value"].to_numpy(),
        naive=past,
        mean=np.full(len(spine), past.mean()),
    )


def judge_clv(model: PortfolioCLV, holdout: ClvHoldout) -> ValueReport:
    """Return how a model's forecast of the window compares with what happened."""
    return value_report(holdout.realised, forecast(model, holdout))


def forecast(model: PortfolioCLV, holdout: ClvHoldout) -> NDArray[np.float64]:
    """Return the value that a model expects over the window, (n,)."""
    return model.predict(holdout.inputs, horizon_months=holdout.days / DAYS_PER_MONTH)


def fit_clv(tables: Tables, say: Say, *, judged_at: pd.Timestamp) -> ClvModel:
    """Fit the CLV model on everything observed, its bootstrap twins, and the twin that is judged.

    Parameters
    ----------
    tables
        The business's tables.
    say
        Told about each step.
    judged_at
        The judged twin learns only from what had been observed by then.
    """
    config = tables.config
    say("CLV: fit on what was known before the held-out snapshot")
    earlier = dataclasses.replace(tables, data_until=judged_at)
    judged = _fit(earlier, _training(earlier), None)
    say("CLV: landmarks and outcomes")
    training = _training(tables)
    say("CLV: fit")
    point = _fit(tables, training, None)
    draws = []
    for draw in range(config.incremental.bootstrap):
        say(f"CLV: bootstrap twin {draw + 1} of {config.incremental.bootstrap}")
        draws.append(_fit(tables, training, draw))
    return ClvModel(
        point=point,
        draws=tuple(draws),
        judged=judged,
        horizon_months=config.value.horizon_months,
        seed=config.seed,
    )


def _training(tables: Tables) -> _Training:
    """Collect landmarks every third snapshot, and for each line its customers at the end of the data."""
    config = tables.config
    lines = noncontractual_lines(tables)
    last = customer_spine(tables, [tables.data_until])
    summaries = clv_inputs(tables, last, features=pd.DataFrame(index=last.index)).summaries if lines else {}
    line_customers = dict.fromkeys(lines, last["customer_id"])
    if not is_contractual(tables):
        empty = ClvInputs(pd.DataFrame(), None, {})
        return _Training(last["customer_id"], empty, None, None, None, line_customers, dict(summaries))
    instants = [i for i in snapshot_instants(tables) if i + pd.Timedelta(days=DAYS_PER_MONTH) <= tables.data_until]
    instants = instants[::-1][::_EVERY][::-1] or instants
    spine = customer_spine(tables, instants)
    spine = sample_customers(spine, config.models.max_rows // _LEADS_PER_LANDMARK, config.seed)
    months = config.value.horizon_months
    ends = spine["as_of"] + pd.Timedelta(days=holdout_days(tables))
    money = landmark_money(tables, spine, ends.clip(upper=tables.data_until), exclude_kinds=separate_kinds(tables))
    return _Training(
        spine["customer_id"],
        clv_inputs(tables, spine),
        lead_outcomes(tables, spine, months),
        restart_outcomes(tables, spine, months),
        money,
        line_customers,
        dict(summaries),
    )


def _fit(tables: Tables, training: _Training, draw: int | None) -> PortfolioCLV:
    """Fit all lines; ``draw`` names the bootstrap weights, None means every customer counts once."""
    config = tables.config

    def weights(customers: pd.Series) -> NDArray[np.float64] | None:
        return None if draw is None else customer_weights(customers, config.seed, draw)

    contractual = None
    if training.leads is not None:
        contractual = ContractualCLV(
            margin_rate=config.value.margin_rate,
            annual_discount_rate=config.value.annual_discount_rate,
            seed=config.seed,
        ).fit(
            training.inputs.features,
            training.inputs.contract,
            training.leads,
            training.restarts,
            training.money,
            sample_weight=weights(training.customers),
        )
    lines = {
        name: NonContractualCLV().fit(summary, sample_weight=weights(training.line_customers[name]))
        for name, summary in training.line_summaries.items()
    }
    return PortfolioCLV(contractual, lines, config.value.margin_rate, config.value.annual_discount_rate)
