"""Where readers of the statement would fool themselves."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from ...core.messages import Message
from ...core.records import ArmCounts, StudyDesign, TrialData
from ...features.outcomes.clv_inputs import gross_of_refunds
from ...features.tables.tables import Tables
from ...models.randomised.split import SplitTest, sample_ratio
from ...models.refutation.overlap import Overlap

__all__ = ["JOURNEY", "Caution", "business_warnings", "response_rate", "split_of", "trial_warnings"]

SHORTEST_HORIZON = 12
"""Months below which a return leaves out most of what loyal customers bring."""
LOWEST_RESPONSE = 0.3
MOST_IMMATURE = 0.25
MOST_ELSEWHERE = 0.1
FEWEST_CONTROLS = 200.0

JOURNEY = {
    "acquisition": ("customers.acquisition_channel", "customers.acquisition_cost"),
    "subscription": ("subscriptions.started_at",),
    "payment": ("payments.paid_at", "payment_methods.method"),
    "service": ("contacts.opened_at",),
    "satisfaction": ("surveys.score",),
    "referral": ("referrals.referred_at",),
}
"""Stages of a customer's journey, and the columns of which one tells of it."""


class Caution(StrEnum):
    """What a reader of the statement has to know beside its figures."""

    SHORT_HORIZON = "short_horizon"
    NO_DATA = "no_data"
    FEW_ANSWERS = "few_answers"
    IMMATURE = "immature"
    FEW_CONTROLS = "few_controls"
    BOTH_ARMS = "both_arms"
    SAME_DAY = "same_day"
    TREATED_SOON = "treated_soon"
    OBSERVED_PROPENSITY = "observed_propensity"
    ONE_SIDED = "one_sided"
    TOLD_APART = "told_apart"
    CERTAIN = "certain"
    SPLIT = "split"
    WAITING = "waiting"
    GROSS_OF_REFUNDS = "gross_of_refunds"
    LAPSED_LEFT_OUT = "lapsed_left_out"
    RUNNING_LEFT_OUT = "running_left_out"
    NOT_DRAWN = "not_drawn"


def business_warnings(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> tuple[Message, ...]:
    """Return what holds for the whole statement: a short horizon, silent customers, stages that nobody writes down."""
    cautions = []
    horizon = tables.config.value.horizon_months
    if horizon < SHORTEST_HORIZON:
        cautions.append(Message.of(Caution.SHORT_HORIZON, months=horizon, least=SHORTEST_HORIZON))
    blind = [stage for stage, columns in JOURNEY.items() if not any(_is_filled(tables, column) for column in columns)]
    if blind:
        cautions.append(Message.of(Caution.NO_DATA, stages=tuple(blind)))
    if gross_of_refunds(tables):
        cautions.append(Message.of(Caution.GROSS_OF_REFUNDS))
    rate = response_rate(tables, since, until)
    if rate is not None and rate < LOWEST_RESPONSE:
        cautions.append(Message.of(Caution.FEW_ANSWERS, share=rate))
    return tuple(cautions)


def trial_warnings(trial: TrialData, overlap: Overlap, *, not_drawn: bool = False) -> tuple[Message, ...]:
    """Return what holds for one estimate: decisions too recent to judge, few controls, arms not kept apart.

    ``not_drawn``: chance alone decides whom the action treats, and there are observational controls, too, who may not
    have been in the draw.
    """
    cautions = []
    if not_drawn:
        cautions.append(Message.of(Caution.NOT_DRAWN))
    treated = int(trial.treated.sum())
    share = trial.immature / max(treated + trial.immature, 1)
    if share > MOST_IMMATURE:
        cautions.append(Message.of(Caution.IMMATURE, share=share))
    if trial.elsewhere > MOST_ELSEWHERE * (treated + trial.elsewhere):
        left_out = Caution.RUNNING_LEFT_OUT if trial.lapsed else Caution.LAPSED_LEFT_OUT
        cautions.append(Message.of(left_out, decisions=trial.elsewhere))
    if overlap.effective_controls < FEWEST_CONTROLS:
        cautions.append(Message.of(Caution.FEW_CONTROLS, controls=overlap.effective_controls))
    split = split_of(trial)
    if split is not None and not split.holds:
        came, planned = float(split.counts[0]), float(split.expected[0])
        cautions.append(Message.of(Caution.SPLIT, came=int(came), planned=planned, p=f"{split.p_value:.1g}"))
    return (*cautions, *_arm_warnings(trial.arms))


def split_of(trial: TrialData) -> SplitTest | None:
    """Return the sample-ratio test of a randomised trial: its arms against the propensities that were recorded.

    A persistent holdout gives a customer the same arm every time, so each counts once, by the first decision. None
    where chance did not decide, where the propensities were not recorded with the draw, or where held-out customers are
    shared by several initiatives.
    """
    arms, units = trial.arms, trial.units
    if trial.design != StudyDesign.RANDOMISED or arms.observed_propensity or arms.one_sided or arms.told_apart:
        return None
    if "initiative" in units:
        of, treated = units["initiative"], units["treated"] == 1
        if of[treated].notna().any() and of[~treated].isna().any():
            return None
    first = units.sort_values("as_of", kind="stable") if "as_of" in units else units
    first = first.drop_duplicates("customer_id")
    chance = first["propensity"].to_numpy(dtype=float)
    if not ((chance > 0) & (chance < 1)).all():
        return None
    return sample_ratio(first["treated"].to_numpy(dtype=np.int64), np.column_stack([1 - chance, chance]))


def _arm_warnings(arms: ArmCounts) -> tuple[Message, ...]:
    """Return what blurs the comparison of the arms, as it was recorded."""
    cautions = []
    if arms.both_arms:
        cautions.append(Message.of(Caution.BOTH_ARMS, customers=arms.both_arms))
    if arms.same_day:
        cautions.append(Message.of(Caution.SAME_DAY, decisions=arms.same_day))
    if arms.treated_soon:
        share = arms.treated_soon / arms.held_out
        cautions.append(Message.of(Caution.TREATED_SOON, customers=arms.treated_soon, share=share))
    if arms.observed_propensity:
        cautions.append(Message.of(Caution.OBSERVED_PROPENSITY, strata=", ".join(arms.strata)))
    if arms.one_sided:
        cautions.append(Message.of(Caution.ONE_SIDED))
    if arms.told_apart:
        cautions.append(Message.of(Caution.TOLD_APART))
    if arms.certain:
        cautions.append(Message.of(Caution.CERTAIN, decisions=arms.certain))
    if arms.waiting:
        cautions.append(Message.of(Caution.WAITING, customers=arms.waiting))
    return tuple(cautions)


def response_rate(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> float | None:
    """Return the share of the surveys sent in [since, until) that were answered; None where it cannot be told."""
    if not tables.has("surveys", "sent_at"):
        return None
    rows = tables["surveys"]
    rows = rows.filter(rows.sent_at >= since.to_pydatetime(), rows.sent_at < until.to_pydatetime())
    counts = tables.execute(rows.aggregate(sent=rows.count(), answered=rows.responded_at.count())).iloc[0]
    return float(counts["answered"] / counts["sent"]) if counts["sent"] else None


def _is_filled(tables: Tables, column: str) -> bool:
    """Return whether a column is there and says anything at all."""
    table, name = column.split(".")
    if not tables.has(table, name):
        return False
    rows = tables[table]
    return bool(tables.execute(rows.aggregate(filled=rows[name].count()))["filled"].iloc[0])
