"""Expected accuracy of tonight's churn probabilities, before any label, beside that of earlier nights."""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot

from scipy import stats

from ...models.evaluation.expected_accuracy import Foreseen, expected_accuracy
from .measures import Level, Measure
from .nights import Night, Nights

__all__ = ["accuracy_measures"]

LARGE = {"auc": 0.02, "log_loss": 0.1, "brier": 0.1, "rate": 0.1}
"""Changes that matter: of the AUC itself, of the others as a share."""

_WORSE = {"auc": -1, "log_loss": 1, "brier": 1, "rate": 0}
"""Which way is worse; 0: both."""


def accuracy_measures(nights: Nights, horizon_days: int) -> Iterator[Measure]:
    """Yield AUC, log loss, Brier score and churn rate that tonight's probabilities promise.

    The interval is where the realised figure will lie if the probabilities are calibrated. What is expected is the same
    promise on the reference night, the period before is the night a period ago. A change rings if it is for the worse
    (for the rate: either way), large enough to matter, and beyond the sampling errors of both nights.

    Parameters
    ----------
    nights
        Up to tonight.
    horizon_days
        Of churn.
    """
    tonight = _promises(nights.tonight)
    if not tonight:
        return
    reference, before = _promises(nights.reference), _promises(nights.before)
    for name, (found, n) in tonight.items():
        old = reference[name][0] if reference else None
        low, high = found.interval()
        yield Measure(
            "accuracy",
            f"expected_{name}",
            "churn",
            found.value,
            low=low,
            high=high,
            reference=before[name][0].value if before else float("nan"),
            expected=old.value if old else float("nan"),
            n=n,
            days=horizon_days,
            rule=None if old is None else _rule(name, found, old),
        )


def _promises(night: Night | None) -> dict[str, tuple[Foreseen, int]]:
    if night is None:
        return {}
    p = night.scores(["churn_probability"])["churn_probability"].dropna().to_numpy(dtype=float)
    if not len(p):
        return {}
    found = expected_accuracy(p)
    return {name: (getattr(found, name), found.n) for name in LARGE}


def _rule(name: str, now: Foreseen, old: Foreseen) -> Level:
    change, error = now.value - old.value, hypot(now.error, old.error)
    way = _WORSE[name]
    z = abs(change) if way == 0 else way * change
    chance = float(stats.norm.sf(z / error)) * (2 if way == 0 else 1) if error > 0 else 1.0
    scale = 1.0 if name == "auc" else max(abs(old.value), 1e-12)
    return Level(chance, large=z / scale >= LARGE[name])
