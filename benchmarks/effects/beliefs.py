"""What is promised for the best action and what it is truly worth, each effect believed alone and all together.

Effects of a business's actions are drawn with errors as in the built-in world of 5,000 and of 20,000 customers. The
action with the largest believed net value is chosen, if there is one above 0; its promise and its truth are averaged
over worlds. Errors of actions differ a little, costs are those of the press example.

    python benchmarks/effects/beliefs.py --worlds 500
"""

from __future__ import annotations

import argparse

import numpy as np
from servicelift.models.effects.beliefs import believed_together
from servicelift.models.effects.doubt import trust

BUSINESSES = {
    "as built in": [11.8, 12.7, 7.1, 0.1, 7.4, 0.0],
    "no action has an effect": [0.0] * 6,
    "one of six has": [12.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    "all alike": [7.0] * 6,
    "two of six harm": [-6.0, 8.0, 8.0, 3.0, -2.0, 0.0],
    "three actions": [8.0, 2.0, 0.0],
    "two actions": [8.0, 0.0],
}
COSTS = np.array([5.0, 6.1, 2.5, 4.0, 3.0, 5.0])
ERRORS = np.array([1.2, 1.05, 1.1, 1.0, 0.65, 1.0])
SIZES = {"5,000": 4.5, "20,000": 2.2}


def alone(estimates: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return each effect shrunk by its own error."""
    return np.array([trust(value, error) * value for value, error in zip(estimates, errors, strict=True)])


def estimated(estimates: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Return the estimates as they stand."""
    return estimates


WAYS = {"as estimated": estimated, "alone": alone, "together": believed_together}


def chosen(effects: np.ndarray, error: float, worlds: int, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Return the mean promised and true net value of the best action, by how effects are believed."""
    costs, errors = COSTS[: len(effects)], error * ERRORS[: len(effects)]
    sums = {way: np.zeros(2) for way in WAYS}
    for _ in range(worlds):
        estimates = effects + errors * rng.normal(size=len(effects))
        for way, believed in WAYS.items():
            net = believed(estimates, errors) - costs
            best = int(np.argmax(net))
            if net[best] > 0:
                sums[way] += net[best], effects[best] - costs[best]
    return {way: tuple(total / worlds) for way, total in sums.items()}


def main() -> None:
    """Print promised and true by business, size and way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=71)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    for size, error in SIZES.items():
        totals = {way: np.zeros(2) for way in WAYS}
        print(f"\n{size} customers{'':<22}" + "".join(f"{way + ': promised, true':>30}" for way in WAYS))
        for name, effects in BUSINESSES.items():
            found = chosen(np.array(effects), error, asked.worlds, rng)
            for way, pair in found.items():
                totals[way] += pair
            print(f"{name:<38}" + "".join(f"{promised:>20.1f}{true:>10.1f}" for promised, true in found.values()))
        print(f"{'all':<38}" + "".join(f"{p:>20.1f}{t:>10.1f}" for p, t in totals.values()))


if __name__ == "__main__":
    main()
