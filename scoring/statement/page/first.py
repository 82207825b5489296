"""The first screen: three sentences and one picture, for a reader who has one minute and no statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ....core.locale import Locale
from ....core.short_repr import ShortRepr
from ....models.effects.doubt import Evidence
from ....models.refutation.verdict import Ruling
from ...pages.cells import Cell
from ...pages.drawings import Forest, ForestRow, Scale, ticks
from ..contrasts import ContrastRuling
from ..totals import ALL
from .first_words import FIRST
from .wording import title, verdict_cell

__all__ = ["decide_sentence", "earned_picture", "earned_sentence", "first_sentences", "proven_sentence"]


@dataclass(frozen=True)
class _Chosen(ShortRepr):
    """Rows of one fate, and their names."""

    rows: pd.DataFrame
    names: list[str]

    @classmethod
    def of(cls, rows: pd.DataFrame, mask: pd.Series, locale: Locale) -> _Chosen:
        own = rows[mask.to_numpy(dtype=bool)]
        several = set(rows.loc[rows["action"].duplicated(keep=False), "action"])
        names = [
            title(row, locale) if row["action"] in several else locale.named(str(row["action"]))
            for _, row in own.iterrows()
        ]
        return cls(own, [FIRST.say(locale, "name", name=name) for name in names])

    def say(self, locale: Locale, code: str, **figures: Any) -> str:
        return FIRST.say(locale, code, names=self.names, n=len(self.names), **figures)


def first_sentences(
    headline: pd.DataFrame, totals: pd.DataFrame, contrasts: pd.DataFrame, months: int, locale: Locale
) -> tuple[str, str, str]:
    """Return what was spent and earned, what is proven, and what to decide, a sentence each.

    Parameters
    ----------
    headline, contrasts
        Rows of ``roi.parquet`` that speak for their action, and those of contrasts.
    totals
        ``roi_totals.parquet``.
    months
        The horizon.
    locale
        How they are written.
    """
    return (
        earned_sentence(headline, totals, months, locale),
        proven_sentence(headline, contrasts, locale),
        decide_sentence(headline, locale),
    )


def earned_sentence(headline: pd.DataFrame, totals: pd.DataFrame, months: int, locale: Locale) -> str:
    """Return what the actions cost and brought together; those that a check refused stand apart."""
    if headline.empty:
        return FIRST.say(locale, "no_action")
    total = totals[totals["initiative"] == ALL].iloc[0]
    refused = _Chosen.of(headline, headline["evidence"] == Evidence.REFUSED, locale)
    out = float(refused.rows["cost"].sum())
    if len(refused.rows) == len(headline):
        return refused.say(locale, "none_counted", cost=out)
    ends = {name: total[f"roi_percent{end}"] / 100 for name, end in (("mid", ""), ("low", "_low"), ("high", "_high"))}
    known = bool(np.isfinite(list(ends.values())).all())
    return FIRST.say(
        locale,
        "earned",
        n=len(headline) - len(refused.rows),
        cost=total["cost"],
        gain=total["incremental_clv"],
        realised=total["realised_incremental_clv"],
        low=total["incremental_clv_low"],
        high=total["incremental_clv_high"],
        months=months,
        returned=FIRST.say(locale, "returned", **ends) if known else "",
        aside=refused.say(locale, "aside", cost=out) if refused.names else "",
    )


def proven_sentence(headline: pd.DataFrame, contrasts: pd.DataFrame, locale: Locale) -> str:
    """Return which actions are proven to pay or to lose, and how much of the spending is still open."""
    if headline.empty:
        shown = _Chosen.of(contrasts, contrasts["verdict"] == ContrastRuling.SHOWN, locale)
        return shown.say(locale, "shown") if shown.names else FIRST.say(locale, "none_shown")
    fates = {ruling: _Chosen.of(headline, headline["verdict"] == ruling, locale) for ruling in Ruling}
    proven = [(code, fates[ruling]) for code, ruling in (("pays", Ruling.PAYS), ("loses", Ruling.LOSES))]
    parts = [own.say(locale, code) for code, own in proven if own.names]
    unproven = fates[Ruling.NOT_PROVEN]
    if not parts:
        return unproven.say(locale, "nothing_proven")
    cost = float(headline["cost"].sum())
    share = float(unproven.rows["cost"].sum()) / cost if cost > 0 else np.nan
    left = unproven.say(locale, "open", share=share) if unproven.names else ""
    return FIRST.say(locale, "proven", parts=parts, open=left)


def decide_sentence(headline: pd.DataFrame, locale: Locale) -> str:
    """Return what follows: go on, stop, try at random, or choose without proof."""
    if headline.empty:
        return FIRST.say(locale, "nothing_to_decide")
    verdict, settle = headline["verdict"], headline["settle"].fillna("")
    unproven = verdict == Ruling.NOT_PROVEN
    test = _Chosen.of(headline, unproven & (settle == "experiment"), locale)
    fates = {
        "keep": _Chosen.of(headline, verdict == Ruling.PAYS, locale),
        "stop": _Chosen.of(headline, verdict == Ruling.LOSES, locale),
        "test": test,
        "choose": _Chosen.of(headline, unproven & (settle == "none"), locale),
        "watch": _Chosen.of(headline, unproven & ~settle.isin(["experiment", "none"]), locale),
    }
    asked: dict[str, Any] = {}
    if test.names:
        asked = {"months": int(test.rows["settle_months"].max()), "forgone": test.rows["settle_forgone"].sum()}
    figures: dict[str, dict[str, Any]] = {"test": asked, "choose": {"sides": _leaning(fates["choose"], locale)}}
    parts = [own.say(locale, code, **figures.get(code, {})) for code, own in fates.items() if own.names]
    return FIRST.say(locale, "decide", parts=locale.clauses(parts))


def _leaning(open_: _Chosen, locale: Locale) -> str:
    """Return for which of the actions that nothing would settle today's figures speak, and against which."""
    likely = open_.rows["chance_pays"].to_numpy(dtype=float) >= 0.5
    sides = [[name for name, pays in zip(open_.names, likely, strict=True) if pays == side] for side in (True, False)]
    if all(sides):
        return FIRST.say(locale, "lean_both", names=sides[0], others=sides[1])
    return FIRST.say(locale, "lean_go" if sides[0] else "lean_stop", names=sides[0] or sides[1])


