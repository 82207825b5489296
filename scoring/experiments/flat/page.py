"""The page of an experiment on a flat table: one self-contained HTML file, drawn as the statement's page is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ....core.locale import Locale
from ....core.messages import Catalogue, capitalised
from ...pages.cells import Cell, Table, number_cell
from ...pages.drawings import Forest, ForestRow, Scale
from ...pages.writer import page_template
from .analysis import Analysis
from .lines import advice_line, amount, base_level, experiment_lines, p_text
from .words import CAUTIONS, EXPERIMENT, HOW

__all__ = ["experiment_page"]

_MOST_BALANCE = 40


def experiment_page(found: Analysis, name: str, locale: Locale) -> str:
    """Return the page of an experiment as HTML."""

    def say(code: str, **figures: Any) -> str:
        return EXPERIMENT.say(locale, code, **figures)

    def written(catalogue: Catalogue, messages: Sequence[Any]) -> list[str]:
        return [capitalised(catalogue.write(locale, message)) for message in messages]

    data, lines = found.data, experiment_lines(found, locale)
    outcomes = found.effects["outcome"].unique()
    forests = [(say("forest", outcome=one), _forest(found.effects[found.effects["outcome"] == one], locale))
               for one in outcomes]  # fmt: skip
    return page_template(__package__ or "", "page.html.j2").render(
        locale=locale,
        title=say("title", name=name),
        head=say("head", n=len(data.codes), control=data.arms[0]),
        say=say,
        cautions=written(CAUTIONS, found.cautions),
        notes=written(CAUTIONS, data.notes),
        advice=f"{capitalised(advice_line(found, locale))}.",
        effects=_effects_table(found, locale),
        forests=forests,
        differences=_differences_table(found, locale) if len(found.differences) else None,
        rule=_rule_table(found, locale) if found.rule is not None else None,
        customers=_customers_table(found, locale),
        split=capitalised(lines[1]),
        balance=_balance_table(found, locale) if len(found.balance.table) else None,
        together=capitalised(say("together", n=len(found.effects))),
        how=[HOW.say(locale, code) for code in HOW],
    )


def _heads(locale: Locale, texts: Sequence[str], numbers: Sequence[str]) -> tuple[Cell, ...]:
    return (
        *(Cell(EXPERIMENT.say(locale, code)) for code in texts),
        *(number_cell(EXPERIMENT.say(locale, code)) for code in numbers),
    )


def _around(row: pd.Series, names: tuple[str, str, str], kind: str, locale: Locale, error: float) -> Cell:
    """Return a value with its interval below it."""
    mid, low, high = (amount(row[name], kind, locale, error) for name in names)
    return number_cell(mid, EXPERIMENT.say(locale, "to", low=low, high=high))


def _effects_table(found: Analysis, locale: Locale) -> Table:
    rows = []
    for _, row in found.effects.iterrows():
        error, kind = row["std_error"], row["kind"]
        effect = _around(row, ("estimate", "low", "high"), kind, locale, error)
        if row["heavy_tail"]:
            mid, low, high = (amount(row[f"capped_{end}"], kind, locale, error) for end in ("estimate", "low", "high"))
            cap = amount(row["capped_at"], kind, locale, 10.0)
            capped = EXPERIMENT.say(locale, "capped", cap=cap, mid=mid, low=low, high=high)
            effect = number_cell(effect.text, f"{effect.below}; {capped}")
        code, colour = ("shown", "pays") if row["shown"] else ("not_shown", "unproven")
        code, colour = (code, colour) if found.believed else ("not_believed", "loses")
        plain = number_cell(amount(row["difference"], kind, locale, row["difference_std_error"]))
        rows.append(
            (
                Cell(locale.named(row["outcome"])),
                Cell(locale.named(row["arm"])),
                number_cell(base_level(row, locale)),
                effect,
                plain,
                number_cell(p_text(row["p_together"], locale)),
                Cell(EXPERIMENT.say(locale, code), colour=f"v {colour}"),
            )
        )
    heads = _heads(locale, ("outcome", "arm"), ("level", "mid", "plain", "p"))
    return Table(EXPERIMENT.say(locale, "effects"), (*heads, Cell(EXPERIMENT.say(locale, "verdict"))), tuple(rows))


def _forest(rows: pd.DataFrame, locale: Locale) -> Forest:
    """Return the arms of one outcome side by side; shares in percentage points."""
    unit = 100.0 if rows["kind"].iloc[0] == "yes_no" else 1.0
    values = rows[["estimate", "low", "high", "difference"]].to_numpy(dtype=float) * unit
    scale = Scale(min(0.0, float(values.min())), max(0.0, float(values.max())))
    placed = tuple(
        ForestRow(locale.named(arm), scale.at(mid), scale.at(lo), scale.at(hi), None, scale.at(plain))
        for arm, (mid, lo, hi, plain) in zip(rows["arm"], values, strict=True)
    )
    axis = tuple((scale.at(value), locale.short(value)) for value in scale.axis)
    return Forest(scale.at(0), axis, placed)


def _differences_table(found: Analysis, locale: Locale) -> Table:
    kinds = dict(zip(found.effects["outcome"], found.effects["kind"], strict=True))
    rows = []
    for (outcome, arm), pair in found.differences.groupby(["outcome", "arm"], sort=False):
        areas = [
            _around(row, ("estimate", "low", "high"), kinds[outcome], locale, row["std_error"])
            for _, row in pair.iterrows()
        ]
        code, colour = ("evidence", "pays") if pair["evidence"].iloc[0] else ("no_evidence_cell", "unproven")
        rows.append(
            (
                Cell(locale.named(str(outcome))),
                Cell(locale.named(str(arm))),
                *areas,
                number_cell(p_text(pair["p_together"].iloc[0], locale)),
                Cell(EXPERIMENT.say(locale, code), colour=f"v {colour}"),
            )
        )
    heads = (
        *_heads(locale, ("outcome", "arm"), ()),
        number_cell("AUTOC"),
        number_cell("QINI"),
        *_heads(locale, (), ("p",)),
        Cell(EXPERIMENT.say(locale, "verdict")),
    )
    return Table(EXPERIMENT.say(locale, "differences"), heads, tuple(rows))


def _rule_table(found: Analysis, locale: Locale) -> Table:
    rule = found.rule
    assert rule is not None
    rows = []
    for _, row in rule.table.iterrows():
        error = max((row["high"] - row["low"]) / 4, (row["lead_high"] - row["lead_low"]) / 4)
        name = EXPERIMENT.say(locale, f"rule_{row['rule']}", arm=found.data.arms[row["arm"]])
        lead = Cell("") if row["rule"] == "personal" else _around(
            row, ("lead", "lead_low", "lead_high"), "money", locale, error)  # fmt: skip
        rows.append(
            (
                Cell(name),
                number_cell(locale.percent(row["treated_share"])),
                number_cell(locale.money(row["cost"], 2)),
                _around(row, ("value", "low", "high"), "money", locale, error),
                lead,
            )
        )
    heads = _heads(locale, ("rule_name",), ("treated", "cost", "worth", "lead"))
    return Table(EXPERIMENT.say(locale, "rule", n=rule.judged), heads, tuple(rows))


def _customers_table(found: Analysis, locale: Locale) -> Table:
    rows = tuple(
        (Cell(locale.named(arm)), number_cell(locale.number(n)), number_cell(locale.number(planned, 1)))
        for arm, n, planned in zip(found.data.arms, found.split.counts, found.split.expected, strict=True)
    )
    return Table(EXPERIMENT.say(locale, "customers_by_arm"), _heads(locale, ("arm",), ("came", "planned")), rows)


def _balance_table(found: Analysis, locale: Locale) -> Table:
    """Return the covariates that differ most, the largest difference first."""
    table = found.balance.table
    order = np.argsort(-table["standardised_difference"].abs().to_numpy(), kind="stable")[:_MOST_BALANCE]
    rows = tuple(
        (
            Cell(locale.named(str(row["feature"]))),
            Cell(locale.named(found.data.arms[row["arm"]])),
            number_cell(locale.number(row["mean"], 3)),
            number_cell(locale.number(row["control_mean"], 3)),
            number_cell(locale.signed(row["standardised_difference"], 3)),
        )
        for _, row in table.iloc[order].iterrows()
    )
    heads = _heads(locale, ("covariate", "arm"), ("in_arm", "in_control", "apart"))
    return Table(EXPERIMENT.say(locale, "balance_title"), heads, rows)
