"""Models of purchases and spend as those of ``lifetimes``, and back; and fits by its fitters.

``lifetimes`` knows no NBD limit and no infinite mean spend: such fits are refused, not bent.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ...core.errors import ModelError
from ..fitting.likelihood import quiet_lifetimes

__all__ = ["fit_by_lifetimes", "fitter_data", "fitter_params", "fitter_with"]


def fit_by_lifetimes(fitter: str, columns: Sequence[Floats], weight: Floats, start: Floats) -> Floats | None:
    """Return the log-parameters that a fitter of ``lifetimes`` finds on weighted rows; None where it does not converge.

    Parameters
    ----------
    fitter
        Name of its class.
    columns
        What its ``fit`` takes, (n,) each, in units in which parameters are of the order of 1; times at most 1.
    weight
        Customers of each row, (n,).
    start
        Log-parameters to begin from, in the same units.
    """
    with quiet_lifetimes() as lifetimes:
        model = getattr(lifetimes, fitter)(penalizer_coef=0.0)
        try:
            model.fit(*columns, weights=weight, initial_params=np.array(start))
        except (lifetimes.utils.ConvergenceError, np.linalg.LinAlgError):
            return None
        theta = np.log(model.params_.to_numpy(dtype=np.float64))
    return theta if np.isfinite(theta).all() else None


def fitter_with(fitter: str, params: pd.Series[float], covariance: pd.DataFrame | None) -> Any:
    """Return a fitter of ``lifetimes`` that predicts with ``params``; it holds no customers.

    Parameters
    ----------
    fitter
        Name of its class.
    params
        By the names it uses.
    covariance
        Of the parameters; its variance matrix, standard errors and intervals are made from it where it is given.
    """
    model = getattr(_library(), fitter)(penalizer_coef=0.0)
    model.params_ = params.copy()
    predict = getattr(model, "conditional_expected_number_of_purchases_up_to_time", None)
    if predict is not None:
        model.predict = predict
    if covariance is not None:
        model.variance_matrix_ = covariance.copy()
        model.standard_errors_ = model._compute_standard_errors()
        model.confidence_intervals_ = model._compute_confidence_intervals()
    return model


@cache
def _library() -> ModuleType:
    """Return ``lifetimes``, imported once: predictions may run in threads, which must not undo each other's filters."""
    with quiet_lifetimes() as lifetimes:
        return lifetimes


def fitter_params(fitter: Any, expected: str, names: Sequence[str]) -> Floats:
    """Return the log-parameters of a fitted fitter, in the order of ``names``.

    Raises
    ------
    ModelError
        Another fitter than ``expected``, not fitted, or parameters that are not positive numbers.
    """
    kind = type(fitter).__name__
    if kind != expected:
        raise ModelError(f"expected a {expected} of lifetimes, got {kind}")
    params = getattr(fitter, "params_", None)
    if params is None:
        raise ModelError(f"expected a fitted {expected}; call its fit first")
    values = np.array([params[name] for name in names], dtype=np.float64)
    if not (np.isfinite(values) & (values > 0)).all():
        raise ModelError(f"expected positive parameters {', '.join(names)}, got {values.tolist()}")
    return np.log(values)


def fitter_data(fitter: Any, columns: Sequence[str]) -> tuple[pd.DataFrame, Floats] | None:
    """Return the rows a fitter was fitted to and the customers of each; None where it holds none or was penalised.

    A penalised fit is no maximum of the likelihood, so nothing can be learnt from the curvature there.
    """
    data = getattr(fitter, "data", None)
    if data is None or fitter.penalizer_coef:
        return None
    return data[list(columns)].astype(np.float64), data["weights"].to_numpy(dtype=np.float64)
