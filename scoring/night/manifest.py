"""What a night says of itself in its manifest: all that depends on the clock stands here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ... import __version__
from ...core.config.business import Config
from ..targets.scored import run_facts
from .history import MANIFEST
from .journal import Done
from .plan import PlannedNight
from .steps import Alarm

__all__ = ["manifest_of", "write_manifest"]

_CHECKS = ("stale_tables", "unknown_levels", "counted_as_missing", "refunds", "waiting")


def manifest_of(
    config: Config, night: PlannedNight, folder: Path, done: Mapping[str, Done], alarms: Sequence[Alarm]
) -> dict[str, Any]:
    """Return the manifest of a night, without when it was made and which files it has.

    Parameters
    ----------
    config
        The business.
    night
        The night.
    folder
        Where it is made.
    done
        Its steps so far, by name.
    alarms
        What somebody has to look at.
    """
    facts = run_facts(folder)
    listed = dict(done["targets"].facts)
    left_out = dict(facts["not_scored"])
    left_out |= {name: str(step.facts["left_out"]) for name, step in done.items() if "left_out" in step.facts}
    return {
        "business": config.business,
        "as_of": facts["as_of"],
        "day": night.day,
        "revision": night.revision,
        "why": "late_rows" if night.late else "asked",
        "changed": dict(night.changed),
        "servicelift": __version__,
        "data_until": facts["data_until"],
        "inputs": night.inputs.facts(),
        "champions": {"versions": facts["model_versions"], "grades": {"churn": facts["churn_grade"]}},
        "counts": {
            "customers": done["score"].facts["customers"],
            "customer_action_pairs": done["score"].facts["pairs"],
            "contacted": listed.get("contacted"),
            "held_out": listed.get("held_out"),
        },
        "list": {name: value for name, value in listed.items() if name != "left_out"},
        "checks": {name: facts[name] for name in _CHECKS},
        "notes": [note for step in ("score", "monitor") if step in done for note in done[step].facts.get("notes", ())],
        "alarms": [asdict(alarm) for alarm in alarms],
        "left_out": left_out,
        "seconds": {name: step.seconds for name, step in done.items()},
        "resumed": [name for name, step in done.items() if step.resumed],
    }


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest into the folder of a night."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
