"""A statement that is read every month: how often does luck look like a return, and what does an interval over all
readings cost?

Simulated are customers, not tables. Each month as many are decided upon, a share held out at random. A customer pays
month by month and leaves by a hazard of their own, which is known only in part (``x``); the action lowers it. What is
measured of each is what they paid over the follow-up, plus, if they still run, what those who run pay beyond it, a
figure that is itself estimated from the customers seen so far. A decision counts once its follow-up is over, so that
outcomes come late. Each month the statement is made again on all matured decisions (or those of the last year, or of
the last quarter), adjusted for ``x``, with a standard error that holds the error of the figure beyond.

The cost is set to the true effect plus or minus what is asked: with a net effect of 0 every `pays` and every `loses` is
false. Printed are the shares of worlds in which any of the readings says so, by the interval of one reading (95%), by
the one over all readings, and by the boundary that `plan --look monthly` spends its 5% along; and, where the action
does pay, how many are found, and when.

    python benchmarks/designs/monthly_readings.py --worlds 4000
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
from servicelift.core.arrays import Floats
from servicelift.models.effects.always_valid import boundary
from servicelift.models.targeting.group_sequential import spending_boundaries

FIRST_SEED = 30_000
READINGS = 24
FOLLOW_UP = 6
BATCH = 100
BASE, LIFT, SPREAD = 0.05, 0.75, 0.6
PAYS, BEYOND = 6.0, 80.0
TUNED = 500


@dataclass(frozen=True)
class World:
    """Decisions of many worlds, (worlds, decisions) in order, and what a survivor pays beyond as known at a reading."""

    x: Floats
    treated: Floats
    paid: Floats
    runs: Floats
    beyond: Floats
    beyond_error: Floats


def worlds(count: int, per_month: int, held_out: float, seed: int) -> World:
    """Draw ``count`` worlds of ``READINGS`` months of decisions."""
    rng = np.random.default_rng(seed)
    shape = (count, READINGS * per_month)
    x, unseen = rng.normal(size=shape), rng.normal(size=shape)
    treated = (rng.random(shape) >= held_out).astype(float)
    hazard = BASE * np.exp(SPREAD * (x + unseen) / np.sqrt(2)) * np.where(treated == 1, LIFT, 1.0)
    life = rng.exponential(1 / hazard)
    paid = PAYS * np.minimum(life, FOLLOW_UP) * rng.gamma(4.0, 0.25, size=shape)
    seen = rng.exponential(BEYOND, size=(count, READINGS, per_month // 4)).mean(axis=2).cumsum(axis=1)
    many = np.arange(1, READINGS + 1)
    beyond = seen / many
    return World(x, treated, paid, (life > FOLLOW_UP).astype(float), beyond, BEYOND / np.sqrt(many * (per_month // 4)))


def true_effect() -> float:
    """Return the effect on the value of a customer, by quadrature over hazards."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    values = []
    for lift in (1.0, LIFT):
        hazard = BASE * np.exp(SPREAD * nodes) * lift
        survive = np.exp(-hazard * FOLLOW_UP)
        values.append(float(weights @ (PAYS * (1 - survive) / hazard + BEYOND * survive)) / weights.sum())
    return values[1] - values[0]


def reading(w: World, first: int, last: int, month: int) -> tuple[Floats, Floats, Floats]:
    """Return estimate, standard error and customers in equal arms of each world on its decisions [first, last)."""
    part = slice(first, last)
    t, x, runs = w.treated[:, part], w.x[:, part], w.runs[:, part]
    beyond = w.beyond[:, month - 1, None]
    y = w.paid[:, part] + beyond * runs
    arms = [t.sum(axis=1), (1 - t).sum(axis=1)]

    def within(values: Floats) -> tuple[Floats, Floats]:
        means = [(values * side).sum(axis=1) / n for side, n in zip((t, 1 - t), arms, strict=True)]
        return values - np.where(t == 1, means[0][:, None], means[1][:, None]), means[0] - means[1]

    (xc, dx), (yc, dy), (_, dr) = within(x), within(y), within(runs)
    slope = (xc * yc).sum(axis=1) / (xc**2).sum(axis=1)
    left = (yc - slope[:, None] * xc) ** 2
    sampling = sum((left * side).sum(axis=1) / n / (n - 2) for side, n in zip((t, 1 - t), arms, strict=True))
    error = np.sqrt(sampling + (dr * w.beyond_error[month - 1]) ** 2)
    return dy - slope * dx, error, 2 / (1 / arms[0] + 1 / arms[1])


