"""Small made-up subscribers at landmarks, for examples and for trying models out; the simulation has the whole world.

Contracts of a month, paid by IBAN or by card, leave at a constant chance a month that their method decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.short_repr import ShortRepr

__all__ = ["Landmarks", "draw_landmarks"]

_LOSS = {"card": 0.15, "iban": 0.03}
_WATCHED = 12


@dataclass(frozen=True)
class Landmarks(ShortRepr):
    """Frames as :meth:`~.value.ContractualCLV.fit` takes them, one row a landmark; ``leads`` a row a month seen.

    Examples
    --------
    >>> import numpy as np
    >>> draw_landmarks(100, np.random.default_rng(0)).contract["price"].unique()
    array([10.])
    """

    features: pd.DataFrame
    contract: pd.DataFrame
    leads: pd.DataFrame
    money: pd.DataFrame


def draw_landmarks(n: int, rng: np.random.Generator) -> Landmarks:
    """Return n running contracts of a month at 10 a month, seen for 12 months; 3% (IBAN) or 15% (card) leave a month.

    Parameters
    ----------
    n
        Number of landmarks.
    rng
        The source of randomness.

    Examples
    --------
    >>> import numpy as np
    >>> world = draw_landmarks(400, np.random.default_rng(0))
    >>> world.leads.columns.tolist(), len(world.features)
    (['row', 'lead', 'renewal', 'cause'], 400)
    """
    features = pd.DataFrame({"method": rng.choice(sorted(_LOSS), n)})
    last = rng.geometric(features["method"].map(_LOSS).to_numpy(dtype=np.float64))
    seen = np.minimum(last, _WATCHED)
    row = np.repeat(np.arange(n), seen)
    lead = np.arange(len(row)) - np.repeat(np.cumsum(seen) - seen, seen) + 1
    leads = pd.DataFrame({"row": row, "lead": lead, "renewal": True, "cause": (lead == last[row]).astype(int)})
    contract = pd.DataFrame(
        {
            "running": True,
            "term_months": 1.0,
            "price": 10.0,
            "months_to_renewal": 1.0,
            "renewals_done": 5.0,
            "months_since_start": 5.0,
            "months_since_end": np.nan,
            "cancel_pending": False,
            "ended_involuntary": False,
        },
        index=features.index,
    )
    money = pd.DataFrame(0.0, index=features.index, columns=["ancillary", "refunds", "contact_cost", "action_cost"])
    return Landmarks(features, contract, leads, money.assign(exposure_months=seen.astype(np.float64)))
