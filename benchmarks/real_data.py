"""The public data sets through the same commands: what is predicted beside what naive rules predict.

Prints, for UCI Online Retail, held-out value by model, naive rate and mean, whichever wins; for IBM Telco, AUC and log
loss beside logistic regression; for RavenStack, the contradictions that validation names.

    SERVICELIFT_DATA=DIR python benchmarks/real_data.py
"""

from __future__ import annotations

import os
import runpy
import tempfile
from pathlib import Path

from servicelift.core.config.business import load_config
from servicelift.features.tables.tables import validate
from servicelift.training.train import train

ROOT = Path(__file__).resolve().parents[1]
SETS = {
    "online_retail": ("prepare_online_retail.py", "clv/online_retail_uci.parquet"),
    "telco": ("prepare_telco.py", "churn/ibm_telco_customer_churn.csv"),
}


def main() -> None:
    """Run the data sets that are there."""
    data = Path(os.environ.get("SERVICELIFT_DATA", ROOT.parent / "shared" / "data"))
    os.environ["SERVICELIFT_DATA"] = str(data)
    for business, (script, file) in SETS.items():
        if not (data / file).is_file():
            print(f"{business}: left out, '{file}' is not in $SERVICELIFT_DATA")
            continue
        with tempfile.TemporaryDirectory() as folder:
            example = runpy.run_path(str(ROOT / "examples" / script))
            example["main"](["--data", str(data / file), "--out", folder])
            outcome = train(load_config(Path(folder) / f"{business}.yaml"))
            print("\n".join(outcome.lines()))
    if (data / "churn" / "ravenstack").is_dir():
        print("\n".join(validate(load_config(ROOT / "configs" / "ravenstack.yaml")).lines()))


if __name__ == "__main__":
    main()
