"""A backtest of what customers without a contract buy: fit at s, predict to s + h, compare with what happened.

Purchases come as a frame; how it was read is no matter here.

>>> result = backtest(purchases, as_of=pd.Timestamp("1997-10-01"), horizon_days=273)   # doctest: +SKIP
>>> print("\\n".join(result.lines()))                                                   # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from ...core.time import DAYS_PER_MONTH
from ..evaluation.metrics import ValueMetrics, deciles, value_metrics
from .value import PURCHASE_MODELS, NonContractualCLV

__all__ = ["Backtest", "ForecastErrors", "backtest", "in_local_days", "judge", "summarise"]


_COLUMNS = ("customer_id", "day", "amount")


@dataclass(frozen=True)
class ForecastErrors(ShortRepr):
    """One quantity as it came, beside several forecasts of it.

    Parameters
    ----------
    reports
        A report for each forecast, the naive rate and the mean among them.
    deciles
        A frame for each forecast: decile (1 = predicted highest), customers, predicted and actual mean.
    """

    reports: Mapping[str, ValueMetrics]
    deciles: Mapping[str, pd.DataFrame]

    def lines(self) -> list[str]:
        """Return the reports as a table for people, a line a forecast."""
        head = f"{'':<10}{'bias':>10}{'MAE':>10}{'RMSE':>10}{'Spearman':>10}{'Gini':>8}{'top 20%':>9}"
        return [
            head,
            *(
                f"{name:<10}{r.bias:>10.3f}{r.mae:>10.3f}{r.rmse:>10.3f}{r.spearman:>10.3f}{r.gini:>8.3f}"
                f"{r.top20_share:>9.1%}"
                for name, r in self.reports.items()
            ),
        ]


@dataclass(frozen=True)
class Backtest:
    """Purchases and revenue of the days (s, s + h], predicted at s and as they came; nothing is discounted.

    Parameters
    ----------
    as_of, horizon_days, customers
        s, h, and the number of customers with a purchase before s.
    purchases, revenue
        Days with a purchase, and their amounts.
    notes
        How each model's fit came about.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> days = pd.to_datetime("2023-01-01") + pd.to_timedelta(rng.integers(0, 360, 900), "D")
    >>> purchases = pd.DataFrame({"customer_id": rng.integers(0, 200, 900), "day": days, "amount": 10.0})
    >>> result = backtest(purchases, as_of=pd.Timestamp("2023-09-01"), horizon_days=90, purchase_models=[])
    >>> result.lines()[0]
    '191 customers at 2023-09-01, the 90 days after'
    """

    as_of: pd.Timestamp
    horizon_days: int
    customers: int
    purchases: ForecastErrors
    revenue: ForecastErrors
    notes: Mapping[str, tuple[str, ...]]

    def lines(self) -> list[str]:
        """Return everything but the deciles, for people."""
        head = f"{self.customers} customers at {self.as_of:%Y-%m-%d}, the {self.horizon_days} days after"
        notes = [f"{name}: {note}" for name, of_model in self.notes.items() for note in of_model]
        return [head, "purchases", *self.purchases.lines(), "revenue", *self.revenue.lines(), *notes]


def judge(actual: Floats, forecasts: Mapping[str, Floats]) -> ForecastErrors:
    """Return how good each of several forecasts, (n,) each, is of what came, (n,).

    Raises
    ------
    DataError
        Lengths differ or nothing to judge.
    """
    return ForecastErrors(
        {name: value_metrics(actual, forecast) for name, forecast in forecasts.items()},
        {name: pd.DataFrame(map(asdict, deciles(actual, forecast))) for name, forecast in forecasts.items()},
    )


def in_local_days(purchases: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return purchases whose ``day`` is the midnight of a day that calendars in ``timezone`` show.

    Parameters
    ----------
    purchases
        ``day``: midnights, which stay as they are; instants with a zone; or naive ones in UTC, if any has a time of
        day.
    timezone
        Zone of the calendar.

    Examples
    --------
    >>> import pandas as pd
    >>> late = pd.DataFrame({"day": pd.to_datetime(["2024-05-31 22:30"])})
    >>> in_local_days(late, "Europe/Paris")["day"].dt.date.tolist()
    [datetime.date(2024, 6, 1)]
    """
    day = purchases["day"]
    if day.dt.tz is None and (day == day.dt.normalize()).all():
        return purchases
    aware = day.dt.tz_localize("UTC") if day.dt.tz is None else day
    return purchases.assign(day=aware.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize())


