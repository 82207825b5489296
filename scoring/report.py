"""The return-on-investment page: one self-contained HTML file, readable without us."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
svg{width:100%;height:auto}
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


def roi_page(rows: pd.DataFrame, totals: pd.DataFrame, facts: PageFacts) -> str:
    """Return the page for the rows of ``roi.parquet`` and ``roi_totals.parquet``."""
    headline = rows[rows["headline"]]
    parts = [
        f"<h1>What service earned: {escape(facts.business)}</h1>",
        f"<p class=sub>Decisions from {facts.since} to {facts.until}; data until {facts.data_until};"
        f" value over {facts.horizon_months} months in {escape(facts.currency)};"
        f" CLV model version {facts.clv_version}. All intervals are 95%.</p>",
        _overview(headline, facts),
        _forest(headline, facts),
        *(_section(rows[_same(rows, row)], row, facts) for _, row in headline.iterrows()),
        _how_to_read(facts),
    ]
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width">'
        f"<title>Return on investment: {escape(facts.business)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _same(rows: pd.DataFrame, row: pd.Series) -> NDArray[np.bool_]:
    """Return which rows speak of the action and initiative of ``row``."""
    initiative = rows["initiative"].fillna("").to_numpy() == ("" if pd.isna(row["initiative"]) else row["initiative"])
    return np.asarray((rows["action"].to_numpy() == row["action"]) & initiative)


def _number(value: float, digits: int = 0) -> str:
    return "–" if pd.isna(value) else f"{value:,.{digits}f}"


def _range(low: float, high: float, digits: int = 0) -> str:
    return f"{_number(low, digits)} to {_number(high, digits)}"


def _verdict(verdict: str) -> str:
    kind = {"pays": "pays", "loses": "loses"}.get(verdict, "unproven")
    return f"<span class='v {kind}'>{escape(verdict)}</span>"


def _title(row: pd.Series) -> str:
    name = str(row["action"]).replace("_", " ")
    return escape(f"{name} ({row['initiative']})" if pd.notna(row["initiative"]) else name)


def _overview(rows: pd.DataFrame, facts: PageFacts) -> str:
    head = (
        "<tr><th>action<th>verdict<th class=n>treated<th class=n>cost"
        "<th class=n>incremental CLV<th class=n>interval<th class=n>return"
        "<th class=n>naive figure<th>assignment</tr>"
    )
    body = "".join(
        f"<tr><td>{_title(r)}<td>{_verdict(r['verdict'])}<td class=n>{_number(r['n_treated'])}"
        f"<td class=n>{_number(r['cost'])}<td class=n>{_number(r['incremental_clv'])}"
        f"<td class=n>{_range(r['incremental_clv_low'], r['incremental_clv_high'])}"
        f"<td class=n>{_number(r['roi_percent'])}%"
        f"<br><span class=small>{_range(r['roi_percent_low'], r['roi_percent_high'])}%</span>"
        f"<td class=n>{_number(r['naive_incremental_clv'])}<td>{escape(r['design'])}</tr>"
        for _, r in rows.iterrows()
    )
    return f"<h2>At a glance ({escape(facts.currency)})</h2><table>{head}{body}</table>"


def _forest(rows: pd.DataFrame, facts: PageFacts) -> str:
    """Draw effect with interval, naive figure and cost, each for one treated customer."""
    n = rows["n_treated"].clip(lower=1).to_numpy(dtype=float)
    columns = [
        "incremental_clv",
        "incremental_clv_low",
        "incremental_clv_high",
        "naive_incremental_clv",
        "cost",
    ]
    values = rows[columns].to_numpy(dtype=float) / n[:, None]
    finite = values[np.isfinite(values)]
    if not len(finite):
        return ""
    low, high = min(0.0, finite.min()), max(0.0, finite.max())
    left, right, step = 210.0, 880.0, 34

    def x(value: float) -> float:
        return float(left + (value - low) / max(high - low, 1e-9) * (right - left))

    marks = []
    for place, ((_, row), (mid, lo, hi, naive, cost)) in enumerate(zip(rows.iterrows(), values, strict=True)):
        y = 40 + place * step
        marks.append(
            f"<text x=0 y={y + 5} font-size=14 fill='#22303c'>{_title(row)}</text>"
            f"<line x1={x(lo):.1f} x2={x(hi):.1f} y1={y} y2={y} stroke='#1f6feb' stroke-width=4 />"
            f"<circle cx={x(mid):.1f} cy={y} r=6 fill='#1f6feb'/>"
            f"<line x1={x(cost):.1f} x2={x(cost):.1f} y1={y - 9} y2={y + 9} stroke='#22303c' stroke-width=3 />"
        )
        if np.isfinite(naive):
            marks.append(
                f"<path d='M{x(naive):.1f} {y - 7} l7 7 l-7 7 l-7 -7z' fill='none' stroke='#d9730d' stroke-width=2 />"
            )
    height = 60 + len(rows) * step
    axis = "".join(
        f"<text x={x(v):.1f} y={height - 4} font-size=12 fill='#5b6b7a' text-anchor=middle>{v:,.10g}</text>"
        f"<line x1={x(v):.1f} x2={x(v):.1f} y1=22 y2={height - 20} stroke='#e3e8ee'/>"
        for v in _ticks(low, high)
    )
    legend = (
        "<span style='color:#1f6feb'>&#9679;</span> effect with 95% interval &nbsp; "
        "<span style='color:#d9730d'>&#9671;</span> naive difference &nbsp; | cost"
    )
    return (
        f"<h2>For one treated customer ({escape(facts.currency)})</h2><p class=small>{legend}</p>"
        f"<svg viewBox='0 0 900 {height}' role=img aria-label='Effect, naive difference and cost by action'>"
        f"{axis}<line x1={x(0):.1f} x2={x(0):.1f} y1=22 y2={height - 20} stroke='#9aa5b1'/>{''.join(marks)}</svg>"
    )


def _ticks(low: float, high: float) -> list[float]:
    width = max(high - low, 1e-9) / 6
    unit = 10.0 ** np.floor(np.log10(width))
    step = unit * min((m for m in (1, 2, 5, 10) if m * unit >= width), default=10)
    return [float(step * k) + 0.0 for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def _checks(row: pd.Series) -> dict[str, str]:
    """Return what stands in a design's column, by check."""
    return {
        "treated / control": f"{_number(row['n_treated'])} / {_number(row['n_control'])}",
        "effect a customer": f"{_number(row['effect_per_treated'], 2)}"
        f" ({_range(row['effect_per_treated_low'], row['effect_per_treated_high'], 2)})",
        "effect with late hazards 20% higher or lower": _range(row["late_hazard_low"], row["late_hazard_high"], 2),
        "surrogate check (has to include 0)": _range(row["surrogate_check_low"], row["surrogate_check_high"], 2)
        if pd.notna(row["surrogate_check"])
        else "no decision is old enough",
        "placebo before the decision (has to include 0)": _range(row["placebo_low"], row["placebo_high"], 2),
        "effective controls": _number(row["effective_controls"]),
        "treated without a counterpart": f"{_number(100 * row['trimmed_share'], 1)}%",
        "largest imbalance, before and after weighting": f"{_number(row['largest_imbalance_before'], 2)},"
        f" {_number(row['largest_imbalance'], 2)} standard deviations",
        "controls treated later": f"{_number(100 * row['treated_later_share'])}%",
    }


