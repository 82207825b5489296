"""Reasons for everybody on a list, from the models that scored them: why at risk, and why this action."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.hashing import uniform_hash
from ...core.records import ClvInputs
from ...features.catalogue.catalogue import build_features
from ...features.outcomes.clv_inputs import clv_inputs
from ...features.tables.tables import Opener, Tables
from ...models.fitting.encoding import encodings_of
from ...models.portfolio import AT_RISK
from ...tracking import Tracker
from ..scores.inputs import readable_features
from ..scores.reason_features import read_reason_features
from ..scores.reasons import REASONS, reasons, without_words
from ..scores.score import SCORES, reasons_facts
from .action_reasons import ACTION_REASONS, ActionValue, action_reasons, check_answers, usual
from .scored import run_facts, stored

__all__ = ["least_risk", "with_action_reasons", "with_reasons"]

_SAMPLE = 1_000
"""Customers of the scores by whom it is told what is usual."""


def with_reasons(config: Config, scores: Path, chosen: pd.DataFrame, opened: Opener) -> pd.DataFrame:
    """Return the chosen with reasons for every one of them, from the model version that scored them.

    Scoring explains the riskiest only, and keeps what the others' reasons need. Where a folder holds scores without
    it, features are built again at the instant of the scores: they are the same whenever they are built. Scores
    without a churn model have none, nor do customers who have left already. Reasons that were written in another
    language, or when something else was protected, are written anew.
    """
    facts = run_facts(scores)
    said = pd.read_parquet(stored(scores, SCORES), columns=["customer_id", *REASONS], partitioning=None)
    if facts.get("model_versions", {}).get("churn") and facts.get("reasons") != reasons_facts(config):
        said[list(REASONS)] = None
    chosen = chosen.merge(said, on="customer_id", how="left", validate="many_to_one")
    lacking = chosen[chosen["reason_1"].isna() & chosen["churn_model_version"].notna()]
    if lacking.empty:
        return chosen
    number = int(lacking["churn_model_version"].iloc[0])
    churn = Tracker.of(config).read(config.model_name("churn"), number)
    spine = lacking[["customer_id", "as_of"]].reset_index(drop=True)
    columns = list(churn.model.columns)
    built = read_reason_features(scores, facts, spine["customer_id"], columns)
    if built is None:
        built = build_features(opened(config), spine, columns)
    features, _ = readable_features(config, spine, built, encodings_of(churn.model.final))
    words = reasons(churn.model, features, np.ones(len(spine), dtype=bool), config).set_axis(lacking.index)
    explained = chosen.copy()
    explained.loc[lacking.index, list(REASONS)] = words
    scored = explained["churn_model_version"].notna()
    explained["reason_1"] = explained["reason_1"].where(explained["reason_1"].notna() | ~scored, without_words(config))
    return explained


def with_action_reasons(config: Config, scores: Path, chosen: pd.DataFrame, opened: Opener) -> pd.DataFrame:
    """Return the chosen with the reasons for their action; null where the scores do not say by which models.

    Raises
    ------
    ServiceliftError
        A model that scored is not in the store any more, or the configuration answers a topic that there is not.
    """
    check_answers(config)
    empty = chosen.assign(**dict.fromkeys(ACTION_REASONS))
    versions: Mapping[str, int | None] = run_facts(scores).get("model_versions", {})
    if chosen.empty or not versions.get("incremental"):
        return empty
    value = _action_value(config, versions)
    tables = opened(config)
    known = _known(config, tables, chosen[["customer_id", "as_of"]], value)
    sample = _sample(config, scores, chosen["as_of"].iloc[0])
    usually = usual(_known(config, tables, sample, value))
    words = action_reasons(config, value, known, chosen["action"], usually, chosen["as_of"])
    return empty.assign(**{name: words[name].to_numpy() for name in ACTION_REASONS})


def least_risk(config: Config, scores: Path) -> float:
    """Return the risk of leaving from which reasons for it are worth telling: the config's, else the average one."""
    if config.targets.least_risk is not None:
        return config.targets.least_risk
    risk = pd.read_parquet(stored(scores, SCORES), columns=["churn_probability"], partitioning=None)
    average = risk["churn_probability"].mean()
    return 0.0 if pd.isna(average) else float(average)


def _action_value(config: Config, versions: Mapping[str, int | None]) -> ActionValue:
    """Return the models that said what each action is worth."""
    tracker = Tracker.of(config)
    effects = tracker.read(config.model_name("incremental"), int(versions["incremental"] or 0)).model
    needs_clv = bool(set(AT_RISK) & set(effects.columns)) and versions.get("clv")
    clv = tracker.read(config.model_name("clv"), int(versions["clv"] or 0)).model if needs_clv else None
    return ActionValue(effects, clv)


def _known(config: Config, tables: Tables, spine: pd.DataFrame, value: ActionValue) -> ClvInputs:
    """Return what is known of customers at the instant of the scores, as scoring reads it."""
    rows = spine.reset_index(drop=True)
    encodings = [*encodings_of(value.effects.final), *([] if value.clv is None else encodings_of(value.clv.final))]
    features, _ = readable_features(config, rows, build_features(tables, rows), encodings)
    return clv_inputs(tables, rows, features) if value.clv is not None else ClvInputs(features, None, {})


def _sample(config: Config, scores: Path, as_of: Any) -> pd.DataFrame:
    """Return some of the customers scored, always the same ones."""
    keys = pd.read_parquet(stored(scores, SCORES), columns=["customer_id"], partitioning=None)["customer_id"]
    place = np.argsort(uniform_hash(keys, f"usual/{config.incremental.holdout.salt}"), kind="stable")[:_SAMPLE]
    return pd.DataFrame({"customer_id": keys.iloc[place].to_numpy(), "as_of": as_of})
