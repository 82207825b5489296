"""The return-on-investment page: one self-contained HTML file, readable without us, drawn by a Jinja2 template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ....core.arrays import Bools
from ....core.records import RowKind
from ....core.short_repr import ShortRepr
from ....models.targeting.settling_words import settling_sentence
from ...pages.cells import Cell, Table
from ...pages.drawings import BarPicture
from ...pages.writer import page_template, sayer
from ..rollout_words import ROLLOUT_WORDS
from .bars import bridge_bars, forest, path_bars
from .beside import beside_money
from .beside_words import BESIDE
from .checks import checks_table
from .facts import PageFacts
from .finance import finance_table
from .first import earned_picture, first_sentences
from .first_words import FIRST
from .glance import contrasts_table, cuts_table, left_out_line, overview_table, totals_table
from .month_line import MonthLine, month_line
from .rollouts_table import rollouts_table
from .terms import TERMS
from .together import keeping_table, realised_table, whole_bridge, whole_months
from .together_words import TOGETHER
from .wording import has_contracts, title, verdict_cell
from .words import HOW_TO_READ, PAGE, PICTURES

__all__ = ["Section", "roi_page"]

_LAST_INSTANT = pd.Timedelta(1, "us")


@dataclass(frozen=True)
class Section(ShortRepr):
    """One action or contrast: its sentence, what to beware of, its tables and pictures; None where there is none."""

    title: str
    verdict: Cell
    text: str
    settling: str
    caution: str
    finance: Table | None
    paths: BarPicture | None
    bridge: BarPicture | None
    months: MonthLine | None
    checks: Table


def roi_page(
    rows: pd.DataFrame,
    totals: pd.DataFrame,
    months: pd.DataFrame,
    facts: PageFacts,
    cuts: pd.DataFrame | None = None,
    rollouts: pd.DataFrame | None = None,
) -> str:
    """Return the page for the rows of ``roi.parquet``, ``roi_totals.parquet`` and ``roi_by_month.parquet``.

    ``cuts`` are those of ``roi_threshold.parquet``, where lists were read, ``rollouts`` those of
    ``roi_rollouts.parquet``, where the config has some.
    """
    locale = facts.locale
    estimated = pd.DataFrame() if cuts is None or cuts.empty else cuts[cuts["verdict"].notna()]
    reached = pd.DataFrame() if rollouts is None or rollouts.empty else rollouts[rollouts["value_a_month"].notna()]
    headline, contrasts = rows[rows["headline"]], rows[rows["kind"] == RowKind.CONTRAST]
    cautions = dict(zip(rows.index, facts.row_warnings or [""] * len(rows), strict=True))

    def sections(chosen: pd.DataFrame, among: pd.DataFrame) -> list[Section]:
        return [
            _section(among[_same(among, row)], row, months, str(cautions[place]), facts)
            for place, row in chosen.iterrows()
        ]

    link = TERMS.linker(locale)
    drawn = _drawn(headline, totals, months, facts) if len(headline) else dict.fromkeys(_OF_ACTIONS)
    tables = {
        "cuts": cuts_table(estimated, locale) if len(estimated) else None,
        "contrasts": contrasts_table(contrasts, locale) if len(contrasts) else None,
        "rollouts": rollouts_table(reached, locale) if len(reached) else None,
    }
    return page_template(__package__ or "", "page.html.j2").render(
        facts=facts,
        link=link,
        first=first_sentences(headline, totals, contrasts, facts.horizon_months, locale),
        first_say=sayer(FIRST, locale),
        together=sayer(TOGETHER, locale),
        beside_say=sayer(BESIDE, locale),
        mature=facts.mature,
        locale=locale,
        last_day=facts.until - _LAST_INSTANT,
        money=locale.currency_name,
        page=sayer(PAGE, locale),
        rollout=sayer(ROLLOUT_WORDS, locale),
        how=sayer(HOW_TO_READ, locale),
        picture=sayer(PICTURES, locale),
        places=_places({**drawn, **tables}, facts),
        left_out=left_out_line(headline, locale),
        actions=sections(headline, rows),
        contrast_sections=sections(contrasts, contrasts),
        contracts=any(has_contracts(row) for _, row in rows.iterrows()),
        **drawn,
        **tables,
    )


_OF_ACTIONS = ("overview", "totals", "earned", "forest", "bridge", "realised", "months", "keeping", "beside")


def _drawn(headline: pd.DataFrame, totals: pd.DataFrame, months: pd.DataFrame, facts: PageFacts) -> dict[str, Any]:
    """Return tables and pictures of the actions, by their names in the template (:data:`_OF_ACTIONS`)."""
    locale = facts.locale
    return {
        "overview": overview_table(headline, locale),
        "totals": totals_table(totals, locale) if len(totals) else None,
        "earned": earned_picture(headline, totals, locale),
        "forest": forest(headline, locale),
        "bridge": whole_bridge(headline, locale),
        "realised": realised_table(headline, locale),
        "months": whole_months(headline, months, locale),
        "keeping": keeping_table(headline, locale),
        "beside": beside_money(headline, facts.follow_up_days, facts.engagement, locale),
    }


def _places(drawn: Mapping[str, object], facts: PageFacts) -> list[tuple[str, str]]:
    """Return the table of contents: anchors and headings of what is on the page."""
    locale = facts.locale
    money = locale.currency_name

    def page(code: str) -> str:
        return PAGE.say(locale, code)

    def there(*names: str) -> bool:
        return any(drawn[name] is not None for name in names)

    listed = (
        ("actions", page("by_action"), there("overview")),
        ("bridge", TOGETHER.say(locale, "bridge_title", money=money), there("bridge", "forest")),
        ("realised", TOGETHER.say(locale, "realised_title"), there("realised")),
        ("keeping", TOGETHER.say(locale, "keeping_title"), there("keeping")),
        ("beside", BESIDE.say(locale, "title"), there("beside")),
        ("initiatives", page("by_initiative"), there("totals")),
        ("details", page("in_detail"), there("overview")),
        ("cuts", page("at_the_cut"), there("cuts")),
        ("rollouts", ROLLOUT_WORDS.say(locale, "title"), there("rollouts")),
        ("contrasts", page("beyond"), there("contrasts")),
        ("left-out", page("left_out"), bool(facts.left_out)),
        ("how", page("how"), True),
        ("terms", page("terms"), True),
    )
    return [(anchor, text) for anchor, text, shown in listed if shown]


def _same(rows: pd.DataFrame, row: pd.Series) -> Bools:
    """Return which rows speak of the action and initiative of ``row``."""
    initiative = rows["initiative"].fillna("").to_numpy() == ("" if pd.isna(row["initiative"]) else row["initiative"])
    return np.asarray((rows["action"].to_numpy() == row["action"]) & initiative)


def _section(rows: pd.DataFrame, headline: pd.Series, months: pd.DataFrame, caution: str, facts: PageFacts) -> Section:
    """Return an action or a contrast; ``rows`` holds each of its designs."""
    locale, immature = facts.locale, int(headline["n_immature"])
    late = PAGE.say(locale, "late", n=immature, days=facts.follow_up_days) if immature else ""
    finance = None
    if headline["kind"] == RowKind.ACTION:
        finance = finance_table(
            headline, locale, horizon_months=facts.horizon_months, follow_up_days=facts.follow_up_days
        )
    return Section(
        title=title(headline, locale),
        verdict=verdict_cell(headline["verdict"], locale, headline["effect_per_treated"]),
        text=f"{headline['sentence']} {late}".strip(),
        settling=settling_sentence({str(name): value for name, value in headline.items()}, locale),
        caution=caution,
        finance=finance,
        paths=path_bars(headline, locale),
        bridge=bridge_bars(headline, locale),
        months=month_line(months[_same(months, headline)], locale),
        checks=checks_table(rows, locale),
    )
