"""How many bootstrap draws does an interval need? Coverage and width with 10, 20 and 40 draws of known truth.

An effect's error is normal with standard error 1, by so much from sampling units and the rest from what is refitted.
Draws are drawn from the same two parts, end by the same rule as in the product, and give the same interval: a control
variate for what is known of the units, Satterthwaite's degrees of freedom for the rest. Beside it the usual interval
of a bootstrap: all draws, their standard deviation, and a normal quantile.

    python benchmarks/bootstrap_draws.py --seed 20260 --effects 20000
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy import stats
from servicelift.models.effects.bootstrap import _FEWEST_DRAWS, _ROUND, _Variance

SHARES, MOST, ENOUGH, UNITS = (0.05, 0.2, 0.4, 0.6, 0.9), (10, 20, 40), 0.1, 400.0


def one_effect(rng: np.random.Generator, share: float, most: int) -> tuple[float, float, int]:
    """Return half the interval's width, half that of the usual one, and the draws used."""
    known = np.sqrt(1 - share)
    fixed = rng.normal(0, known, most)
    drawn = fixed + rng.normal(0, np.sqrt(share), most)
    for used in [*range(_FEWEST_DRAWS, most, _ROUND), most]:
        variance = _Variance.of(drawn[:used], fixed[:used], known)
        if variance.relative_error <= ENOUGH:
            break
    half = stats.t.ppf(0.975, variance.dof(UNITS)) * np.sqrt(variance.total)
    return float(half), float(stats.norm.ppf(0.975) * drawn.std(ddof=1)), used


def main() -> None:
    """Print a line for each share of the variance that refits add and each number of draws."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=20260)
    parser.add_argument("--effects", type=int, default=20_000)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    print(f"{'refits add':>10} {'most':>5} {'used':>6} {'covered':>8} {'width':>6} {'sd':>6} {'usual covers':>13}")
    for share in SHARES:
        for most in MOST:
            found = np.array([one_effect(rng, share, most) for _ in range(asked.effects)])
            error = np.abs(rng.normal(size=asked.effects))
            covered, usual = (error <= found[:, place] for place in (0, 1))
            width = 2 * found[:, 0]
            line = f"{share:>10.0%} {most:>5} {found[:, 2].mean():>6.1f} {covered.mean():>8.2%} {width.mean():>6.3f}"
            print(f"{line} {width.std():>6.3f} {usual.mean():>13.2%}", flush=True)


if __name__ == "__main__":
    main()