def summarise(purchases: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return what was known before the day ``as_of`` of each customer: a summary, as models take it, in days.

    Parameters
    ----------
    purchases
        customer_id, day (midnights), amount; several rows of a customer's day count as one purchase.
    as_of
        The first day that is not known.

    Returns
    -------
    pandas.DataFrame
        Indexed by customer_id: frequency, recency, T (to the last known day), monetary_value.
    """
    known = _by_day(purchases[purchases["day"] < as_of])
    days = known.groupby("customer_id")["day"].agg(["min", "max", "count"])
    repeat = known[known["day"] > known.groupby("customer_id")["day"].transform("min")]
    mean = repeat.groupby("customer_id")["amount"].mean().reindex(days.index).fillna(0.0)
    last_known = as_of - pd.Timedelta(days=1)
    return pd.DataFrame(
        {
            "frequency": (days["count"] - 1).astype(float),
            "recency": (days["max"] - days["min"]).dt.days.astype(float),
            "T": (last_known - days["min"]).dt.days.astype(float),
            "monetary_value": mean,
        }
    )


def backtest(
    purchases: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    horizon_days: int,
    purchase_models: Sequence[str] = tuple(PURCHASE_MODELS),
    timezone: str = "UTC",
) -> Backtest:
    """Fit each model to what was known at ``as_of``, and judge it on the purchases of the days after.

    Beside the models stand the naive rate (each customer's repeat purchases by his age, carried on) and the mean
    (everybody's rate together, the same for all).

    Parameters
    ----------
    purchases
        customer_id, day (midnights), amount; sales only.
    as_of
        The first day that is predicted.
    horizon_days
        Days that are predicted.
    purchase_models
        Names of :data:`PURCHASE_MODELS`.
    timezone
        Where ``day`` holds instants, the zone whose calendar tells their day: see :func:`in_local_days`.

    Raises
    ------
    DataError
        A column is missing, ``day`` holds no days, or the purchases do not reach from before ``as_of`` to the end of
        the horizon.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> days = pd.to_datetime("2023-01-01") + pd.to_timedelta(rng.integers(0, 360, 1_500), "D")
    >>> purchases = pd.DataFrame({"customer_id": rng.integers(0, 300, 1_500), "day": days, "amount": 10.0})
    >>> result = backtest(purchases, as_of=pd.Timestamp("2023-09-01"), horizon_days=90, purchase_models=["bgnbd"])
    >>> sorted(result.purchases.reports), result.customers > 250
    (['bgnbd', 'mean', 'naive'], True)
    """
    _check_columns(purchases)
    purchases = in_local_days(purchases, timezone)
    _check_days(purchases, as_of, horizon_days)
    summary = summarise(purchases, as_of)
    end = as_of + pd.Timedelta(days=horizon_days)
    count, amount = _came(purchases[(purchases["day"] >= as_of) & (purchases["day"] < end)], summary.index)
    fits = {name: NonContractualCLV(name).fit(summary) for name in purchase_models}
    x, t_x, age = (summary[name] for name in ("frequency", "recency", "T"))
    counts = {name: fit.purchases_.expected_purchases(horizon_days, x, t_x, age) for name, fit in fits.items()}
    months = horizon_days / DAYS_PER_MONTH
    values = {n: fit.predict(summary, horizon_months=months, annual_discount_rate=0.0) for n, fit in fits.items()}
    return Backtest(
        as_of,
        horizon_days,
        len(summary),
        judge(count, counts | _simple(summary.assign(monetary_value=1.0), horizon_days)),
        judge(amount, values | _simple(summary, horizon_days)),
        {name: fit.notes for name, fit in fits.items()},
    )


def _simple(summary: pd.DataFrame, horizon_days: int) -> dict[str, Floats]:
    """Return the naive rate and the mean: all repeat purchases by all ages together."""
    spent = float((summary["frequency"] * summary["monetary_value"]).sum() / max(summary["T"].sum(), 1.0))
    naive = NonContractualCLV.naive(summary, horizon_days=horizon_days)
    return {"naive": naive, "mean": np.full(len(summary), spent * horizon_days)}


def _came(later: pd.DataFrame, customers: pd.Index[str]) -> tuple[Floats, Floats]:
    """Return purchase days and amount of each customer, (n,) both."""
    by_customer = _by_day(later).groupby("customer_id")["amount"].agg(["size", "sum"])
    both = by_customer.reindex(customers).fillna(0.0).to_numpy(dtype=np.float64)
    return both[:, 0], both[:, 1]


def _by_day(purchases: pd.DataFrame) -> pd.DataFrame:
    return purchases.groupby(["customer_id", "day"])["amount"].sum().reset_index()


def _check_columns(purchases: pd.DataFrame) -> None:
    missing = [name for name in _COLUMNS if name not in purchases.columns]
    if missing:
        raise DataError(f"expected purchases with {', '.join(_COLUMNS)}; {', '.join(missing)} missing")
    if not pd.api.types.is_datetime64_any_dtype(purchases["day"]):
        raise DataError(f"day: expected days or instants, got {purchases['day'].dtype}; read it with pd.to_datetime")


def _check_days(purchases: pd.DataFrame, as_of: pd.Timestamp, horizon_days: int) -> None:
    last = as_of + pd.Timedelta(days=horizon_days - 1)
    if not len(purchases) or purchases["day"].min() >= as_of or purchases["day"].max() < as_of:
        raise DataError(
            f"expected purchases before {as_of:%Y-%m-%d} and in the days to {last:%Y-%m-%d}, got none on one side;"
            " move as_of or shorten the horizon"
        )
