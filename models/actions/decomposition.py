"""An effect in the terms of finance: by path, realised so far and still predicted, customers kept, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...core.arrays import Floats, Positions
from ...core.money import Horizon
from ...core.records import TrialData
from ...core.short_repr import ShortRepr
from ..effects.average import AverageEffect
from ..effects.inference import EffectEstimate
from ..fitting.encoding import SharedRows
from ..portfolio import ClvModel, PortfolioCLV
from ..subscriptions.cash_flow import RunningPaths
from .by_month import effect_by_month
from .mechanisms import PATHS, Stay, estimate_parts, path_values, stay_of

__all__ = ["Decomposition", "PathCut", "decompose"]


_LEAST_FULL = 50


@dataclass(frozen=True)
class Decomposition(ShortRepr):
    """What stands behind the effect on a treated customer; money a treated customer.

    Parameters
    ----------
    paths
        The effect by path (:data:`PATHS`); the estimates add up to the effect.
    realised, predicted
        The effect on what was realised over (s, s + F], and on what is still predicted; they add up to the effect.
    full_realised, n_full
        The effect on value realised over the whole horizon, on the treated decisions old enough; None, with their
        number, where either arm has fewer than 50.
    referral
        Customers brought within the follow-up because of the action; None where nobody writes that down.
    retained
        Chance to run at s + F because of the action; None without contracts, and of lapsed customers.
    won_back
        The same of lapsed customers, None of others: a subscription was started, and runs.
    by_month
        Cumulated effect at the end of month 0, 1, ... H, (H + 1,).
    sides
        The effect on what is counted in the follow-up beside money, by name; without counts of which no case was seen.
    """

    paths: Mapping[str, EffectEstimate]
    realised: EffectEstimate
    predicted: EffectEstimate
    full_realised: EffectEstimate | None
    n_full: int
    referral: EffectEstimate | None
    retained: EffectEstimate | None
    by_month: Floats
    won_back: EffectEstimate | None = None
    sides: Mapping[str, EffectEstimate] = field(default_factory=dict)


@dataclass(frozen=True)
class PathCut(ShortRepr):
    """How the outcome of n decisions is cut into its paths, and what of it is walked once for cut and forecast alike.

    Parameters
    ----------
    trial
        The decisions, with their course.
    horizon
        H and F.
    stay
        As of :func:`stay_of`, by the final model; it serves the bootstrap models too.
    """

    trial: TrialData
    horizon: Horizon
    stay: Stay | None

    @classmethod
    def of(cls, trial: TrialData, clv: ClvModel, horizon: Horizon) -> PathCut | None:
        """Return how decisions are cut; None where they have no course."""
        if trial.losses is None:
            return None
        return cls(trial, horizon, stay_of(clv.final.contractual, trial, clv.horizon_months))

    def walked(
        self, model: PortfolioCLV, months: Sequence[float], shared: SharedRows | None = None
    ) -> list[tuple[Positions, RunningPaths]] | None:
        """Return the lead months of who runs at s + F; None where forecasts over ``months`` need another number.

        ``shared`` are the features then, where other models read them too.
        """
        contract, longest = self.trial.state.contract, int(np.ceil(max(months) - 1e-9))
        if self.stay is None or model.contractual is None or contract is None or longest < 1:
            return None
        if longest != int(np.ceil(self.horizon.remaining_months - 1e-9)):
            return None
        return list(model.contractual.running_paths(shared or self.trial.state.features, contract, longest))

    def cut(
        self, model: PortfolioCLV, outcome: Floats, walked: list[tuple[Positions, RunningPaths]] | None
    ) -> dict[str, Floats]:
        """Return the outcome (n,) that ``model`` gave, cut into its paths."""
        values = path_values(
            model.contractual,
            self.trial,
            outcome,
            self.stay,
            factor=self.horizon.discount_at_follow_up,
            follow_up_months=self.horizon.follow_up_months,
            remaining_months=self.horizon.remaining_months,
            paths=walked,
        )
        return dict(zip(PATHS, values.T, strict=True))


def decompose(
    trial: TrialData,
    clv: ClvModel,
    effect: AverageEffect,
    *,
    horizon: Horizon,
    by_path: Mapping[str, Floats],
    draws: Sequence[tuple[Floats, Mapping[str, Floats], Floats]],
) -> Decomposition | None:
    """Return the decomposition of an effect, or None where the trial has no course.

    Parameters
    ----------
    trial
        Its n decisions.
    clv
        The model that predicted, with its bootstrap models.
    effect
        Fitted on the decisions and their surrogate outcome.
    horizon
        H and F.
    by_path
        The outcome cut into its paths (:class:`PathCut`), each (n,).
    draws
        For each bootstrap draw that was needed, from the first on: the outcome that its model gives (n,), the same cut
        into its paths, and the weights of the draw (n,).
    """
    if trial.losses is None:
        return None
    realised = trial.realised["value"].to_numpy(dtype=float)

    def times(outcome: Floats) -> dict[str, Floats]:
        return {"realised": realised, "predicted": outcome - realised}

    paths = estimate_parts(effect, by_path, draws=[(cut, weight) for _, cut, weight in draws], seed=clv.seed)
    by_time = estimate_parts(
        effect,
        times(effect.outcome_),
        draws=[(times(outcome), weight) for outcome, _, weight in draws],
        seed=clv.seed,
    )
    full, n_full = _full(trial, effect)
    runs = _side(effect, _running(trial))
    return Decomposition(
        paths={name: paths[name] for name in PATHS},
        realised=by_time["realised"],
        predicted=by_time["predicted"],
        full_realised=full,
        n_full=n_full,
        referral=_side(effect, trial.losses.referrals),
        retained=None if trial.lapsed else runs,
        won_back=runs if trial.lapsed else None,
        by_month=effect_by_month(effect, _cumulated(trial, clv, horizon)),
        sides=_sides(trial, effect),
    )


def _side(effect: AverageEffect, outcome: Floats | None) -> EffectEstimate | None:
    return None if outcome is None else effect.with_outcome(outcome, quick=True).summary()


def _sides(trial: TrialData, effect: AverageEffect) -> dict[str, EffectEstimate]:
    """Return the effect on each count beside money; without those of which no case was seen, which tell nothing.

    Where everybody has the same count, the estimate is 0 with an error of 0: that is no certainty, there was no case.
    """
    counts = {} if trial.losses is None else trial.losses.sides
    return {
        name: effect.with_outcome(count, quick=True).summary() for name, count in counts.items() if np.ptp(count) > 0
    }


def _running(trial: TrialData) -> Floats | None:
    """Return 1 for who runs at s + F, else 0, (n,)."""
    contract = trial.state.contract
    return None if contract is None else contract.running.astype(float)


def _full(trial: TrialData, effect: AverageEffect) -> tuple[EffectEstimate | None, int]:
    """Return the effect on fully realised value, and the number of treated decisions old enough."""
    if trial.full is None:
        return None, 0
    seen = np.isfinite(trial.full)
    arms = [int(np.sum(seen & (effect.treated_ == arm))) for arm in (0, 1)]
    if min(arms) < _LEAST_FULL:
        return None, arms[1]
    value = np.where(seen, trial.full, 0.0)
    return effect.with_outcome(value, effect.sample_weight_ * seen, quick=True).summary(), arms[1]


def _cumulated(trial: TrialData, clv: ClvModel, horizon: Horizon) -> Floats:
    """Return the outcome cumulated to the end of month 1..H, (n, H): realised in the follow-up, expected after it."""
    follow_up = horizon.follow_up_months
    months = np.arange(1, clv.horizon_months + 1)
    seen = trial.monthly.shape[1] if trial.monthly is not None else 0
    ahead = tuple(float(m) for m in months[seen:] - follow_up if m > 0)
    future = clv.final.predict_horizons(trial.state, months=ahead)
    realised = trial.realised["value"].to_numpy(dtype=float)[:, None]
    start = trial.monthly if trial.monthly is not None else np.empty((len(realised), 0))
    return np.hstack([start, realised + horizon.discount_at_follow_up * future])
