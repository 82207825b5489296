"""Our models of purchases and spend beside those of ``lifetimes``: who is right, who is quick.

Prints, on the CDNOW sample that ships with ``lifetimes`` (2,357 customers, weeks) and on customers drawn from BG/NBD in
days: seconds and log-likelihoods of the fits; the largest relative difference of their covariances from the exact one;
what comes of a customer base that nobody leaves; seconds and differences of predictions, near a = 1 and after very many
purchases too. It takes about a minute.

    python benchmarks/lifetimes_beside_ours.py [--customers 100000]
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from servicelift.core.arrays import Floats
from servicelift.models.fitting.likelihood import quiet_lifetimes, unique_rows
from servicelift.models.purchases.backtest import summarise
from servicelift.models.purchases.base import PurchaseModel
from servicelift.models.purchases.bgnbd import BetaGeoNBD, ModifiedBetaGeoNBD
from servicelift.models.purchases.gammagamma import GammaGamma, gamma_gamma_log_likelihood
from servicelift.models.purchases.paretonbd import ParetoNBD
from servicelift.models.purchases.simulate import draw_customers, leaves_by_purchase, never_leaves

RFM = ["frequency", "recency", "T"]
MODELS: tuple[type[PurchaseModel], ...] = (BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD)


def timed(run: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Return the least seconds of some runs, and the last result."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - begin)
    return min(seconds), result


def cdnow(lifetimes: Any) -> pd.DataFrame:
    """Return the summary of the sample after 39 weeks, times in weeks."""
    rows = pd.read_csv(
        f"{lifetimes.__path__[0]}/datasets/CDNOW_sample.txt",
        sep=r"\s+",
        header=None,
        names=["id", "customer_id", "day", "number", "amount"],
    )
    rows["day"] = pd.to_datetime(rows["day"], format="%Y%m%d")
    known = summarise(rows, pd.Timestamp("1997-10-01"))
    return known.assign(recency=known["recency"] / 7, T=known["T"] / 7)


def drawn(n: int, seed: int = 11) -> pd.DataFrame:
    """Return n histories of BG/NBD in whole days, of an age up to two years."""
    rng = np.random.default_rng(seed)
    age = rng.integers(1, 731, n).astype(float)
    return draw_customers(age, 0.0, leaves_by_purchase(n, 0.8, 4.0, rng), r=0.6, alpha=60.0, rng=rng, whole=True)


def their_fit(lifetimes: Any, name: str, columns: list[Floats], weight: Floats | None) -> Any:
    """Return a fitter of ``lifetimes``, or None where it does not converge."""
    try:
        return getattr(lifetimes, name)().fit(*columns, weights=weight)
    except lifetimes.utils.ConvergenceError:
        return None


def fits(lifetimes: Any, label: str, rows: pd.DataFrame, lines: list[str]) -> None:
    """Add seconds and log-likelihoods of all purchase models."""
    distinct, weight, _ = unique_rows({name: rows[name] for name in RFM})
    all_rows, few = ([frame[name].to_numpy() for name in RFM] for frame in (rows, distinct))
    lines += [f"\nfit: {label}, {len(rows)} customers, {len(distinct)} distinct histories"]
    lines += [f"{'':<20}{'theirs, all':>12}{'distinct':>10}{'ours':>8}{'LL theirs':>14}{'LL ours':>14}"]
    for model in MODELS:
        if model is ParetoNBD and len(rows) > 5_000:
            continue
        times = 1 if model is ParetoNBD or len(rows) > 5_000 else 3
        whole, _ = timed(lambda m=model: their_fit(lifetimes, m.fitter, all_rows, None), times)
        weighted, fitter = timed(lambda m=model: their_fit(lifetimes, m.fitter, few, weight), times)
        own, fitted = timed(lambda m=model: m().fit(*few, weight), times)
        total = "none" if fitter is None else f"{model.likelihood(distinct, weight)(log(fitter.params_)):.4f}"
        lines += [
            f"{model.__name__:<20}{whole:>12.2f}{weighted:>10.2f}{own:>8.2f}{total:>14}{fitted.log_likelihood_:>14.4f}"
        ]


def log(params: pd.Series) -> Floats:
    """Return log-parameters."""
    return np.log(params.to_numpy(dtype=np.float64))


def spend(lifetimes: Any, rows: pd.DataFrame, lines: list[str]) -> None:
    """Add the fits of Gamma-Gamma."""
    bought = rows[rows["frequency"] > 0]
    x, m = (bought[name].to_numpy() for name in ("frequency", "monetary_value"))
    theirs, fitter = timed(lambda: lifetimes.GammaGammaFitter().fit(x, m))
    ours, fitted = timed(lambda: GammaGamma().fit(x, m))
    total = gamma_gamma_log_likelihood(log(fitter.params_), x, m, np.ones(len(x)))
    head = f"{'GammaGamma':<20}{theirs:>12.2f}{'':>10}{ours:>8.2f}"
    lines += [f"{head}{total:>14.4f}{fitted.log_likelihood_:>14.4f}"]
    lines += [covariance_line("GammaGamma", fitter, GammaGamma.from_lifetimes(fitter).covariance_)]


def covariance_line(name: str, fitter: Any, exact: pd.DataFrame) -> str:
    """Say how far their covariance is from the exact one at their own parameters."""
    apart = (fitter.variance_matrix_ / exact - 1).abs().to_numpy()
    off = apart[~np.eye(len(apart), dtype=bool)].max()
    return f"covariance of {name}: their variances off by {np.diag(apart).max():.1%} at most, covariances by {off:.0%}"


def predictions(fitted: PurchaseModel, label: str, rows: pd.DataFrame, lines: list[str], lifetimes: Any) -> None:
    """Add seconds and largest relative differences of predictions at equal parameters."""
    columns = [rows[name] for name in RFM]
    fitter = fitted.to_lifetimes()
    lines += [f"\npredict: {type(fitted).__name__}, {label}, {len(rows)} customers"]
    months = {"horizon_days": 1080, "annual_discount_rate": 1.01 ** (365.25 / 30) - 1, "step_days": 30}
    ones = pd.Series(1.0, index=rows.index)
    loop = lifetimes.utils._customer_lifetime_value
    tasks: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "purchases, 1 year": (
            lambda: fitter.predict(365.0 / fitted.days_per_unit, *columns),
            lambda: fitted.expected_purchases(365.0 / fitted.days_per_unit, *columns),
        ),
    }
    if fitted.days_per_unit == 1:
        tasks["36 months discounted"] = (
            lambda: loop(fitter, *columns, ones, time=36, discount_rate=0.01, freq="D"),
            lambda: fitted.discounted_expected_purchases(*columns, **months, discount_at="end"),
        )
    for name, (theirs, ours) in tasks.items():
        other, given = timed(theirs, 1)
        own, value = timed(ours, 1)
        given = np.asarray(given)
        apart = np.abs(given / value - 1)
        unusable = int((~np.isfinite(given)).sum())
        worst = np.nanmax(np.where(np.isfinite(apart), apart, np.nan)) if unusable < len(given) else np.nan
        lines += [
            f"{name:<22} theirs {other:7.3f} s, ours {own:7.3f} s, apart by {worst:.1e}, theirs unusable {unusable}"
        ]


def hard_cases(rows: pd.DataFrame, lines: list[str], lifetimes: Any) -> None:
    """Add what is hard: a near 1, very many purchases, nobody leaving."""
    for a in (1.001, 1.0 + 1e-6, 1.0 + 1e-9, 1.0):
        predictions(_model(0.6, 60.0, a, 4.0), f"a = {a!r}", rows.iloc[:2_000], lines, lifetimes)
    many = pd.DataFrame({"frequency": [200.0, 2_000.0], "recency": [700.0, 700.0], "T": [720.0, 720.0]})
    for kind in (BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD):
        values = (0.6, 60.0, 0.8, 90.0) if kind is ParetoNBD else (0.6, 60.0, 0.8, 4.0)
        predictions(_model(*values, kind=kind), "200 and 2,000 purchases", many, lines, lifetimes)
    rng = np.random.default_rng(5)
    staying = draw_customers(rng.uniform(100, 400, 1500), 0.0, never_leaves(1500), r=0.6, alpha=20.0, rng=rng)
    columns = [staying[name].to_numpy() for name in RFM]
    lines += ["\nnobody leaves, 1,500 customers"]
    for model in MODELS:
        seconds, fitter = timed(lambda m=model: their_fit(lifetimes, m.fitter, columns, None), 1)
        outcome = "no convergence" if fitter is None else f"dropout {fitter.params_.iloc[2]:.1e}"
        own, fitted = timed(lambda m=model: m().fit(*columns), 1)
        lines += [
            f"{model.__name__:<20} theirs: {outcome} after {seconds:.2f} s; ours: {fitted.limit_} limit, {own:.2f} s"
        ]


def _model(*values: float, kind: type[PurchaseModel] = BetaGeoNBD) -> PurchaseModel:
    model = kind()
    model.params_, model.limit_ = pd.Series(values, index=list(kind.names)), None
    return model


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    n = parser.parse_args().customers
    warnings.simplefilter("ignore")
    lines: list[str] = []
    with quiet_lifetimes() as lifetimes:
        sample, many = cdnow(lifetimes), drawn(n)
        fits(lifetimes, "CDNOW sample, weeks", sample, lines)
        spend(lifetimes, sample, lines)
        for model in (BetaGeoNBD, ModifiedBetaGeoNBD):  # theirs of Pareto/NBD has none
            fitter = their_fit(lifetimes, model.fitter, [sample[name].to_numpy() for name in RFM], None)
            exact = model.from_lifetimes(fitter, days_per_unit=7).covariance_
            lines += [covariance_line(model.__name__, fitter, exact)]
        fits(lifetimes, "drawn from BG/NBD, days", many, lines)
        predictions(_model(0.6, 60.0, 0.8, 4.0), "drawn, days", many, lines, lifetimes)
        hard_cases(many, lines, lifetimes)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
