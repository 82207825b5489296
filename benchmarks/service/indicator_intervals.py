"""How often intervals of indicators hold the truth: clustered by customer, and as if every row were a customer.

Customers have 1 to 9 rows each, fewer the more often; how likely theirs are solved, and how long theirs take, differs
between customers. Printed: the share of runs whose 95% interval holds the true value.
"""

from __future__ import annotations

import numpy as np
from servicelift.models.evaluation.clustered_ratio import Sums, nps_interval, ratio_interval, share_interval

RUNS = 2_000
SIZES = (20, 60, 300)


def rows_of(rng: np.random.Generator, customers: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return who each row belongs to, whether it was solved, its NPS points, and how long it took."""
    who = np.repeat(np.arange(customers), np.minimum(rng.geometric(0.4, customers), 9))
    solved = rng.random(len(who)) < rng.beta(2.1, 0.9, customers)[who]
    mood = rng.dirichlet([1.5, 0.9, 0.6], customers)[who].cumsum(axis=1)
    draw = rng.random((len(who), 1))
    points = np.array([100.0, 0.0, -100.0])[(draw > mood).sum(axis=1).clip(0, 2)]
    seconds = rng.gamma(2.0, 150.0, len(who)) * rng.gamma(4.0, 0.25, customers)[who]
    return who, solved.astype(float), points, seconds


def main() -> None:
    print(f"{'indicator':<16}{'customers':>10}{'clustered':>11}{'by row':>9}")
    truths = {"share": 0.7, "nps": 30.0, "mean": 300.0}
    makers = {"share": share_interval, "nps": nps_interval, "mean": ratio_interval}
    for customers in SIZES:
        rng = np.random.default_rng(11)
        held = {name: [0, 0] for name in truths}
        for _ in range(RUNS):
            who, *values = rows_of(rng, customers)
            one = np.ones(len(who))
            for (name, truth), value in zip(truths.items(), values, strict=True):
                for place, cluster in enumerate((who, np.arange(len(who)))):
                    found = makers[name](Sums.of(cluster, value, one))
                    held[name][place] += bool(found.low[0] <= truth <= found.high[0])
        for name, (clustered, by_row) in held.items():
            print(f"{name:<16}{customers:>10}{clustered / RUNS:>11.1%}{by_row / RUNS:>9.1%}")


if __name__ == "__main__":
    main()
