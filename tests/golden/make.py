"""Write the saved model that tomorrow's code must still read: run once a format, never to make a test pass.

    python tests/golden/make.py FOLDER [trees|logistic]

A folder that a released version wrote stays as it is; a new format gets a new folder beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.models.churn.competing import ChurnClassifier, CompetingChurn
from servicelift.models.churn.logistic import LogisticChurn
from servicelift.models.registered import ChurnModel
from servicelift.serving import column_kinds, write_model

MLMODEL = """\
flavors:
  python_function:
    data: data
    env: {}
    loader_module: servicelift.serving
signature:
  inputs: '[{"type": "any", "name": "tenure_days"}, {"type": "any", "name": "complaints_90d"},
    {"type": "any", "name": "auto_renew"}, {"type": "string", "name": "method"}]'
  outputs: '[{"type": "double", "name": "churn_probability"}, {"type": "double", "name":
    "churn_probability_voluntary"}, {"type": "double", "name": "churn_probability_involuntary"}]'
"""


def rows(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "tenure_days": np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 2000, n)),
            "complaints_90d": rng.integers(0, 4, n),
            "auto_renew": rng.random(n) < 0.5,
            "method": pd.Series(rng.choice(["iban", "card", "cheque"], n)).where(rng.random(n) > 0.05),
        }
    )


def main(folder: Path, kind: str = "trees") -> None:
    X = rows(1500, 1)
    rng = np.random.default_rng(2)
    p = 0.1 + 0.1 * X["complaints_90d"] + 0.2 * (X["method"] == "card")
    cause = np.where(rng.random(len(X)) < p, np.where(X["method"] == "card", 2, 1), 0)
    trees = CompetingChurn(classifier=ChurnClassifier(max_rounds=4, num_leaves=4), random_state=0)
    fitted = (trees if kind == "trees" else LogisticChurn(max_levels=2)).fit(X, cause)
    model = ChurnModel(fitted, fitted, tuple(X.columns), 90)
    folder.mkdir(parents=True)
    write_model(folder / "data", model, column_kinds(X))
    (folder / "MLmodel").write_text(MLMODEL, encoding="utf-8")
    asked = rows(40, 3)
    asked.to_csv(folder / "rows.csv", index=False)
    model.predict_frame(asked).to_csv(folder / "expected.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
