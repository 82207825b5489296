"""Score the customer base with the champions: churn, value, and what each action would cause."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ... import __version__
from ...core.action_cost import CONFIGURED
from ...core.config.business import Config, ModelKind
from ...core.errors import ModelError
from ...core.files import complete_folder
from ...core.progress import Say, silent
from ...core.records import ClvInputs
from ...features.catalogue.catalogue import build_features
from ...features.outcomes.churn_labels import churn_labels
from ...features.outcomes.clv_inputs import clv_inputs
from ...features.tables.tables import Tables, open_tables
from ...features.timeline.spine import customer_spine, is_contractual, running_spine
from ...features.trials.decisions import eligible
from ...models.portfolio import at_risk
from ...tracking import Loaded, Tracker
from .export import check_as_of
from .reasons import reasons

__all__ = ["ACTION_VALUES", "RUN", "SCORES", "ScoreOutcome", "score"]

SCORES = "scores.parquet"
ACTION_VALUES = "action_values.parquet"
RUN = "run.json"

_CHURN = ["churn_probability", "churn_probability_voluntary", "churn_probability_involuntary"]
_CLV = ["clv", "clv_low", "clv_high"]
_UNTRAINED = "`servicelift train` says what its training lacks"


@dataclass(frozen=True)
class ScoreOutcome:
    """Where the scores are, how many, by which versions, and what could not be scored and why."""

    out: Path
    customers: int
    pairs: int
    versions: dict[str, int | None]
    lacking: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        used = ", ".join(f"{name} {version}" for name, version in self.versions.items() if version is not None)
        return [
            f"{self.customers:,} customers scored, {self.pairs:,} customer-action values: {self.out} ({used})",
            *(f"{name}: not scored: {reason}" for name, reason in self.lacking.items()),
        ]


def score(config: Config, as_of: pd.Timestamp, out: Path, say: Say = silent) -> ScoreOutcome:
    """Write scores.parquet, action_values.parquet and run.json to ``out``, all or nothing.

    Customers with a cancellation pending are no longer at risk of deciding: their churn probabilities are
    null. Models that have no champion leave their columns null, and the outcome says so.

    Raises
    ------
    ServiceliftError
        The tables break the contract, ``as_of`` lies after their end, there is nobody to score, or there is
        no champion of the churn model.
    """
    say("tables: open and check")
    tables = open_tables(config)
    check_as_of(tables, as_of)
    say("champions: load")
    tracker = Tracker.of(config)
    churn = tracker.load(config.model_name("churn"))
    clv, incremental = tracker.find(config.model_name("clv")), tracker.find(config.model_name("incremental"))
    pairs: tuple[tuple[ModelKind, Loaded | None], ...] = (("clv", clv), ("incremental", incremental))
    lacking: dict[str, str] = {
        kind: f"no champion '{config.model_name(kind)}'; {tracker.remedy(config.model_name(kind), _UNTRAINED)}"
        for kind, model in pairs
        if model is None
    }
    say("features: build")
    spine = running_spine(tables, [as_of]) if is_contractual(tables) else customer_spine(tables, [as_of])
    if spine.empty:
        raise ModelError(f"expected customers to score at {as_of:%Y-%m-%d}, found none; check --as-of and the tables")
    features = build_features(tables, spine)
    say("scores: churn, value, reasons")
    inputs = clv_inputs(tables, spine, features) if clv else None
    scores = _scores(tables, spine, features, churn, clv, inputs)
    say("action values")
    values = _action_values(tables, spine, _with_risk(features, clv, inputs), incremental)
    versions = {
        "churn": churn.version,
        "clv": clv.version if clv else None,
        "incremental": incremental.version if incremental else None,
    }
    for name, version in versions.items():
        scores[f"{name}_model_version"] = pd.array([version] * len(scores), dtype="Int64")
    facts = {
        "business": config.business,
        "as_of": str(as_of),
        "data_until": str(tables.data_until),
        "servicelift": __version__,
        "model_versions": versions,
        "customers": len(scores),
        "customer_action_pairs": len(values),
        "not_scored": lacking,
        "action_costs": _action_costs(incremental),
    }
    with complete_folder(out) as folder:
        scores.to_parquet(folder / SCORES, index=False)
        values.to_parquet(folder / ACTION_VALUES, index=False)
        (folder / RUN).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return ScoreOutcome(out, len(scores), len(values), versions, lacking)


def _scores(
    tables: Tables,
    spine: pd.DataFrame,
    features: pd.DataFrame,
    churn: Loaded,
    clv: Loaded | None,
    inputs: ClvInputs | None,
) -> pd.DataFrame:
    frame = spine.copy()
    open_to_leave = churn_labels(tables, spine)["at_risk"].to_numpy()
    frame[_CHURN] = predictions(churn, features)[_CHURN].to_numpy()
    frame.loc[~open_to_leave, _CHURN] = np.nan
    if clv is None or inputs is None:
        frame[_CLV] = np.nan
    else:
        frame[_CLV] = _clv_frame(clv, inputs)[_CLV].to_numpy()
    looked_at = _top_share(frame["churn_probability"], tables.config.models.explain_share)
    return pd.concat([frame, reasons(churn.model, features, looked_at, tables.config)], axis=1)


def _top_share(risk: pd.Series, share: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the riskiest ``share`` of the rows as a mask; rows without risk are never in it."""
    most = int(np.ceil(share * int(risk.notna().sum())))
    top = np.zeros(len(risk), dtype=bool)
    top[np.argsort(-risk.fillna(-1.0).to_numpy(), kind="stable")[:most]] = True
    return top


