"""What ``targets`` wrote beside a list, as the report says it: the policy on held-out decisions, verdicts, warnings."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ...core.errors import ConfigError
from ...core.locale import Locale
from ...core.messages import capitalised
from ...core.short_repr import ShortRepr
from ..statement.page.wording import chance_in_words
from ..targets.words import LIST_WORDS
from .words import REPORT

__all__ = ["ListFacts", "OnList", "Period", "list_facts_beside"]

Period = tuple[pd.Timestamp, pd.Timestamp]
"""First and last instant of a statement's decisions, naive, UTC."""

_QUOTED = ("effect_per_treated", "effect_per_treated_low", "effect_per_treated_high", "chance_pays")
_POLICY = "policy_"
_UNTOLD = ("cut_", "none_left_out")
"""Codes of what no committee reads: files for a later statement, and that nothing happened."""


@dataclass(frozen=True)
class OnList:
    """An action on a list: in words its effect on a customer and the ends of it, what is expected, and what rules it.

    Each is "" where nobody knows; ``ruling`` says whether the action is tried and which checks failed, ``chance`` how
    likely it pays.
    """

    effect: str = ""
    between: str = ""
    net: str = ""
    ruling: str = ""
    chance: str = ""


@dataclass(frozen=True)
class ListFacts(ShortRepr):
    """What is said of a list beside its rows.

    Parameters
    ----------
    policy
        What choosing like this was worth on held-out decisions; "" where nobody wrote it.
    better
        Whether it was shown to be better than contacting nobody.
    net
        Ends of what the whole list is expected to bring; "" where nobody knows.
    warnings
        What to mind, a sentence each.
    actions
        By the name of the configuration.
    quoted
        Which figures are a statement's, and why those of the list's own models differ; "" where none is.
    """

    policy: str = ""
    better: bool = False
    net: str = ""
    warnings: tuple[str, ...] = ()
    actions: Mapping[str, OnList] = field(default_factory=dict)
    quoted: str = ""

    def quoting(self, rows: Iterable[Mapping[str, Any]], period: Period | None, locale: Locale) -> ListFacts:
        """Return the facts with what a statement says of the same actions in the place of the models' own averages.

        Effect and chance of an action stand in one report once. Of an action with several initiatives, the row with
        most treated customers is quoted.

        Parameters
        ----------
        rows
            Headline rows of the statement.
        period
            First and last instant of its decisions; None where nobody knows it.
        locale
            As the facts were written.
        """
        found = {str(row["action"]): row for row in sorted(rows, key=lambda row: float(row["n_treated"]))}
        known = {name: row for name, row in found.items() if name in self.actions and _says(row)}
        if not known:
            return self
        actions = {
            name: _quoted(one, known[name], locale) if name in known else one for name, one in self.actions.items()
        }
        quoted = (
            REPORT.say(locale, "quoted_undated")
            if period is None
            else REPORT.say(locale, "quoted", since=period[0], until=period[1])
        )
        return replace(self, actions=actions, quoted=quoted)


def list_facts_beside(file: Path, business: str, contacted: int, locale: Locale) -> ListFacts:
    """Return what lies beside a list in ``<name>.list.json``; nothing where there is no such file.

    Parameters
    ----------
    file
        The CSV of the list.
    business, contacted
        Whose report it is, and how many customers the CSV names.
    locale
        Language and money of the report.

    Raises
    ------
    ConfigError
        The file cannot be read, or is of another business or another list.
    """
    beside = file.with_name(f"{file.stem}.list.json")
    if not beside.is_file():
        return ListFacts()
    try:
        told: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
        whose, names, found = told["business"], int(told["contacted"]), _facts(told, locale)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"--targets: '{beside}' is not as `servicelift targets` writes it; run that command again"
        ) from error
    if whose != business:
        raise ConfigError(f"--targets: expected a list of '{business}', '{beside}' is of '{whose}'")
    if names != contacted:
        raise ConfigError(
            f"--targets: expected the list that '{beside}' speaks of, with {names} customers, got {contacted} in"
            f" '{file}'; run `servicelift targets` again, or name a copy of the list without that file"
        )
    return found


def _facts(told: Mapping[str, Any], locale: Locale) -> ListFacts:
    known = [one for one in told["warnings"] if one["code"] in LIST_WORDS]
    policy: Mapping[str, Any] = next((one for one in known if one["code"].startswith(_POLICY)), {})
    rest = [one for one in known if one is not policy and not one["code"].startswith(_UNTOLD)]
    return ListFacts(
        policy=_said(policy, locale) if policy else "",
        better=policy.get("code") == f"{_POLICY}better",
        net=_between(told, "net_value", locale),
        warnings=tuple(_said(one, locale) for one in rest),
        actions={name: _on_list(one, locale) for name, one in told["actions"].items()},
    )


def _said(warning: Mapping[str, Any], locale: Locale) -> str:
    figures = {name: math.nan if value is None else value for name, value in warning["figures"].items()}
    if "day" in figures:
        figures["day"] = pd.Timestamp(figures["day"]).tz_convert("UTC").tz_localize(None)
    return f"{capitalised(LIST_WORDS.say(locale, warning['code'], **figures).strip())}."


def _on_list(action: Mapping[str, Any], locale: Locale) -> OnList:
    known = action["effect"] is not None
    return OnList(
        effect=locale.money(action["effect"]) if known else "",
        between=_between(action, "effect", locale, digits=2),
        net=_between(action, "net_value", locale),
        ruling=_ruling(action, locale),
        chance="" if action["failed"] or action["chance_pays"] is None else _chance("chance", action, locale),
    )


def _says(row: Mapping[str, Any]) -> bool:
    """Return whether a row of a statement says what an action does to a customer, and how likely it pays."""
    return all(math.isfinite(float(row.get(name, math.nan))) for name in _QUOTED)


def _quoted(one: OnList, row: Mapping[str, Any], locale: Locale) -> OnList:
    effect, low, high, _ = (float(row[name]) for name in _QUOTED)
    ends = REPORT.say(locale, "between", low=locale.money(low, 2), high=locale.money(high, 2))
    chance = _chance("chance_stated", row, locale)
    return replace(one, effect=locale.money(effect), between=ends, chance=chance)


def _chance(code: str, said: Mapping[str, Any], locale: Locale) -> str:
    return REPORT.say(locale, code, chance=chance_in_words(float(said["chance_pays"]), locale))


def _ruling(action: Mapping[str, Any], locale: Locale) -> str:
    """Return whether the action is tried, and which checks its effect failed."""
    parts = [REPORT.say(locale, "tried")] if action["trial"] else []
    if action["failed"]:
        checks = locale.listed([LIST_WORDS.say(locale, code) for code in action["failed"]])
        parts.append(REPORT.say(locale, "failed", checks=checks))
    return locale.clauses(parts) if parts else ""


def _between(facts: Mapping[str, Any], name: str, locale: Locale, digits: int = 0) -> str:
    low, high = facts[f"{name}_low"], facts[f"{name}_high"]
    if low is None or high is None:
        return ""
    return REPORT.say(locale, "between", low=locale.money(low, digits), high=locale.money(high, digits))
