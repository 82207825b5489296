"""An experiment in lines: what a terminal shows, in the language of the configuration."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ....core.locale import Locale
from ....models.randomised.rule import Advice
from .analysis import Analysis
from .words import CAUTIONS, EXPERIMENT

__all__ = ["advice_line", "amount", "base_level", "experiment_lines", "p_text"]


def amount(value: float, kind: str, locale: Locale, error: float) -> str:
    """Return an effect as people read it: money, percentage points or a number, as exact as its error makes sense.

    Parameters
    ----------
    value
        In units of the outcome.
    kind
        Kind of the outcome: ``money``, ``number`` or ``yes_no``.
    locale
        Whose figures.
    error
        Standard error in units of the outcome: its second digit is the last that is written.
    """
    scale = 100.0 if kind == "yes_no" else 1.0
    sharp = error * scale
    digits = int(np.clip(1 - np.floor(np.log10(sharp)), 0, 6)) if np.isfinite(sharp) and sharp > 0 else 2
    if kind == "money":
        return locale.money(value, max(digits, 2))
    if kind == "yes_no":
        return EXPERIMENT.say(locale, "points", value=locale.number(value * scale, digits))
    return locale.number(value, digits)


def p_text(p: float, locale: Locale) -> str:
    """Return a p-value with three decimals, or that it is below the last of them."""
    return locale.number(p, 3) if p >= 0.0005 else f"< {locale.number(0.001, 3)}"


def base_level(row: pd.Series, locale: Locale) -> str:
    """Return the mean of the control: money, a share or a number."""
    if row["kind"] == "yes_no":
        return locale.percent(row["control_mean"], 2)
    return amount(row["control_mean"], row["kind"], locale, row["std_error"])


def experiment_lines(found: Analysis, locale: Locale) -> list[str]:
    """Return what a user reads about an experiment, one statement a line."""
    data, split = found.data, found.split
    sizes = [
        EXPERIMENT.say(locale, "size", arm=arm, n=int(n), planned=planned)
        for arm, n, planned in zip(data.arms, split.counts, split.expected, strict=True)
    ]
    lines = [EXPERIMENT.say(locale, "customers", n=len(data.codes), arms=len(data.arms), sizes=sizes)]
    if split.holds:
        lines.append(EXPERIMENT.say(locale, "split_holds", p=p_text(split.p_value, locale)))
    else:
        lines.append(EXPERIMENT.say(locale, "split_fails", p=f"{split.p_value:.1g}"))
    if len(found.balance.table):
        columns = len(found.balance.table) // (len(data.arms) - 1)
        lines.append(
            EXPERIMENT.say(
                locale, "balance", n=columns, worst=found.balance.worst, p=p_text(found.balance.p_value, locale)
            )
        )
    else:
        lines.append(EXPERIMENT.say(locale, "no_covariates"))
    lines += [_effect_line(row, locale) for _, row in found.effects.iterrows()]
    lines.append(EXPERIMENT.say(locale, "together", n=len(found.effects)))
    lines += _difference_lines(found, locale)
    lines.append(advice_line(found, locale))
    said = [CAUTIONS.write(locale, message) for message in (*found.cautions, *data.notes)]
    return [*lines, *(EXPERIMENT.say(locale, "caution", text=text) for text in said)]


def _effect_line(row: pd.Series, locale: Locale) -> str:
    mid, low, high = (amount(row[name], row["kind"], locale, row["std_error"]) for name in ("estimate", "low", "high"))
    return EXPERIMENT.say(
        locale,
        "effect",
        outcome=row["outcome"],
        arm=row["arm"],
        control=row["control"],
        mid=mid,
        low=low,
        high=high,
        base=base_level(row, locale),
        shown="effect_shown" if row["shown"] else "effect_not_shown",
    )


def _difference_lines(found: Analysis, locale: Locale) -> list[str]:
    if found.differences.empty:
        return [EXPERIMENT.say(locale, "not_asked")]
    kinds = dict(zip(found.effects["outcome"], found.effects["kind"], strict=True))
    lines = []
    for _, row in found.differences[found.differences["target"] == "autoc"].iterrows():
        kind = kinds[row["outcome"]]
        mid, low, high = (amount(row[name], kind, locale, row["std_error"]) for name in ("estimate", "low", "high"))
        figures = {"outcome": row["outcome"], "arm": row["arm"], "mid": mid, "low": low, "high": high}
        if row["evidence"]:
            lines.append(EXPERIMENT.say(locale, "differs", p=p_text(row["p_together"], locale), **figures))
        else:
            lines.append(EXPERIMENT.say(locale, "no_evidence", **figures))
    return lines


def advice_line(found: Analysis, locale: Locale) -> str:
    """Return the advice in words: none where the arms are not alike."""
    if not found.believed:
        return EXPERIMENT.say(locale, "refused")
    if found.rule is None or found.ruled is None:
        return EXPERIMENT.say(locale, "no_rule")
    if found.rule.advice is Advice.ONE_ARM:
        return EXPERIMENT.say(locale, "one_arm", arm=found.data.arms[found.rule.arm])
    if found.rule.advice is Advice.NOBODY:
        return EXPERIMENT.say(locale, "nobody", outcome=found.ruled.outcome)
    best = found.rule.table.iloc[0]
    error = (best["high"] - best["low"]) / 4
    value, low, high = (amount(best[name], "money", locale, error) for name in ("value", "low", "high"))
    return EXPERIMENT.say(locale, "personal", value=value, low=low, high=high)
