"""LaLonde's training programme against controls who were never offered it: estimate, checks and verdict.

The trained of the experiment (Dehejia & Wahba) are compared with survey controls (CPS, PSID), as in Imbens & Xu 2024
("LaLonde (1986) after nearly four decades"). Published: experiment 1,794 (671); AIPW 1,550 (721) with CPS, 1,512
(780) with PSID; placebo on earnings of 1975 with CPS -1,265 (263), where the truth is about 265. Every estimate is
the median over five cross-fits; seeds show how far it still moves.

    python benchmarks/lalonde.py --data ../shared/data --seeds 0 1 2 3 4
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.core.locale import Locale
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.inference import difference_in_means
from servicelift.models.refutation.negative_control import random_treatment
from servicelift.models.refutation.overlap import balance, overlap
from servicelift.models.refutation.sensitivity import sensitivity
from servicelift.models.refutation.stability import detectable_effect, stability
from servicelift.models.refutation.verdict import failed_checks, judge
from servicelift.models.refutation.words import sentence

COVARIATES = ["age", "education", "black", "hispanic", "married", "nodegree", "re74", "re75"]
PUBLISHED = {"cps": (1550, 721), "psid": (1512, 780)}


def people_of(folder: Path, controls: str) -> pd.DataFrame:
    """Return the trained of the experiment above the survey's people."""
    trained = pd.read_stata(folder / "nsw_dw.dta").query("treat == 1")
    return pd.concat([trained, pd.read_stata(folder / f"{controls}_controls.dta")], ignore_index=True)


def effect_on(people: pd.DataFrame, outcome: str, seed: int) -> AverageEffect:
    """Return the effect on an outcome, given what is known before it."""
    before = [name for name in COVARIATES if name != outcome]
    fit = AverageEffect(seed=seed)
    return fit.fit(people[before], people["treat"], people[outcome], groups=people.index)


def report(people: pd.DataFrame, controls: str, seeds: list[int]) -> None:
    """Print every seed, the checks of the first, and the verdict."""
    published, error = PUBLISHED[controls]
    fits = [effect_on(people, "re78", seed) for seed in seeds]
    found = [fit.summary() for fit in fits]
    estimates = np.array([f.estimate for f in found])
    print(f"\n{controls}: published {published:,} ({error}); difference in means {found[0].naive:,.0f}")
    for seed, one in zip(seeds, found, strict=True):
        off = abs(one.estimate - published) / error
        print(f"  seed {seed}: {one.estimate:,.0f} ({one.std_error:,.0f}), {off:.2f} published standard errors away")
    single = np.concatenate([fit.by_cross_fit() for fit in fits])
    print(f"  spread over seeds {estimates.std():,.0f}; of single cross-fits {single.std():,.0f}")
    before = effect_on(people, "re75", seeds[0]).summary()
    print(f"  placebo, earnings of 1975: {before.estimate:,.0f} ({before.std_error:,.0f})")
    fit, effect = fits[0], found[0]
    arms, alike, hidden = overlap(fit), balance(people[COVARIATES], fit), sensitivity(people[COVARIATES], fit)
    nothing, still = random_treatment(fit, seed=0), stability(fit)
    print(
        f"  overlap: {arms.effective_controls:.0f} effective controls of {effect.n_control:,}; {arms.sparse_share:.0%}"
        " of the trained had a chance above 90%"
    )
    print(f"  largest imbalance {alike.worst_before:.2f} before, {alike.worst_after:.2f} after weighting")
    print(
        f"  random treatments that look like effects: {nothing.share_of_effects:.1%} of {nothing.draws}; without a fold"
        f" {still.fold_low:,.0f} to {still.fold_high:,.0f}; detectable at this size {detectable_effect(effect):,.0f}"
    )
    if hidden.strongest is not None:
        name = hidden.strongest.features[0]
        print(f"  robustness value {hidden.robustness_value():.3f}; like {name}, {hidden.times():.1f} times as strong")
    failed = failed_checks(
        overlap=arms,
        surrogate=None,
        placebo=before,
        randomised=False,
        effect=effect,
        stability=still,
        random_treatment=nothing,
    )
    print(f"  {sentence(judge(effect, 0.0, failed=failed, hidden=hidden), Locale('en', 'USD'))}")


def main() -> None:
    """Print the experiment and both surveys."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("SERVICELIFT_DATA", "../shared/data")))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    asked = parser.parse_args()
    folder = asked.data / "uplift" / "lalonde"
    if not folder.exists():
        print(f"no data under {folder}; name its folder with --data or SERVICELIFT_DATA")
        return
    experiment = pd.read_stata(folder / "nsw_dw.dta")
    value, error = difference_in_means(experiment["treat"], experiment["re78"])
    print(f"experiment: {value:,.0f} ({error:,.0f})")
    for controls in PUBLISHED:
        report(people_of(folder, controls), controls, asked.seeds)


if __name__ == "__main__":
    main()
