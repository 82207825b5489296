"""The search for the trees' settings, by Optuna: the same trials give the same settings, whether ended between or not.

Each trial is proposed by a sampler that is sown anew with the number of trials already complete and sees these alone;
only complete trials are kept. A search that was killed and begun again on the same study therefore goes the way that
it would have gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import optuna
import pandas as pd
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy.exc import SQLAlchemyError

from ...core.errors import ConfigError, DataError
from ...core.short_repr import ShortRepr
from .classifier import ChurnClassifier

__all__ = ["SPACE", "Tuned", "open_study", "tune"]

SPACE: Mapping[str, BaseDistribution] = {
    "learning_rate": FloatDistribution(0.01, 0.1, log=True),
    "num_leaves": IntDistribution(4, 63, log=True),
    "min_child_samples": IntDistribution(20, 400, log=True),
    "lambda_l2": FloatDistribution(0.1, 100.0, log=True),
    "feature_fraction": FloatDistribution(0.2, 1.0),
}
"""Settings of :class:`~.classifier.ChurnClassifier` that are searched, and where."""

_STARTUP_TRIALS = 8


@dataclass(frozen=True)
class Tuned(ShortRepr):
    """What a search found.

    Parameters
    ----------
    settings
        Arguments of :class:`~.classifier.ChurnClassifier`.
    loss, default_loss
        Validation loss of ``settings``, and of the default settings, which are the first trial.
    trials
        One row a complete trial: its settings and ``loss``.

    Examples
    --------
    >>> study = open_study("example", None)
    >>> tuned = tune(lambda chosen: chosen["learning_rate"], study, trials=3, seconds=None, seed=0)
    >>> sorted(tuned.settings)
    ['feature_fraction', 'lambda_l2', 'learning_rate', 'min_child_samples', 'num_leaves']
    """

    settings: dict[str, Any]
    loss: float
    default_loss: float
    trials: pd.DataFrame


def open_study(name: str, storage: str | None) -> optuna.Study:
    """Return the study of that name, with the trials that its storage holds already.

    Parameters
    ----------
    name
        Must stand for data, search space and seed: trials of one name are taken as comparable.
    storage
        SQLAlchemy URL such as ``sqlite:///tuning.db``; None for memory.

    Raises
    ------
    ConfigError
        The storage cannot be opened.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(study_name=name, storage=storage, direction="minimize", load_if_exists=True)
    except SQLAlchemyError as error:
        place = (storage or "").partition("///")[2]
        raise ConfigError(f"churn.tuning.file: cannot keep trials in '{place}'; name another file") from error


def tune(
    loss_of: Callable[[dict[str, Any]], float], study: optuna.Study, *, trials: int, seconds: float | None, seed: int
) -> Tuned:
    """Return the settings with the least loss of at most ``trials`` complete trials, those in the study included.

    The first trial are the defaults, so that the search never does worse on the validation part. A budget in trials
    gives the same settings every time; one in seconds depends on the machine.

    Parameters
    ----------
    loss_of
        Validation loss of settings, finite.
    study
        Of :func:`open_study`.
    trials, seconds
        No trial begins once so many are complete, or so many seconds after the call; the first always does.
    seed
        Seed of the sampler.

    Raises
    ------
    DataError
        ``trials`` is below 1.

    Examples
    --------
    >>> study = open_study("example", None)
    >>> tuned = tune(lambda chosen: abs(chosen["num_leaves"] - 31), study, trials=5, seconds=None, seed=0)
    >>> len(tuned.trials), tuned.loss <= tuned.default_loss
    (5, True)
    """
    if trials < 1:
        raise DataError(f"expected a budget of at least 1 trial, got {trials}")
    begun = time.monotonic()
    while (done := len(_complete(study))) < trials:
        if done and seconds is not None and time.monotonic() - begun > seconds:
            break
        settings = _proposed(_complete(study), seed + done)
        study.add_trial(create_trial(params=settings, distributions=dict(SPACE), value=loss_of(dict(settings))))
    complete = _complete(study)[:trials]
    best = min(complete, key=lambda trial: (trial.value, trial.number))
    rows = pd.DataFrame([{**trial.params, "loss": trial.value} for trial in complete])
    return Tuned(dict(best.params), float(rows["loss"].min()), float(rows["loss"].iloc[0]), rows)


def _proposed(complete: list[FrozenTrial], seed: int) -> dict[str, Any]:
    """Return the settings to try after ``complete``; the defaults come first."""
    if not complete:
        defaults = ChurnClassifier().get_params()
        return {name: defaults[name] for name in SPACE}
    study = optuna.create_study(direction="minimize", sampler=TPESampler(seed=seed, n_startup_trials=_STARTUP_TRIALS))
    study.add_trials(complete)
    return dict(study.ask(dict(SPACE)).params)


def _complete(study: optuna.Study) -> list[FrozenTrial]:
    """Return complete trials in their order."""
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
