"""The trees' settings for a business: searched before the held-out snapshots, within the config's budget."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..core.arrays import Ints
from ..core.config.business import Config
from ..core.progress import Say
from ..models.churn.competing import CompetingChurn
from ..tracking import Run

if TYPE_CHECKING:
    from ..models.churn.tuning import Tuned

__all__ = ["cause_log_loss", "searched", "study_name"]


def searched(
    fit: Callable[[dict[str, Any]], CompetingChurn],
    validation: tuple[pd.DataFrame, Ints],
    config: Config,
    name: str,
    run: Run,
    say: Say,
) -> dict[str, Any]:
    """Return the settings that predict the causes of the validation part best; the trials are logged.

    Parameters
    ----------
    fit
        Fits the model with given settings to what came before the validation part.
    validation
        Features (m, columns) and causes (m,).
    config
        Whose budget it is; a budget of trials alone gives the same settings every time.
    name
        Name of the study, of :func:`study_name`.
    run, say
        Where the trials are logged; told about each trial.
    """
    # Optuna takes a second to import, and most trainings do not search.
    from ..models.churn.tuning import open_study, tune

    budget = config.churn.tuning
    features, cause = validation
    begun = 0

    def loss_of(settings: dict[str, Any]) -> float:
        nonlocal begun
        begun += 1
        say(f"churn: tuning, trial {begun} of at most {budget.trials} in this run")
        return cause_log_loss(fit(settings), features, cause)

    storage = None if budget.file is None else f"sqlite:///{config.resolve(budget.file)}"
    study = open_study(name, storage)
    tuned = tune(loss_of, study, trials=budget.trials, seconds=budget.seconds, seed=config.seed)
    _log(tuned, run)
    return tuned.settings


def _log(tuned: Tuned, run: Run) -> None:
    run.table(tuned.trials, "tuning.csv")
    run.params({f"tuned_{key}": value for key, value in tuned.settings.items()})
    run.metrics(
        {
            "tuning_trials": len(tuned.trials),
            "tuning_validation_loss": tuned.loss,
            "tuning_validation_loss_of_defaults": tuned.default_loss,
        }
    )


def cause_log_loss(model: CompetingChurn, features: pd.DataFrame, cause: Ints) -> float:
    """Return the mean of -log of the probability given to the cause (0 stays) that struck."""
    given = model.predict_causes(features)[np.arange(len(cause)), cause]
    return float(-np.mean(np.log(np.clip(given, 1e-15, 1))))


def study_name(config: Config, features: pd.DataFrame, cause: Ints, spine: pd.DataFrame) -> str:
    """Return a name that stands for business, seed, label, constraints and every row: other data, another study."""
    label = config.churn.model_dump(mode="json", include={"horizon_days", "grace_days", "monotone"})
    said = {"seed": config.seed, "churn": label, "lightgbm": version("lightgbm")}
    digest = hashlib.sha256(json.dumps([said, list(map(str, features.columns))], sort_keys=True).encode())
    for frame in (features, spine[["customer_id", "as_of"]]):
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    digest.update(cause.tobytes())
    return f"{config.business}-churn-{digest.hexdigest()[:16]}"
