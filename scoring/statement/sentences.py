"""Sentences made from the rows of a statement at the edge: one a row, its warnings, and the whole in a few lines."""

from __future__ import annotations

import pandas as pd

from ...core.action_cost import CONFIGURED
from ...core.config.business import Config
from ...core.config.contrasts import ContrastConfig
from ...core.contract_state import LAPSED
from ...core.locale import Locale
from ...core.messages import Message
from ...core.records import RowKind
from ...core.refusals import OTHER, REFUSALS
from ...models.refutation.verdict import Ruling, Verdict
from ...models.refutation.words import reasons_in_words, sentence
from .contrasts import exposure_of
from .pending import LeftOut
from .rows import Arranged
from .totals import ALL
from .words import CAUTIONS, EXPOSURES, METHODS, SHORT, STATEMENT, VERDICTS

__all__ = [
    "cuts_in_english",
    "cuts_in_short",
    "cuts_left_out",
    "english_names",
    "forecast_sentence",
    "in_short",
    "left_out_in_words",
    "read_again",
    "row_sentence",
    "warnings_in_words",
    "with_sentences",
]


def with_sentences(arranged: Arranged, general: tuple[Message, ...], config: Config) -> pd.DataFrame:
    """Return the rows with two more columns in the config's language: ``warnings`` and ``sentence``.

    Parameters
    ----------
    arranged
        The rows and their verdicts.
    general
        Warnings that hold for the whole statement.
    config
        The business: its language, money and names.
    """
    warnings = [warnings_in_words((*general, *own), config.locale) for own in arranged.warnings]
    sentences = [
        row_sentence(row, verdict, config) + read_again(row, config.locale)
        for (_, row), verdict in zip(arranged.rows.iterrows(), arranged.verdicts, strict=True)
    ]
    return arranged.rows.assign(warnings=warnings, sentence=sentences)


def warnings_in_words(warnings: tuple[Message, ...], locale: Locale) -> str:
    """Return warnings as clauses of one sentence; nothing without any."""
    return CAUTIONS.join(locale, warnings)


def row_sentence(row: pd.Series, verdict: Verdict, config: Config) -> str:
    """Return what happened to whom, compared with whom, at what cost, and the verdict."""
    locale, treated = config.locale, float(row["n_treated"])
    figures = {
        "months": config.value.horizon_months,
        "estimate": row["effect_per_treated"],
        "low": row["effect_per_treated_low"],
        "high": row["effect_per_treated_high"],
        "naive": row["naive_incremental_clv"] / treated,
    }
    if row["kind"] == RowKind.CONTRAST:
        exposure, others = _exposure_in_words(config.incremental.contrasts[row["action"]], locale)
        code = "not_shown" if verdict.verdict == Ruling.NOT_PROVEN else "shown"
        shown = STATEMENT.say(locale, code, reasons=reasons_in_words(verdict, locale, contrast=True))
        return STATEMENT.say(locale, "contrast", exposure=exposure, others=others, shown=shown, **figures)
    return STATEMENT.say(
        locale,
        "action",
        action=row["action"],
        others=STATEMENT.say(locale, f"lapsed_{row['design']}" if row.get("state") == LAPSED else row["design"]),
        cost=row["cost"] / treated,
        verdict=sentence(verdict, locale),
        **figures,
    )


def read_again(row: pd.Series, locale: Locale) -> str:
    """Return what repeated reading takes off a verdict; "" where there was one reading, or both intervals agree."""
    before = row["earlier_readings"]
    if not before > 0 or row["verdict_always"] == row["verdict"]:
        return ""
    cost = row["cost"] / row["n_treated"] if row["kind"] == RowKind.ACTION else 0.0
    return STATEMENT.say(
        locale,
        "read_again",
        n=int(before),
        more="" if row["earlier_readings_complete"] else STATEMENT.say(locale, "at_least"),
        low=row["effect_per_treated_always_low"],
        high=row["effect_per_treated_always_high"],
        value=cost,
    )


def _exposure_in_words(contrast: ContrastConfig, locale: Locale) -> tuple[str, str]:
    """Return what happened to the treated of a contrast, and what they are compared with."""
    exposure = exposure_of(contrast)
    figures = dict(exposure.figures)
    if contrast.exposure == "payment_method":
        origin = [_method(method, locale) for method in contrast.origin or ("any",)]
        figures |= {"origin": locale.listed(origin, choice=True), "to": _method(contrast.to, locale)}
    return EXPOSURES.say(locale, exposure.code, **figures), EXPOSURES.say(locale, f"{exposure.code}_others")


def _method(code: str, locale: Locale) -> str:
    return locale.names[code] if code in locale.names else METHODS.say(locale, code)


def left_out_in_words(left_out: tuple[LeftOut, ...], locale: Locale) -> dict[str, str]:
    """Return the reason why each action, design or contrast was not estimated, by its name in words."""
    return {_left_out_name(one, locale): REFUSALS.write(locale, one.reason) for one in left_out}


def english_names(left_out: tuple[LeftOut, ...], locale: Locale) -> frozenset[str]:
    """Return the names, as of :func:`left_out_in_words`, whose reason is an error's text, English in every language."""
    return frozenset(_left_out_name(one, locale) for one in left_out if one.reason.code == OTHER)


def _left_out_name(one: LeftOut, locale: Locale) -> str:
    parts = [one.name] if one.initiative is None else [one.name, one.initiative]
    name = ", ".join(locale.named(part) for part in parts)
    if one.design is None:
        return name
    return SHORT.say(locale, "under_design", name=name, design=SHORT.say(locale, one.design))