def _section(rows: pd.DataFrame, headline: pd.Series, facts: PageFacts) -> str:
    columns = [(str(r["design"]), _checks(r)) for _, r in rows.iterrows()]
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
        f"<section><h2>{_title(headline)}: {_verdict(headline['verdict'])}</h2>"
        f"<p>{escape(str(headline['sentence']))}{escape(late)}</p>"
        f"<table class=small><tr><th>{escape(facts.currency)}, 95% intervals{head}</tr>{body}</table></section>"
    )


def _how_to_read(facts: PageFacts) -> str:
    return (
        "<section><h2>How to read this</h2><p class=small>"
        f"Incremental CLV is the discounted margin over {facts.horizon_months} months that being offered the"
        " action caused, compared with not being offered it at that moment, everything else taking its natural"
        " course. The action's own cost is taken off once, in the return: (gain &minus; cost) / cost. The naive"
        " figure is the plain difference to untreated customers; it mixes the effect with who was chosen."
        " <b>Randomised</b>"
        " compares with customers held out at random; <b>observational</b> adjusts for everything in the tables and"
        " still assumes that nothing else drove the choice. Value after the first"
        f" {facts.follow_up_days} days is predicted from the customer's state, an assumption that the surrogate"
        " check tests on older decisions and the late-hazard column stresses. A verdict is given only where the"
        " interval of the net value excludes 0 and the checks hold.</p></section>"
    )
