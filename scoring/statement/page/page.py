"""The return-on-investment page: one self-contained HTML file, readable without us."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from ....core.arrays import Bools
from ..costs import ITEMS
from .bars import bridge_bars, forest, path_bars
from .checks import checks_shown
from .format import interval, number, title, verdict_mark
from .month_line import month_line

__all__ = ["PageFacts", "roi_page"]

_STYLE = """
:root{--ink:#22303c;--soft:#5b6b7a;--line:#e3e8ee;--blue:#1f6feb;--orange:#d9730d;--green:#1a7f37;--red:#b3261e}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);margin:2rem auto;max-width:62rem;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .4rem}p.sub{color:var(--soft);margin:.2rem 0 1.2rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.85rem}
td,th{padding:.45rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}
.v{font-weight:700}.pays{color:var(--green)}.loses{color:var(--red)}.unproven{color:var(--orange)}
section{border-top:1px solid var(--line);padding-top:.2rem}.small{color:var(--soft);font-size:.88rem}
svg{width:100%;height:auto}h3{font-size:.95rem;margin:1.2rem 0 .3rem}
.warn{border-left:4px solid var(--orange);background:#fdf6ec;padding:.6rem 1rem;margin:1rem 0}.warn ul{margin:.3rem 0}
"""


@dataclass(frozen=True)
class PageFacts:
    """What stands in the page's head: business, period, currency, horizon and versions."""

    business: str
    since: str
    until: str
    data_until: str
    currency: str
    horizon_months: int
    follow_up_days: int
    clv_version: int
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def roi_page(rows: pd.DataFrame, totals: pd.DataFrame, months: pd.DataFrame, facts: PageFacts) -> str:
    """Return the page for the rows of ``roi.parquet``, ``roi_totals.parquet`` and ``roi_by_month.parquet``."""
    headline, contrasts = rows[rows["headline"]], rows[rows["kind"] == "contrast"]
    parts = [
        f"<h1>What service earned: {escape(facts.business)}</h1>",
        f"<p class=sub>Decisions from {facts.since} to {facts.until}; data until {facts.data_until};"
        f" value over {facts.horizon_months} months in {escape(facts.currency)};"
        f" CLV model version {facts.clv_version}. All intervals are 95%.</p>",
        _warnings(facts),
        _overview(headline, facts),
        _totals(totals, facts),
        forest(headline, facts.currency),
        *(_section(rows[_same(rows, row)], row, months, facts) for _, row in headline.iterrows()),
        _contrasts(contrasts, facts),
        *(_section(contrasts[_same(contrasts, row)], row, months, facts) for _, row in contrasts.iterrows()),
        _left_out(facts),
        _how_to_read(facts),
    ]
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width">'
        f"<title>Return on investment: {escape(facts.business)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _same(rows: pd.DataFrame, row: pd.Series) -> Bools:
    """Return which rows speak of the action and initiative of ``row``."""
    initiative = rows["initiative"].fillna("").to_numpy() == ("" if pd.isna(row["initiative"]) else row["initiative"])
    return np.asarray((rows["action"].to_numpy() == row["action"]) & initiative)


def _overview(rows: pd.DataFrame, facts: PageFacts) -> str:
    head = (
        "<tr><th>action<th>verdict<th class=n>treated<th class=n>cost"
        "<th class=n>incremental CLV<th class=n>return<th class=n>paid back"
        "<th class=n>naive figure<th>assignment</tr>"
    )
    body = "".join(
        f"<tr><td>{title(r)}<td>{verdict_mark(r['verdict'])}<td class=n>{number(r['n_treated'])}"
        f"<td class=n>{number(r['cost'])}<td class=n>{number(r['incremental_clv'])}"
        f"<br><span class=small>{interval(r['incremental_clv_low'], r['incremental_clv_high'])}</span>"
        f"<td class=n>{number(r['roi_percent'])}%"
        f"<br><span class=small>{interval(r['roi_percent_low'], r['roi_percent_high'])}%</span>"
        f"<td class=n>{'month ' + number(r['payback_month']) if pd.notna(r['payback_month']) else 'no'}"
        f"<td class=n>{number(r['naive_incremental_clv'])}<td>{escape(r['design'])}</tr>"
        for _, r in rows.iterrows()
    )
    return f"<h2>At a glance ({escape(facts.currency)})</h2><table>{head}{body}</table>"


def _warnings(facts: PageFacts) -> str:
    lines = "".join(f"<li>{escape(line)}" for line in facts.warnings)
    return f"<div class=warn><b>Read with care</b><ul>{lines}</ul></div>" if lines else ""


def _contrasts(rows: pd.DataFrame, facts: PageFacts) -> str:
    """Return what happened to customers without being decided, at a glance."""
    if rows.empty:
        return ""
    head = (
        "<tr><th>contrast<th>effect<th class=n>it happened to<th class=n>compared with"
        "<th class=n>change of a customer's value<th class=n>naive difference</tr>"
    )
    body = "".join(
        f"<tr><td>{title(r)}<td>{verdict_mark(r['verdict'])}<td class=n>{number(r['n_treated'])}"
        f"<td class=n>{number(r['n_control'])}<td class=n>{number(r['effect_per_treated'], 2)}"
        f"<br><span class=small>{interval(r['effect_per_treated_low'], r['effect_per_treated_high'], 2)}</span>"
        f"<td class=n>{number(r['naive_incremental_clv'] / r['n_treated'], 2)}</tr>"
        for _, r in rows.iterrows()
    )
    return (
        f"<section><h2>Beyond actions: what else moves value ({escape(facts.currency)})</h2><p class=small>Nobody"
        " decided these at random, so all of it is observational: similar customers at the same moment, whatever they"
        f" did later. No cost is known, so no return is claimed.</p><table>{head}{body}</table></section>"
    )


def _totals(totals: pd.DataFrame, facts: PageFacts) -> str:
    """Return what each initiative and all together cost, item by item, and earned."""
    if totals.empty:
        return ""
    items = [item for item in ITEMS if (totals[f"cost_{item}"] > 0).any()]
    head = (
        "<tr><th>initiative<th class=n>actions' own cost"
        + "".join(f"<th class=n>{escape(item)}" for item in items)
        + "<th class=n>cost<th class=n>incremental CLV<th class=n>of it realised<th class=n>return"
        "<th class=n>return without<br>double counting</tr>"
    )
    body = "".join(
        f"<tr><td>{escape('without initiative' if pd.isna(r['initiative']) else str(r['initiative']))}"
        f"<td class=n>{number(r['cost_actions'])}"
        + "".join(f"<td class=n>{number(r[f'cost_{item}'])}" for item in items)
        + f"<td class=n>{number(r['cost'])}<td class=n>{number(r['incremental_clv'])}"
        f"<br><span class=small>{interval(r['incremental_clv_low'], r['incremental_clv_high'])}</span>"
        f"<td class=n>{number(r['realised_incremental_clv'])}<td class=n>{number(r['roi_percent'])}%"
        f"<br><span class=small>{interval(r['roi_percent_low'], r['roi_percent_high'])}%</span>"
        f"<td class=n>{number(r['programme_roi_percent'])}%</tr>"
        for _, r in totals.iterrows()
    )
    return f"<h2>By initiative, and all together ({escape(facts.currency)})</h2><table>{head}{body}</table>"


def _money(row: pd.Series, facts: PageFacts) -> str:
    """Return the facts finance asks for, as a table."""
    items = [("own cost", row["cost_actions"]), *((item, row[f"cost_{item}"]) for item in ITEMS)]
    spent = ", ".join(f"{escape(item)} {number(money)}" for item, money in items if money > 0)
    month = row["payback_month"]
    kept = number(row["customers_retained"], 1)
    kept += f" ({interval(row['customers_retained_low'], row['customers_retained_high'], 1)})"
    lines = {
        "cost": f"{number(row['cost'])} ({spent or 'nothing'})",
        "return": f"{number(row['roi_percent'])}% ({interval(row['roi_percent_low'], row['roi_percent_high'])}%)",
        "paid back, by the estimate": f"in month {month:.0f}"
        if pd.notna(month)
        else f"not within {facts.horizon_months} months",
        f"more customers after {facts.follow_up_days} days": kept
        if pd.notna(row["customers_retained"])
        else "not known",
        "cost of a customer really retained": _per_retained(row),
        "cost of winning a customer": number(row["cost_per_customer_acquired"], 2)
        if pd.notna(row["cost_per_customer_acquired"])
        else "not known",
        "customers brought by the treated because of it": f"{number(row['referral'], 1)}"
        f" ({interval(row['referral_low'], row['referral_high'], 1)}); not in the value"
        if pd.notna(row["referral"])
        else "not known",
        f"realised over all {facts.horizon_months} months": f"{number(row['full_realised_incremental_clv'])}"
        f" ({interval(row['full_realised_incremental_clv_low'], row['full_realised_incremental_clv_high'])}) on"
        f" {number(row['n_full_realised'])} decisions"
        if pd.notna(row["full_realised_incremental_clv"])
        else f"{number(row['n_full_realised'])} decisions are old enough, too few",
    }
    body = "".join(f"<tr><td>{escape(name)}<td>{text}</tr>" for name, text in lines.items())
    return f"<table>{body}</table>"


def _cautions(row: pd.Series, facts: PageFacts) -> str:
    """Return the warnings that belong to one estimate; those of the whole statement stand at its head."""
    own = [line for line in str(row["warnings"]).split("; ") if line and line not in facts.warnings]
    return f"<p class=small><b>Read with care:</b> {escape('; '.join(own))}.</p>" if own else ""


def _per_retained(row: pd.Series) -> str:
    if pd.isna(row["cost_per_customer_retained"]):
        return "no customer retained, as far as the estimate tells"
    high = row["cost_per_customer_retained_high"]
    top = number(high, 2) if pd.notna(high) else "no upper end: perhaps nobody was retained"
    return (
        f"{number(row['cost_per_customer_retained'], 2)} ({number(row['cost_per_customer_retained_low'], 2)} to {top})"
    )


def _left_out(facts: PageFacts) -> str:
    lines = "".join(f"<li>{escape(line)}" for line in facts.left_out)
    return f"<section><h2>Not estimated</h2><ul class=small>{lines}</ul></section>" if lines else ""


def _section(rows: pd.DataFrame, headline: pd.Series, months: pd.DataFrame, facts: PageFacts) -> str:
    columns = [(str(r["design"]), checks_shown(r)) for _, r in rows.iterrows()]
    head = "".join(f"<th class=n>{escape(design)}" for design, _ in columns)
    body = "".join(
        f"<tr><td>{escape(check)}" + "".join(f"<td class=n>{escape(found[check])}" for _, found in columns) + "</tr>"
        for check in columns[0][1]
    )
    immature = int(headline["n_immature"])
    late = (
        f" {immature:,} further decisions are too recent to judge: their {facts.follow_up_days} days of"
        " follow-up are not over."
        if immature
        else ""
    )
    return (
        f"<section><h2>{title(headline)}: {verdict_mark(headline['verdict'])}</h2>"
        f"<p>{escape(str(headline['sentence']))}{escape(late)}</p>"
        f"{_cautions(headline, facts)}{_money(headline, facts) if headline['kind'] == 'action' else ''}"
        f"<h3>How it works, for one treated customer ({escape(facts.currency)})</h3>{path_bars(headline)}"
        f"<h3>From the naive figure to the effect, for one treated customer ({escape(facts.currency)})</h3>"
        f"{bridge_bars(headline)}"
        f"<h3>When value comes, all treated together ({escape(facts.currency)})</h3>"
        f"{month_line(months[_same(months, headline)], escape(facts.currency))}<h3>What casts doubt</h3>"
        f"<table class=small><tr><th>{escape(facts.currency)}, 95% intervals{head}</tr>{body}</table></section>"
    )


def _how_to_read(facts: PageFacts) -> str:
    return (
        "<section><h2>How to read this</h2><p class=small>"
        f"Incremental CLV is the discounted margin over {facts.horizon_months} months that being offered the"
        " action caused, compared with not being offered it at that moment, everything else taking its natural"
        " course. The action's own cost is taken off once, in the return: (gain &minus; cost) / cost. What was realised"
        " so far is money that came in; the rest is predicted. The paths add up to the effect: a customer who stays"
        " counts under retention, net of the service he needs. The naive"
        " figure is the plain difference to untreated customers; it mixes the effect with who was chosen."
        " <b>Randomised</b>"
        " compares with customers held out at random; <b>observational</b> adjusts for everything in the tables and"
        " still assumes that nothing else drove the choice. Value after the first"
        f" {facts.follow_up_days} days is predicted from the customer's state, an assumption that the surrogate"
        " check tests on older decisions and the late-hazard column stresses. A verdict is given only where the"
        " interval of the net value excludes 0 and the checks hold.</p></section>"
    )
