"""The page of the list: filters, budget and cost curve, reasons, decisions, download."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from ...core.locale import Locale, people_csv
from ...core.short_repr import ShortRepr
from ...core.working_folder import WorkingFolder
from ...scoring.report.listed import ListFacts, OnList
from ...scoring.statement.words import VERDICTS
from ..charts import curve
from ..desk import Desk
from ..page import Content, Shell, sayer
from ..reading.engine import Row
from ..reading.lists import SORTS, STATES, TargetList, Wish, holdout_table
from ..reading.statement import Statement, read_statement
from ..words.shell import SHELL
from ..words.targets import TARGETS
from .returns import COLOURS

__all__ = [
    "EXPORTED_PAGES",
    "EXPORTED_ROWS",
    "list_csv",
    "pages_of",
    "targets_page",
    "wish_of",
    "with_decision",
]

EXPORTED_PAGES, EXPORTED_ROWS = 20, 100
"""Pages of the list that a copy holds, and rows of each."""

_CSV = (
    "rank", "customer_id", "name", "action", "team", "segment", "net_value", "cost", "churn_probability", "clv",
    "reason_1", "reason_2", "reason_3", "decision", "action_id",
)  # fmt: skip


@dataclass(frozen=True)
class Ruled(ShortRepr):
    """An action on the list: customers, what is foreseen, what rules it, and its verdict where a statement has one.

    ``statement`` is the address of that, "" where there is none.
    """

    name: str
    customers: int
    said: OnList
    net: float
    verdict: str
    colour: str
    statement: str


def wish_of(query: Mapping[str, str], size: int = 50) -> Wish:
    """Return what an address asks of the list; what is no choice asks for nothing."""
    budget = _amount(query.get("exact") or query.get("budget") or "")
    page = query.get("page", "1")
    state, sort = query.get("state", ""), query.get("sort", "rank")
    return Wish(
        action=query.get("action", "")[:200],
        segment=query.get("segment", "")[:200],
        team=query.get("team", "")[:200],
        text=query.get("text", "")[:200],
        state=state if state in STATES else "",
        budget=budget,
        sort=sort if sort in SORTS else "rank",
        page=min(max(int(page), 1), 10**6) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
        size=size,
    )


def targets_page(desk: Desk, shell: Shell, wish: Wish) -> Content:
    """Return the rows of the list that are wished for, with what a budget buys."""
    places, locale = desk.places(), shell.locale
    listed = desk.target_list(places)
    title = SHELL.say(locale, "targets")
    most = EXPORTED_PAGES if shell.links.files else 10**9
    if listed is None:
        return Content("missing.html.j2", title, {"missing": [desk.missing("targets", locale)]})
    decided = desk.decisions.latest()
    page = listed.page(wish, decided)
    pages = min(pages_of(page.count, wish.size), most)
    if wish.page > pages:
        wish = replace(wish, page=pages)
        page = listed.page(wish, decided)
    points = listed.curve()
    statement = None if places.roi is None else read_statement(places.roi)
    facts = desk.list_facts(places, listed, statement, locale)
    return Content(
        "targets.html.j2",
        title,
        {
            "t": sayer(TARGETS, locale),
            "wish": wish,
            "rows": page.rows,
            "count": page.count,
            "cost": page.cost,
            "net": page.net_value,
            "last": pages,
            "cut": shell.links.files and page.count > EXPORTED_PAGES * wish.size,
            "shown": min(page.count, EXPORTED_PAGES * wish.size),
            "choices": {name: listed.choices(name) for name in ("action", "segment", "team")},
            "sorts": tuple(SORTS),
            "states": STATES,
            "optional": listed.columns,
            "budget": _budget(listed, points, wish, locale),
            "facts": facts,
            "actions": _ruled(facts or ListFacts(), listed, statement, shell),
            "alone": _alone(desk, places.holdout),
            "csv": _csv_link(shell),
        },
    )


def pages_of(count: int, size: int) -> int:
    """Return on how many pages so many rows stand; nothing stands on one."""
    return max(1, math.ceil(count / size))


def with_decision(rows: Sequence[Row], decided: Mapping[str, str]) -> list[Row]:
    """Return rows of the list with what was decided about each; None where nothing was."""
    return [{**row, "decision": decided.get(str(row["action_id"]))} for row in rows]


def list_csv(listed: TargetList, wish: Wish, decided: Mapping[str, str], locale: Locale) -> bytes:
    """Return the rows that are wished for as a CSV file of the locale, which a spreadsheet opens as a table."""
    with WorkingFolder() as folder:
        file = Path(folder) / "list.csv"
        people_csv(listed.frame(wish, decided, _CSV), file, locale)
        return file.read_bytes()


def _csv_link(shell: Shell) -> str:
    """Return where the CSV file lies."""
    if shell.links.files:
        return f"targets.{shell.locale.language}.csv"
    return shell.links.page("targets.csv", **{k: v for k, v in shell.links.query.items() if k != "page"})


def _budget(
    listed: TargetList, points: list[tuple[float, float]], wish: Wish, locale: Locale
) -> dict[str, object] | None:
    """Return the cost curve with the point of the budget, and what it says in words."""
    t = sayer(TARGETS, locale)
    most, net = points[-1]
    count, cost, value = listed.sums(Wish(budget=wish.budget))
    spent = wish.budget if wish.budget is not None and wish.budget < most else None
    drawn = curve(points, None if spent is None else (cost, value), locale)
    if drawn is None:
        return None
    halves, half, brought = listed.sums(Wish(budget=most / 2))
    figures = {"half": half, "all": most, "share": brought / net}
    return {
        "curve": drawn,
        "label": t("curve_label", net=net, cost=most),
        "text": t("curve_text", **figures) if halves else "",
        "marker": t("marker", budget=spent, n=count, net=value) if spent is not None else "",
        "most": math.ceil(most),
        "at": math.ceil(most) if wish.budget is None else min(wish.budget, math.ceil(most)),
    }


def _ruled(facts: ListFacts, listed: TargetList, statement: Statement | None, shell: Shell) -> list[Ruled]:
    """Return each action on the list with what rules it, as written beside the list and in the statement."""
    if not facts.actions:
        return []
    locale = shell.locale
    stated = sorted(statement.actions, key=lambda row: float(row["n_treated"])) if statement is not None else []
    verdicts = {str(row["action"]): str(row["verdict"]) for row in stated}
    return [
        Ruled(
            name=locale.named(action),
            customers=int(row["n"]),
            said=facts.actions.get(action, OnList()),
            net=float(row["net_value"]),
            verdict=VERDICTS.say(locale, verdicts[action]) if action in verdicts else "",
            colour=COLOURS.get(verdicts.get(action, ""), "open"),
            statement=f"{shell.links.page('returns')}#{quote(action)}" if action in verdicts else "",
        )
        for row in listed.by_action()
        for action in [str(row["action"])]
    ]


def _alone(desk: Desk, holdout: Path | None) -> int:
    """Return how many customers are left alone."""
    if holdout is None:
        return 0
    table = holdout_table(desk.engine, holdout)
    return int(desk.engine.rows_kept((table, "count"), f"select count(*) n from {table}")[0]["n"])


def _amount(text: str) -> float | None:
    """Return an amount as people write it, decimal comma included; None where it is none."""
    plain = text.strip().replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