def _with_risk(features: pd.DataFrame, clv: Loaded | None, inputs: ClvInputs | None) -> pd.DataFrame:
    """Return the features with the value at risk, from which action values are spread over customers."""
    if clv is None or inputs is None:
        return features
    risk = at_risk(clv.model.final, inputs, horizon_months=clv.model.horizon_months)
    return pd.concat([features, risk.set_axis(features.index)], axis=1)


def _clv_frame(clv: Loaded, inputs: ClvInputs) -> pd.DataFrame:
    return predictions(clv, inputs.to_frame())


def predictions(loaded: Loaded, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a champion's predictions, one row for each row of ``frame``.

    Raises
    ------
    ModelError
        The champion was trained on columns that these tables do not give.
    """
    missing = [name for name in loaded.model.columns if name not in frame.columns]
    if missing:
        raise ModelError(
            f"champion '{loaded.name}' version {loaded.version} was trained on '{missing[0]}'"
            f" ({len(missing)} such columns), which these tables do not give; bring the table or train again"
        )
    result: pd.DataFrame = loaded.model.predict_frame(frame)
    return result


def _action_costs(incremental: Loaded | None) -> dict[str, dict[str, Any]]:
    """Return what an offer of each action costs and by which rule, as the champion learnt it."""
    if incremental is None:
        return {}
    rules = incremental.model.cost_rules()
    return {
        action: {"unit": cost, "source": CONFIGURED} if rules[action] is None else rules[action].facts()
        for action, cost in incremental.model.costs().items()
    }


def _action_values(
    tables: Tables, spine: pd.DataFrame, features: pd.DataFrame, incremental: Loaded | None
) -> pd.DataFrame:
    parts = []
    if incremental is not None:
        predicted = predictions(incremental, features)
        for action, cost in incremental.model.costs().items():
            fits = eligible(tables, spine, action, features).to_numpy()
            part = spine[fits].assign(action=action)
            for end in ("", "_low", "_high"):
                part[f"incremental_clv{end}"] = predicted.loc[fits, f"{action}.incremental_clv{end}"].to_numpy()
            parts.append(part.assign(cost=cost, net_value=part["incremental_clv"] - cost))
    columns = ["customer_id", "as_of", "action", "incremental_clv", "incremental_clv_low", "incremental_clv_high"]
    columns += ["cost", "net_value"]
    if not parts:
        return spine.iloc[:0].reindex(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns]
