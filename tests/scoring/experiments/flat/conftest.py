"""An experiment of known truth: three arms, one that helps some, and one that does nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.experiment import load_experiment

KEYS = {
    "experiment": "spring_offer",
    "arm": "group",
    "control": "none",
    "assignment": "random",
    "outcomes": {"spend": "money", "back": "yes_no"},
    "costs": {"call": 0.5, "mail": 0.1},
}


@pytest.fixture(scope="session")
def offers():
    """Return 1,500 customers: the call brings 4 where tenure is above 0 and takes 2 elsewhere."""
    rng = np.random.default_rng(5)
    n = 1_500
    tenure, arm = rng.normal(size=n), rng.choice(["none", "mail", "call"], n)
    spend = 10 + 3 * tenure + (arm == "call") * np.where(tenure > 0, 4, -2) + rng.normal(size=n) * 2
    back = rng.random(n) < 0.3
    return pd.DataFrame(
        {
            "customer_id": np.arange(n) + 100,
            "tenure": tenure,
            "plan": rng.choice(["a", "b"], n),
            "group": arm,
            "spend": spend.round(2),
            "back": np.where(back, "yes", "no"),
        }
    )


@pytest.fixture(scope="session")
def config():
    """Return its configuration, made with changed keys."""

    def make(**more):
        return load_experiment({**KEYS, **more})

    return make