def earned_picture(headline: pd.DataFrame, totals: pd.DataFrame, locale: Locale) -> Forest | None:
    """Return cost and gain of each action in total money, and of all together where there are several."""
    lines: list[tuple[str, pd.Series, Cell | None]] = [
        (title(row, locale), row, verdict_cell(row["verdict"], locale)) for _, row in headline.iterrows()
    ]
    if len(headline) > 1:
        lines += [(FIRST.say(locale, "all"), totals[totals["initiative"] == ALL].iloc[0], None)]
    names = ("incremental_clv", "incremental_clv_low", "incremental_clv_high", "cost")
    values = np.array([[float(row[name]) for name in names] for _, row, _ in lines])
    scale = Scale.over(values)
    if scale is None:
        return None
    placed = tuple(
        ForestRow(
            label=label,
            effect=scale.at(mid),
            low=scale.at(low),
            high=scale.at(high),
            cost=scale.known(cost),
            naive=None,
            beside=FIRST.say(locale, "beside", cost=cost, gain=mid),
            tag="" if cell is None else cell.text,
            colour="" if cell is None else cell.colour,
        )
        for (label, _, cell), (mid, low, high, cost) in zip(lines, values, strict=True)
    )
    axis = tuple((scale.at(value), locale.short(value)) for value in ticks(scale.low, scale.high, most=4))
    return Forest(scale.at(0), axis, placed)
