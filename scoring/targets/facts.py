"""What stands beside a list as JSON, for programs and for whoever asks later what it was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.messages import Message
from .choose import Chosen
from .outcome import TargetsOutcome
from .policy import PolicyValue
from .recheck import Rechecked
from .trials import chance_pays

__all__ = ["action_facts", "list_facts", "write_facts"]

_Z = 1.959963984540054


def list_facts(
    config: Config,
    run: Mapping[str, Any],
    chosen: Chosen,
    outcome: TargetsOutcome,
    policy: PolicyValue,
    checked: Rechecked,
) -> dict[str, Any]:
    """Return the facts of a list.

    Parameters
    ----------
    config, run
        The business, and what ``run.json`` of the scores says.
    chosen, outcome
        The list, and what it came to.
    policy, checked
        What the policy was worth on held-out decisions, and who was left out on the day.
    """
    warnings = [policy.message(), *checked.messages(), *outcome.without_cut]
    return {
        "business": config.business,
        "currency": config.currency,
        "as_of": None if chosen.rows.empty else _instant(chosen.rows["as_of"].iloc[0]),
        "day": _instant(checked.today),
        "model_versions": dict(run.get("model_versions", {})),
        "contacted": outcome.contacted,
        "held_out": outcome.held_out,
        "cost": outcome.cost,
        "net_value": outcome.net_value,
        "net_value_low": outcome.net_value_low,
        "net_value_high": outcome.net_value_high,
        "policy": policy.facts(),
        "actions": action_facts(config, run.get("action_doubts", {}), chosen),
        "left_out": dict(checked.customers),
        "unseen_days": checked.unseen_days,
        "warnings": [_warning(one) for one in warnings],
    }


def action_facts(config: Config, doubts: Mapping[str, Mapping[str, Any]], chosen: Chosen) -> dict[str, dict[str, Any]]:
    """Return the verdict of each action on a list: what its effect rests on, its promise, and whether it pays.

    Parameters
    ----------
    config
        The business.
    doubts
        What the checks said of each action's average effect, by its name; of earlier scores none.
    chosen
        The list.
    """
    rows = chosen.rows.assign(held=chosen.held, trial=chosen.trial)
    found: dict[str, dict[str, Any]] = {}
    for name, own in rows.groupby("action", sort=True):
        doubt, contacted = doubts.get(str(name)), own[~own["held"]]
        effect, error = (np.nan, np.nan) if doubt is None else (doubt["corrected"], doubt["corrected_std_error"])
        cost = float(own["cost"].mean())
        gain = {end: float(contacted[f"incremental_clv{end}"].sum()) for end in ("", "_low", "_high")}
        spent = float(contacted["cost"].sum())
        evidence = own["evidence"].dropna()
        found[str(name)] = {
            "name": config.locale.named(str(name)),
            "contacted": len(contacted),
            "held_out": int(own["held"].sum()),
            "cost": spent,
            "evidence": str(evidence.iloc[0]) if len(evidence) else None,
            "failed": list(doubt["failed"]) if doubt is not None else [],
            "trial": bool(own["trial"].all()),
            "effect": effect,
            "effect_low": effect - _Z * error,
            "effect_high": effect + _Z * error,
            "chance_pays": chance_pays(doubt, cost),
            "net_value": gain[""] - spent,
            "net_value_low": gain["_low"] - spent,
            "net_value_high": gain["_high"] - spent,
        }
    return found


def write_facts(file: Path, facts: Mapping[str, Any]) -> None:
    """Write facts as JSON; figures that nobody knows are null."""
    text = json.dumps(_plain(facts), indent=2, ensure_ascii=False, allow_nan=False)
    file.write_text(f"{text}\n", encoding="utf-8")


def _warning(message: Message) -> dict[str, Any]:
    return {"code": message.code, "figures": dict(message.figures)}


def _instant(moment: Any) -> str:
    stamp = pd.Timestamp(moment)
    return (stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")).isoformat()


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, pd.Timestamp):
        return _instant(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
