"""How often an action was read before, and what may be said of it over all readings together.

Each statement leaves a run named ``roi`` in the store: when its data ended, and what it judged. A reading is told by
the end of its data: the same statement made twice is one look, and a statement of newer data is another. Whether all
readings are known depends on the store: one that is older than these runs may have been read without a trace.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...core.records import RowKind
from ...models.actions.effect import ActionEffect
from ...models.effects.always_valid import always_valid
from ...models.refutation.verdict import Ruling, Verdict
from ...tracking import Tracker
from .contrasts import ContrastRuling, ruling_of

__all__ = ["RUN", "Key", "Readings", "earlier_readings", "reading_columns", "reading_tags"]

RUN = "roi"
"""Name of the run that a statement leaves."""

_DATA_UNTIL = "servicelift.data_until"
_READ = "servicelift.read"
_LONGEST = 4_000
"""Characters of a tag; MLflow takes 8,000 at most."""
_MOST = 10_000

Key = tuple[str, str, str | None, str]
"""Kind, action (or contrast), initiative and design: what is read again."""


@dataclass(frozen=True)
class Readings:
    """Earlier readings of what a statement judges.

    Parameters
    ----------
    before
        How many are recorded, by what was read.
    complete
        Whether every statement of the business has left its run.

    Examples
    --------
    >>> key = ("action", "retention_offer", None, "randomised")
    >>> Readings().of(key) is None, Readings(complete=True).of(key), Readings({key: 3}).of(key)
    (True, 0, 3)
    """

    before: Mapping[Key, int] = field(default_factory=dict)
    complete: bool = False

    def of(self, key: Key) -> int | None:
        """Return how many earlier readings are recorded; None where none is and some may have left no run."""
        found = self.before.get(key, 0)
        return found if found or self.complete else None


def earlier_readings(tracker: Tracker, data_until: pd.Timestamp) -> Readings:
    """Return what the store holds of statements whose data ended before ``data_until`` (naive UTC)."""
    ends: dict[Key, set[pd.Timestamp]] = {}
    for run in tracker.past("FINISHED", RUN, most=_MOST):
        end = run.tags.get(_DATA_UNTIL)
        if end is None or pd.Timestamp(end) >= data_until:
            continue
        for key in _read(run.tags):
            ends.setdefault(key, set()).add(pd.Timestamp(end))
    return Readings({key: len(of) for key, of in ends.items()}, tracker.statements_kept)


def reading_tags(data_until: pd.Timestamp, keys: Iterable[Key]) -> dict[str, str]:
    """Return the tags of a statement's run: the end of its data, and what it judged, in texts of bounded length."""
    tags = {_DATA_UNTIL: data_until.isoformat()}
    parts: list[list[str]] = [[]]
    for key in keys:
        text = json.dumps(key)
        if parts[-1] and sum(len(one) + 1 for one in parts[-1]) + len(text) > _LONGEST:
            parts.append([])
        parts[-1].append(text)
    return tags | {f"{_READ}.{n}": f"[{','.join(part)}]" for n, part in enumerate(parts)}


def _read(tags: Mapping[str, str]) -> list[Key]:
    texts = [text for name, text in tags.items() if name.startswith(f"{_READ}.")]
    return [
        (kind, action, initiative, design) for text in texts for kind, action, initiative, design in json.loads(text)
    ]


def reading_columns(
    effect: ActionEffect, treated: int, verdict: Verdict, unit_cost: float, tightest_at: int, before: Readings, key: Key
) -> dict[str, object]:
    """Return the interval over all readings, the verdict that it allows, and how often the same was read before.

    Parameters
    ----------
    effect, treated, verdict, unit_cost
        The estimate, its treated decisions, the verdict on it, and what one of them cost (0 of a contrast).
    tightest_at
        Customers in each of two equal arms at which the interval is narrowest.
    before, key
        What is recorded of earlier readings, and which of it is this estimate.
    """
    over_all = always_valid(effect.effect, tightest_at)
    lasts = not over_all.holds(unit_cost)
    if key[0] == RowKind.ACTION:
        said = verdict.verdict.value if lasts else Ruling.NOT_PROVEN.value
    else:
        said = (ruling_of(verdict) if lasts else ContrastRuling.NOT_SHOWN).value
    times = before.of(key)
    return {
        "effect_per_treated_always_low": over_all.low,
        "effect_per_treated_always_high": over_all.high,
        "incremental_clv_always_low": over_all.low * treated,
        "incremental_clv_always_high": over_all.high * treated,
        "verdict_always": said,
        "equal_arms": over_all.customers,
        "earlier_readings": np.nan if times is None else float(times),
        "earlier_readings_complete": before.complete,
    }
