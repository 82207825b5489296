"""Is the effect at a cut right? Many worlds of known truth, beside rdrobust and DoubleML where they are installed.

Each world draws a score, a cut and money with a known effect at the cut. Prints, by world, bias, standard deviation,
coverage and mean width of 95% intervals, how often the density check speaks (5% is chance, where nobody moved scores),
and CPU seconds a fit. A plain comparison of treated and untreated stands beside.

    python benchmarks/designs/threshold_truth.py --seeds 200 --customers 2000
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pandas as pd
from servicelift.effects import threshold_effect
from servicelift.models.designs.density import density_jump

CUT = 0.35
FIRST_SEED = 9_000
WORLDS = ("null", "jump", "curvature", "skewed", "few comply", "list by rank", "monthly lists", "moved scores")
World = dict[str, np.ndarray | float | None]


def world(name: str, n: int, seed: int) -> World:
    """Return score, treated, outcome, groups, cut and truth."""
    rng = np.random.default_rng(seed)
    customers = n // 4 if name == "monthly lists" else n
    who = np.arange(n) % customers
    base = rng.beta(2, 4, customers)[who]
    score = np.clip(base + rng.normal(0, 0.08, n), 0, 1) if name == "monthly lists" else base
    cut = float(np.sort(score)[-n // 5]) if name == "list by rank" else CUT
    score = score + np.where(
        (name == "moved scores") & (score > CUT - 0.05) & (score < CUT) & (rng.random(n) < 0.4), 0.05, 0.0
    )
    above = score >= cut
    treated = (rng.random(n) < 0.15 + 0.5 * above) if name == "few comply" else above
    truth = 0.0 if name == "null" else 12.0
    u = score - cut
    trend = 80 - 60 * score + (25 * np.sin(9 * u) + 120 * u**2 if name == "curvature" else 0.0)
    noise = rng.gamma(0.5, 24, n) - 12 if name == "skewed" else rng.normal(0, 15, n)
    if name == "monthly lists":
        noise = rng.normal(0, 12, customers)[who] + rng.normal(0, 9, n)
    effect = truth * (1 + 2 * u) if name != "null" else 0.0
    groups = who if name == "monthly lists" else None
    return {
        "score": score,
        "treated": treated.astype(int),
        "outcome": trend + effect * treated + noise,
        "groups": groups,
        "cut": cut,
        "truth": truth,
    }


def ours(w: World) -> tuple[float, float, float]:
    """Estimate and interval."""
    found = threshold_effect(w["score"], w["treated"], w["outcome"], w["cut"], groups=w["groups"])
    return found.estimate, found.low, found.high


def rdrobust(w: World) -> tuple[float, float, float]:
    """Estimate and interval of its robust row."""
    from rdrobust import rdrobust as fit

    options = {} if (w["treated"] == (w["score"] >= w["cut"])).all() else {"fuzzy": w["treated"]}
    if w["groups"] is not None:
        options["cluster"] = w["groups"]
    found = fit(w["outcome"], w["score"], c=w["cut"], masspoints="off", **options)
    return (float(found.coef.iloc[2, 0]), *(float(v) for v in found.ci.iloc[2]))


def doubleml(w: World) -> tuple[float, float, float]:
    """Estimate and interval of RDFlex, the score as its covariate."""
    from doubleml import DoubleMLRDDData
    from doubleml.rdd import RDFlex
    from sklearn.linear_model import LinearRegression, LogisticRegression

    frame = pd.DataFrame({name: w[name] for name in ("score", "treated", "outcome")})
    frame["square"] = frame["score"] ** 2
    data = DoubleMLRDDData(frame, y_col="outcome", d_cols="treated", x_cols=["square"], score_col="score")
    fuzzy = not (w["treated"] == (w["score"] >= w["cut"])).all()
    model = RDFlex(data, LinearRegression(), LogisticRegression() if fuzzy else None, fuzzy=fuzzy, cutoff=w["cut"])
    model.fit(n_iterations=1)
    return (float(model.coef[2]), *(float(v) for v in model.confint().iloc[2]))


def plain(w: World) -> tuple[float, float, float]:
    """Treated against untreated."""
    arms = [w["outcome"][w["treated"] == arm] for arm in (0, 1)]
    error = np.sqrt(sum(a.var(ddof=1) / len(a) for a in arms))
    gap = arms[1].mean() - arms[0].mean()
    return gap, gap - 1.96 * error, gap + 1.96 * error


def row(name: str, method: str, fit: Callable[[World], tuple[float, float, float]], n: int, seeds: int) -> dict:
    """Return one line of the table."""
    start, found, truth = time.process_time(), [], 0.0
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        w = world(name, n, seed)
        truth = w["truth"]
        found.append(fit(w))
    estimate, low, high = np.array(found).T
    return {
        "world": name,
        "method": method,
        "bias": np.mean(estimate) - truth,
        "sd": np.std(estimate),
        "coverage": np.mean((low <= truth) & (truth <= high)),
        "width": np.mean(high - low),
        "cpu_seconds": (time.process_time() - start) / seeds,
    }


def main() -> None:
    """Run every world and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    parser.add_argument("--doubleml-seeds", type=int, default=20, help="RDFlex is slow")
    asked = parser.parse_args()
    n, seeds = asked.customers, asked.seeds
    print(f"{seeds} seeds from {FIRST_SEED}, {n:,} units")
    checks = []
    for name in asked.worlds:
        rows = [row(name, "servicelift", ours, n, seeds), row(name, "plain", plain, n, seeds)]
        if find_spec("rdrobust"):
            rows.append(row(name, "rdrobust", rdrobust, n, seeds))
        if find_spec("doubleml") and asked.doubleml_seeds and name != "monthly lists":
            few = min(seeds, asked.doubleml_seeds)
            rows.append(row(name, f"doubleml, {few} seeds", doubleml, n, few))
        print(pd.DataFrame(rows).round(3).to_string(index=False), flush=True)
        drawn = [world(name, n, seed) for seed in range(FIRST_SEED, FIRST_SEED + seeds)]
        speaks = np.mean([density_jump(w["score"] - w["cut"]).suspicious for w in drawn])
        checks.append({"world": name, "density check speaks": speaks})
    print(pd.DataFrame(checks).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
