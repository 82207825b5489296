"""What ``targets`` wrote beside a list, as the report says it: the policy on held-out decisions, verdicts, warnings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
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

__all__ = ["ListFacts", "OnList", "list_facts_beside"]

_POLICY = "policy_"
_UNTOLD = ("cut_", "none_left_out")
"""Codes of what no committee reads: files for a later statement, and that nothing happened."""


@dataclass(frozen=True)
class OnList:
    """An action on a list: in words its effect on a customer and the ends of it, what is expected, and what rules it.

    ``effect``, ``between`` and ``net`` are "" where nobody knows.
    """

    effect: str
    between: str
    net: str
    ruling: str


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
    """

    policy: str = ""
    better: bool = False
    net: str = ""
    warnings: tuple[str, ...] = ()
    actions: Mapping[str, OnList] = field(default_factory=dict)


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
    )


def _ruling(action: Mapping[str, Any], locale: Locale) -> str:
    """Return whether the action is tried, which checks its effect failed, and the chance that it pays."""
    parts = [REPORT.say(locale, "tried")] if action["trial"] else []
    if action["failed"]:
        checks = locale.listed([LIST_WORDS.say(locale, code) for code in action["failed"]])
        parts.append(REPORT.say(locale, "failed", checks=checks))
    elif action["chance_pays"] is not None:
        parts.append(REPORT.say(locale, "chance", chance=chance_in_words(action["chance_pays"], locale)))
    return locale.clauses(parts) if parts else ""


def _between(facts: Mapping[str, Any], name: str, locale: Locale, digits: int = 0) -> str:
    low, high = facts[f"{name}_low"], facts[f"{name}_high"]
    if low is None or high is None:
        return ""
    return REPORT.say(locale, "between", low=locale.money(low, digits), high=locale.money(high, digits))
