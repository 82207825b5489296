"""The first page: three sentences, and what is to be decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from ...core.locale import Locale
from ...core.messages import capitalised
from ...core.time import local_today
from ..desk import Desk
from ..page import Content, Shell, sayer
from ..reading.lists import Wish
from ..reading.nights import Watched, read_watched
from ..reading.places import Places
from ..reading.plans import plans_of
from ..reading.statement import Statement, read_statement
from ..words.shell import SHELL
from ..words.today import TODAY

__all__ = ["today_page"]


@dataclass(frozen=True)
class Choice:
    """Something to decide: in words, and where to look."""

    text: str
    link: str


def today_page(desk: Desk, shell: Shell) -> Content:
    """Return where things stand in three sentences, and what waits for a decision."""
    places, locale = desk.places(), shell.locale
    t = sayer(TODAY, locale)
    listed = desk.target_list(places)
    statement = None if places.roi is None else read_statement(places.roi)
    watched = read_watched(places)
    facts = places.facts
    count, cost, net = (0, 0.0, 0.0) if listed is None else listed.sums(Wish())
    told = None if listed is None else desk.list_facts(places, listed, statement, locale)
    doubted = "_unproven" if told is not None and told.policy and not told.better else ""
    first = t("no_list") if listed is None else t("list_empty")
    if count:
        first = t(f"list{doubted}", n=count, cost=cost, net=net)
    choices: list[Choice] = []
    if listed is not None and count:
        states = listed.states(desk.decisions.latest())
        if states["open"]:
            text = t(f"contact{doubted}", n=states["open"], done=states["done"], refused=states["refused"])
            choices.append(Choice(text, shell.links.page("targets", state="" if shell.links.files else "open")))
    choices += _about_actions(statement, shell)
    choices += _about_models(desk, watched, places, shell)
    return Content(
        "today.html.j2",
        SHELL.say(locale, "today"),
        {
            "t": t,
            "sentences": [
                first,
                _returned(statement, desk, locale),
                _state(watched, str(facts.get("churn_grade") or ""), locale),
            ],
            "choices": choices,
            "by_action": [] if listed is None else listed.by_action(),
            "missing": [] if listed is not None else [desk.missing("targets", locale)],
        },
    )


def _returned(statement: Statement | None, desk: Desk, locale: Locale) -> str:
    """Return what the statement says in all."""
    t = sayer(TODAY, locale)
    total = None if statement is None else statement.totals.get("all")
    if statement is None or total is None:
        return t("no_return")
    return t(
        "return",
        cost=total["cost"],
        gain=total["incremental_clv"],
        low=total["incremental_clv_low"],
        high=total["incremental_clv_high"],
        months=desk.config.value.horizon_months,
        n=len(statement.actions),
        pays=sum(row["verdict"] == "pays" for row in statement.actions),
    )


def _state(watched: Watched | None, grade: str, locale: Locale) -> str:
    """Return whether the models can be relied on."""
    t = sayer(TODAY, locale)
    if watched is None:
        return t("grade", grade=grade) if grade else t("no_watch")
    code = "rings" if len(watched.alarms) else "calm"
    return t(code, n=watched.measures, alarms=len(watched.alarms), at=watched.at)


def _about_actions(statement: Statement | None, shell: Shell) -> Iterator[Choice]:
    """Yield what the verdicts ask for."""
    t = sayer(TODAY, shell.locale)
    place, unsettled = shell.links.page("returns"), []
    for row in () if statement is None else statement.actions:
        verdict, settle = row["verdict"], row.get("settle")
        code = {"pays": "extend", "loses": "stop"}.get(verdict, "settle" if settle == "experiment" else "")
        if code:
            yield Choice(capitalised(t(code, action=row["action"])), f"{place}#{row['action']}")
        else:
            unsettled.append(str(row["action"]))
    if unsettled:
        yield Choice(capitalised(t("unsettled", actions=unsettled)), place)


def _about_models(desk: Desk, watched: Watched | None, places: Places, shell: Shell) -> Iterator[Choice]:
    """Yield what the night, the age of the models and experiments ask for."""
    t = sayer(TODAY, shell.locale)
    if watched is not None and len(watched.alarms):
        yield Choice(t("look", n=len(watched.alarms)), shell.links.page("models"))
    today: dt.date = desk.config.data_until or local_today(desk.config.timezone)
    for each in plans_of(places, desk.config):
        if each.plan.result_on is not None and each.plan.result_on <= today and not each.reading:
            yield Choice(t("read", action=each.plan.action, on=each.plan.result_on), shell.links.page("experiments"))