WINDOWS = {"since the start": READINGS, "last 12 months": 12, "last 3 months": 3}


def scores(count: int, per_month: int, held_out: float, seed: int) -> dict[str, tuple[Floats, Floats, Floats]]:
    """Return estimates, errors and customers in equal arms, (worlds, readings) each, by window."""
    parts: dict[str, list[tuple[Floats, Floats, Floats]]] = {name: [] for name in WINDOWS}
    for place in range(0, count, BATCH):
        w = worlds(min(BATCH, count - place), per_month, held_out, seed + place)
        for name, months in WINDOWS.items():
            each = [
                reading(w, max(month - months, 0) * per_month, month * per_month, month)
                for month in range(1, READINGS + 1)
            ]
            parts[name].append(tuple(np.stack(values, axis=1) for values in zip(*each, strict=True)))
    return {name: tuple(np.vstack(values) for values in zip(*part, strict=True)) for name, part in parts.items()}


def rules(customers: Floats) -> dict[str, Floats]:
    """Return how many standard errors each rule asks for at each reading."""
    one = np.full(customers.shape, 1.959964)
    once = np.full(customers.shape, np.inf)
    once[:, -1] = 1.959964
    spending = np.broadcast_to(spending_boundaries(np.arange(1, READINGS + 1) / READINGS), customers.shape)
    over_all = {
        f"over all readings, tuned to {at}": np.vectorize(boundary)(customers, at)
        for at in (TUNED // 5, TUNED, TUNED * 5)
    }
    return {"each reading alone": one, "the last reading only": once, **over_all, "plan --look monthly": spending}


def false_ones(found: dict[str, tuple[Floats, Floats, Floats]], truth: float) -> pd.DataFrame:
    """Return the shares of worlds with any false verdict where the net effect is 0, by window and rule."""
    rows = []
    for window, (estimate, error, customers) in found.items():
        z = (estimate - truth) / error
        for rule, asked in rules(customers).items():
            if rule == "plan --look monthly" and window != "since the start":
                continue
            pays, loses = (z > asked).any(axis=1), (z < -asked).any(axis=1)
            rows.append(
                (window, rule, pays.mean(), (pays | loses).mean(), np.sqrt(pays.mean() * (1 - pays.mean()) / len(z)))
            )
    return pd.DataFrame(rows, columns=["statement of", "interval", "false pays", "false verdicts", "error"])


def found_ones(found: dict[str, tuple[Floats, Floats, Floats]], truth: float) -> pd.DataFrame:
    """Return how many payers are found, and in which month, by net effect in standard errors of the last reading."""
    estimate, error, customers = found["since the start"]
    last = float(error[:, -1].mean())
    rows = []
    for net in (2.0, 2.8, 4.0, 6.0):
        z = (estimate - truth + net * last) / error
        for rule, asked in rules(customers).items():
            over = z > asked
            hit = over.any(axis=1)
            when = np.where(hit, over.argmax(axis=1) + 1, READINGS)
            rows.append((net, rule, hit.mean(), when.mean(), float(np.mean(asked[:, -1]) * last)))
    return pd.DataFrame(rows, columns=["net effect", "interval", "pays", "month", "half-width at the end"])


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=4_000)
    parser.add_argument("--per-month", type=int, default=200)
    parser.add_argument("--held-out", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    a = parser.parse_args()
    truth = true_effect()
    found = scores(a.worlds, a.per_month, a.held_out, a.seed)
    estimate, error, customers = found["since the start"]
    print(
        f"{a.worlds} worlds from seed {a.seed}, {READINGS} readings, {a.per_month} decisions a month, {a.held_out:.0%}"
        f" held out, outcomes {FOLLOW_UP} months late"
    )
    print(
        f"true effect {truth:.3f}, mean estimate at the end {estimate[:, -1].mean():.3f}, standard error"
        f" {error[:, -1].mean():.3f} (spread {estimate[:, -1].std():.3f}), equal arms {customers[:, 0].mean():.0f} to"
        f" {customers[:, -1].mean():.0f}"
    )
    print("\nno net effect: worlds in which any of the readings gives a verdict")
    print(false_ones(found, truth).to_string(index=False, float_format="%.4f"))
    print("\nnet effects in standard errors of the last reading: worlds called `pays`, and the mean month (24: never)")
    print(found_ones(found, truth).to_string(index=False, float_format="%.3f"))


if __name__ == "__main__":
    main()
