"""Reasons for everybody on a list, from the models that scored them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...features.catalogue.catalogue import build_features
from ...features.tables.tables import Opener
from ...models.fitting.encoding import encodings_of
from ...tracking import Tracker
from ..scores.inputs import readable_features
from ..scores.reason_features import read_reason_features
from ..scores.reasons import REASONS, reasons, without_words
from ..scores.score import SCORES
from .scored import run_facts, stored

__all__ = ["with_reasons"]


def with_reasons(config: Config, scores: Path, chosen: pd.DataFrame, opened: Opener) -> pd.DataFrame:
    """Return the chosen with reasons for every one of them, from the model version that scored them.

    Scoring explains the riskiest only, and keeps what the others' reasons need. Where a folder holds scores without
    it, features are built again at the instant of the scores: they are the same whenever they are built. Scores
    without a churn model have none, nor do customers who have left already.
    """
    said = pd.read_parquet(stored(scores, SCORES), columns=["customer_id", *REASONS], partitioning=None)
    chosen = chosen.merge(said, on="customer_id", how="left", validate="many_to_one")
    lacking = chosen[chosen["reason_1"].isna() & chosen["churn_model_version"].notna()]
    if lacking.empty:
        return chosen
    number = int(lacking["churn_model_version"].iloc[0])
    churn = Tracker.of(config).read(config.model_name("churn"), number)
    spine = lacking[["customer_id", "as_of"]].reset_index(drop=True)
    columns = list(churn.model.columns)
    built = read_reason_features(scores, run_facts(scores), spine["customer_id"], columns)
    if built is None:
        built = build_features(opened(config), spine, columns)
    features, _ = readable_features(config, spine, built, encodings_of(churn.model.final))
    words = reasons(churn.model, features, np.ones(len(spine), dtype=bool), config).set_axis(lacking.index)
    explained = chosen.copy()
    explained.loc[lacking.index, list(REASONS)] = words
    scored = explained["churn_model_version"].notna()
    explained["reason_1"] = explained["reason_1"].where(explained["reason_1"].notna() | ~scored, without_words(config))
    return explained