def in_short(rows: pd.DataFrame, totals: pd.DataFrame, left_out: dict[str, str], locale: Locale) -> list[str]:
    """Return one line an action, a contrast and for all together, and what was not estimated."""
    lines = []
    for _, row in rows[rows["headline"]].iterrows():
        month = row["payback_month"]
        lines.append(
            SHORT.say(
                locale,
                "action",
                action=_called(row["action"], locale),
                verdict=VERDICTS.say(locale, row["verdict"]),
                earned=_earned(row, locale),
                payback=SHORT.say(locale, "payback" if pd.notna(month) else "no_payback", month=month),
                basis=_cost_basis(row, locale),
                sentence=row["sentence"],
            )
        )
    for _, row in rows[rows["kind"] == RowKind.CONTRAST].iterrows():
        verdict = VERDICTS.say(locale, row["verdict"])
        lines.append(
            SHORT.say(
                locale, "contrast", action=_called(row["action"], locale), verdict=verdict, sentence=row["sentence"]
            )
        )
    for _, row in totals.iterrows():
        if row["initiative"] == ALL:
            lines.append(_together(row, locale))
    mature = forecast_sentence(rows, locale)
    if mature is not None:
        lines.append(mature)
    return [*lines, *(SHORT.say(locale, "left_out", name=name, reason=why) for name, why in left_out.items())]


def _called(code: str, locale: Locale) -> str:
    """Return what the business calls an action where it has its own word, else the name in the configuration."""
    return locale.names.get(str(code), str(code))


def cuts_in_short(cuts: pd.DataFrame, locale: Locale) -> list[str]:
    """Return one line an action with what it earns at the cut of its lists, or why that cannot be told."""
    lines = []
    for _, row in (cuts[cuts["verdict"].notna()] if len(cuts) else cuts).iterrows():
        bunched = SHORT.say(locale, "bunched") if row["bunched"] else ""
        figures = {"effect": row["effect_at_cut"], "low": row["effect_at_cut_low"], "high": row["effect_at_cut_high"]}
        verdict = VERDICTS.say(locale, row["verdict"])
        cost = row["cost_per_treated"]
        lines.append(
            SHORT.say(
                locale,
                "cut",
                action=_called(row["action"], locale),
                verdict=verdict,
                cost=cost,
                bunched=bunched,
                **figures,
            )
        )
    unknown = cuts_left_out(cuts, locale)
    return [*lines, *(SHORT.say(locale, "left_out", name=name, reason=why) for name, why in unknown.items())]


def cuts_left_out(cuts: pd.DataFrame, locale: Locale) -> dict[str, str]:
    """Return why the effect at the cut of an action's lists could not be told, by its name; errors are English."""
    lacking = cuts[cuts["verdict"].isna()] if len(cuts) else cuts
    return {
        SHORT.say(locale, "cut_name", name=_called(row["action"], locale)): str(row["not_estimated"])
        for _, row in lacking.iterrows()
    }


def cuts_in_english(cuts: pd.DataFrame, locale: Locale) -> frozenset[str]:
    """Return the names, as of :func:`cuts_left_out`, whose reason is an error's text, English in every language."""
    lacking = cuts[cuts["verdict"].isna() & (cuts["not_estimated_code"] == OTHER)] if len(cuts) else cuts
    return frozenset(
        SHORT.say(locale, "cut_name", name=_called(row["action"], locale)) for _, row in lacking.iterrows()
    )


def _together(total: pd.Series, locale: Locale) -> str:
    """Return what all actions earned, and which were left out because their effect failed a check."""
    if not total["left_out_actions"]:
        return SHORT.say(locale, "all", earned=_earned(total, locale))
    return SHORT.say(
        locale,
        "all_but",
        refused=total["left_out_actions"].split(", "),
        out_cost=total["left_out_cost"],
        out_gain=total["left_out_incremental_clv"],
        earned=_earned(total, locale),
    )


def _cost_basis(row: pd.Series, locale: Locale) -> str:
    """Return which rule the unit costs follow, and over how many decisions."""
    own, treated = int(row["n_cost_recorded"]), int(row["n_treated"])
    if row["cost_source"] == CONFIGURED:
        return SHORT.say(locale, "configured", n=treated)
    return SHORT.say(locale, "recorded_gaps" if own < treated else "recorded", own=own, gaps=treated - own)


def _earned(row: pd.Series, locale: Locale) -> str:
    """Return cost, gain and return of a row in a few words."""
    returns = {end: row[f"roi_percent{name}"] for end, name in (("mid", ""), ("low", "_low"), ("high", "_high"))}
    known = pd.notna(returns["mid"])
    figures = {end: value / 100 for end, value in returns.items()} if known else {}
    return SHORT.say(
        locale,
        "earned",
        cost=row["cost"],
        gain=row["incremental_clv"],
        realised=row["realised_incremental_clv"],
        returned=SHORT.say(locale, "return" if known else "no_cost", **figures),
    )


def forecast_sentence(rows: pd.DataFrame, locale: Locale) -> str | None:
    """Return how many verdicts on mature decisions the forecast alone gives too; None where there is none.

    Parameters
    ----------
    rows
        The statement's rows; headlines of actions count.
    """
    known = rows[rows["headline"].to_numpy(dtype=bool) & (rows["kind"] == RowKind.ACTION).to_numpy()]
    known = known[known["mature_verdict"].notna()]
    if not len(known):
        return None
    seen, foreseen = known["mature_verdict"], known["mature_verdict_foreseen"]
    return SHORT.say(
        locale,
        "mature",
        n=len(known),
        given=_given(seen),
        foreseen=_given(foreseen),
        same=int((seen == foreseen).sum()),
    )


def _given(verdicts: pd.Series) -> int:
    """Return how many pay or lose."""
    return sum(verdict != Ruling.NOT_PROVEN for verdict in verdicts)
