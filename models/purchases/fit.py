"""The fit that purchase models share: distinct histories, starts, a box, the NBD limit; and ``lifetimes`` both ways."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ...core.arrays import Floats
from ...core.errors import DataError, ModelError
from ...core.one_thread import one_thread
from ..fitting.likelihood import Fit, WithGradient, covariance, maximise, unique_rows
from .alive import check_histories
from .interchange import fit_by_lifetimes, fitter_data, fitter_params, fitter_with
from .nbd import fit_nbd, mean_age

__all__ = ["PurchaseFit", "gradient_of"]


_GAIN = 0.01
"""A log-likelihood gain below this over the model without dropout is no evidence of dropout."""

_MOST_BY_LIFETIMES = 50_000
"""Distinct histories up to which ``lifetimes`` fits: it takes about a second for so many."""

_RACE = 2_000
"""Distinct histories on which the starts of a fit compete; the best goes on with all of them."""


class PurchaseFit(BaseEstimator):
    """A model of purchases fitted to distinct (x, t_x, T), with its no-dropout limit recognised.

    Follows scikit-learn's parameter conventions; its input is a purchase history, not (X, y). Nothing of a
    customer is kept. Which parts are those of ``lifetimes`` is said by the modules of the models.

    Parameters
    ----------
    days_per_unit
        Length of the time unit of t_x and T in days: 1 for days, 7 for weeks.

    Attributes
    ----------
    params_ : Series
        The model's parameters, alpha in time units. In the limit without dropout those of the dropout are 0 and NaN.
    log_likelihood_ : float
        Total over customers.
    covariance_ : DataFrame
        Of the estimated parameters, from the Hessian of the log-likelihood; NaN at a bound.
    limit_ : str or None
        ``nbd`` where the maximum lies at no dropout: customers differ in rate, none leaves.
    message_ : str
        How the fit came about.
    """

    params_: pd.Series[float]

    names: ClassVar[tuple[str, ...]]
    """The parameters: r, alpha, and two of the dropout."""

    dropout_limit: ClassVar[dict[str, float]]
    """The dropout's parameters in the limit."""

    box: ClassVar[tuple[tuple[float, ...], tuple[float, ...]]]
    """Lowest and highest parameters of the search, times in units of the mean age."""

    starts: ClassVar[tuple[tuple[float, ...], ...]]
    """Where the search begins: log-parameters, times in units of the mean age."""

    in_time: ClassVar[tuple[bool, ...]]
    """Which parameters are times."""

    fitter: ClassVar[str]
    """The class of ``lifetimes`` that is the same model."""

    through_lifetimes: ClassVar[bool] = False
    """Whether that class fits, up to a number of distinct histories."""

    def __init__(self, *, days_per_unit: float = 1.0) -> None:
        self.days_per_unit = days_per_unit

    @classmethod
    @abstractmethod
    def likelihood(cls, rows: pd.DataFrame, weight: Floats) -> Callable[[Floats], float]:
        """Return the total log-likelihood as a function of the log-parameters (4,); weights count customers.

        ``rows`` has frequency, recency and T. The function may know its ``with_gradient``.
        """

    def fit(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        start: PurchaseFit | None = None,
    ) -> Self:
        """Learn from n customers: x whole and >= 0, 0 <= t_x <= T, t_x = 0 exactly where x = 0.

        ``start`` is a fit of the same model to other weights of the same customers: the search begins there.

        Raises
        ------
        DataError
            A history that cannot be, or nobody who bought again.
        """
        # Threads only get into each other's way in products as small as these.
        with one_thread():
            return self._fit(frequency, recency, T, sample_weight, start)

    def _fit(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        sample_weight: ArrayLike | None,
        start: PurchaseFit | None,
    ) -> Self:
        rows, weight, _ = unique_rows({"frequency": frequency, "recency": recency, "T": T}, sample_weight)
        rows, weight = rows[weight > 0], weight[weight > 0]
        check_histories(rows)
        if not (rows["frequency"] > 0).any():
            raise DataError(
                f"no repeat purchase among {len(rows)} distinct histories; expected some customers to buy twice"
            )
        without, nbd = fit_nbd(rows, weight)
        centre = np.log(mean_age(rows, weight)) * np.array(self.in_time)
        low, high = (np.log(edge) + centre for edge in self.box)
        target = self.likelihood(rows, weight)
        if start is not None:
            begin, how = self._continued(start), "continued from another fit"
        else:
            begin, how = self._begin(rows, weight, low, high, centre)
        best = maximise(target, [begin], low, high, gradient_of(target))
        if best.log_likelihood < without.log_likelihood + _GAIN:
            how = f"likelihood rises as {self.names[2]} -> 0: nobody leaves, the NBD limit is used"
            return self._keep(without, nbd, "nbd", how)
        return self._keep(best, target, None, how + self._remark(np.exp(best.theta)))

    def _begin(
        self, rows: pd.DataFrame, weight: Floats, low: Floats, high: Floats, centre: Floats
    ) -> tuple[Floats, str]:
        """Return where the search begins and how that was found: the fit by ``lifetimes`` where it is one."""
        best = self._race(rows, weight, low, high, centre)
        how = f"best of {len(self.starts)} starts"
        if not self.through_lifetimes or len(rows) > _MOST_BY_LIFETIMES:
            return best, how
        longest = float(rows["T"].max())
        unit = np.log(longest) * np.array(self.in_time)
        x, t_x, age = (rows[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T"))
        columns = (x, np.minimum(t_x, age) / longest, age / longest)
        theta = fit_by_lifetimes(self.fitter, columns, weight, best - unit)
        if theta is None:
            return best, f"{how}; lifetimes did not converge"
        return theta + unit, f"fitted through lifetimes from the {how}"

    def _race(self, rows: pd.DataFrame, weight: Floats, low: Floats, high: Floats, centre: Floats) -> Floats:
        """Return the best log-parameters over the starts, on evenly picked rows where there are many."""
        pick = slice(None, None, max(1, len(rows) // _RACE))
        target = self.likelihood(rows.iloc[pick], weight[pick])
        starts = [np.array(start) + centre for start in self.starts]
        return maximise(target, starts, low, high, gradient_of(target), roughly=True).theta

    def _continued(self, start: PurchaseFit) -> Floats:
        """Return the log-parameters of another fit, its dropout small but there if it stands at the limit."""
        before = start.params_.to_numpy(dtype=np.float64)
        if start.limit_:
            scale = before[1] if self.in_time[3] else 1.0
            before = np.append(before[:2], [0.1, scale])
        return np.asarray(np.log(before))

    def _remark(self, params: Floats) -> str:
        """Return what is to be said of a maximum, beginning with a semicolon; else nothing."""
        alike = params[2] if self.in_time[3] else params[2:].sum()
        return "; customers hardly differ in how soon they leave" if alike > 300 else ""

    def _keep(
        self, fit: Fit, log_likelihood: Callable[[Floats], float], limit: Literal["nbd"] | None, message: str
    ) -> Self:
        names = self.names[: len(fit.theta)]
        bounded = [name for name, at in zip(names, fit.at_bound, strict=True) if at]
        if bounded:
            message += f"; at the edge of the search: {', '.join(bounded)}"
        self.params_ = self._named(fit.theta)
        unknown = np.full((len(names),) * 2, np.nan)
        matrix = unknown if bounded else covariance(log_likelihood, fit.theta, gradient_of(log_likelihood))
        self.covariance_ = pd.DataFrame(matrix, index=names, columns=names)
        self.log_likelihood_ = fit.log_likelihood
        self.limit_, self.message_ = limit, message
        return self

    def to_lifetimes(self) -> Any:
        """Return this fit as the fitter of ``lifetimes`` of the same model, which predicts as this does.

        Times stay in this fit's unit. The fitter holds no customers, so what needs its ``data`` is not there.

        Raises
        ------
        ModelError
            The fit is the NBD limit, which ``lifetimes`` does not have.
        """
        check_is_fitted(self)
        if self.limit_:
            raise ModelError("this fit is the NBD limit, in which nobody leaves: lifetimes has no such model")
        return fitter_with(self.fitter, self.params_, getattr(self, "covariance_", None))

    @classmethod
    def from_lifetimes(cls, fitter: Any, *, days_per_unit: float) -> Self:
        """Return a fitter of ``lifetimes`` as this model; log-likelihood and covariance as far as its data tell.

        Parameters
        ----------
        fitter
            Fitted, of the same model.
        days_per_unit
            Length of its time unit in days.

        Raises
        ------
        ModelError
            A fitter of another model, or not fitted.
        """
        model = cls(days_per_unit=days_per_unit)
        theta = fitter_params(fitter, cls.fitter, cls.names)
        data = fitter_data(fitter, ("frequency", "recency", "T"))
        nowhere = np.zeros(len(theta), dtype=bool)
        if data is not None:
            target = cls.likelihood(*data)
            return model._keep(Fit(theta, target(theta), nowhere), target, None, "taken from lifetimes")
        model.params_, model.limit_ = model._named(theta), None
        model.log_likelihood_, model.message_ = float("nan"), "taken from lifetimes, without its data"
        model.covariance_ = pd.DataFrame(np.nan, index=list(cls.names), columns=list(cls.names))
        return model

    def with_params(self, theta: Floats) -> Self:
        """Return this fit moved to other log-parameters, (4,), or (2,) in the limit; for sensitivities."""
        moved = self.__class__(days_per_unit=self.days_per_unit)
        moved.params_, moved.limit_ = self._named(theta), self.limit_
        return moved

    def _named(self, theta: Floats) -> pd.Series[float]:
        """Return the parameters by name, (4,), from all log-parameters or from those of the limit."""
        rest = [self.dropout_limit[name] for name in self.names[len(theta) :]]
        return pd.Series(np.append(np.exp(theta), rest), index=list(self.names))


def gradient_of(log_likelihood: Callable[[Floats], float]) -> WithGradient | None:
    """Return the value-with-gradient of a likelihood that knows it."""
    return getattr(log_likelihood, "with_gradient", None)
