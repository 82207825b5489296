"""The registry by hand: what there is, two versions on the same rows, promotion and rollback with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np

from ..core.config.business import Config, ModelKind
from ..core.errors import ConfigError, ModelError, did_you_mean
from ..core.progress import Say, silent
from ..features.tables.tables import Opener, open_tables
from ..tracking import CHALLENGER, CHAMPION, Tracker, Version
from .churn import churn_held_out
from .clv import clv_held_out
from .incremental import incremental_held_out
from .judged import HeldOut, JudgedModel

__all__ = [
    "DECISION",
    "NamedVersion",
    "compare",
    "listing",
    "named_version",
    "promote_by_hand",
    "promote_refused",
    "roll_back",
]

DECISION = "servicelift.decision"
"""Tag of a version that says why it is what it is."""

_FLAT = "flat-churn"
"""The kind of model that ``servicelift churn`` makes of a flat table."""

_KINDS: tuple[str, ...] = (*get_args(ModelKind), _FLAT)


@dataclass(frozen=True)
class NamedVersion:
    """A version that a user named."""

    kind: str
    name: str
    version: Version


def listing(config: Config) -> list[str]:
    """Return one line a version, newest first: aliases, run, when, and why it is what it is."""
    tracker = Tracker.of(config)
    lines = []
    for kind in _KINDS:
        name = _name(config, kind)
        for v in tracker.versions(name):
            decided = f"  {v.tags[DECISION]}" if DECISION in v.tags else ""
            aliases = ", ".join(v.aliases) or "-"
            lines.append(f"{name} version {v.number} {aliases} run {v.run_id} {v.created:%Y-%m-%d %H:%M}{decided}")
    return lines


def promote_by_hand(config: Config, named: str, reason: str) -> list[str]:
    """Make a version champion and keep the reason; return what was done.

    Parameters
    ----------
    config
        The business.
    named
        ``MODEL:VERSION``, such as ``churn:5``; an alias may stand for the version.
    reason
        Why, for whoever looks later.

    Raises
    ------
    ConfigError
        There is no such version, it is champion already, or no reason is given.
    ModelError
        The installed code cannot read that version.
    """
    said, tracker = _reason(reason), Tracker.of(config)
    chosen = named_version(config, tracker, named)
    before = tracker.version_of(chosen.name, CHAMPION)
    if before == chosen.version.number:
        raise ConfigError(f"{chosen.name} version {before} is the champion already; name another version")
    tracker.read(chosen.name, chosen.version.number)
    tracker.tag(chosen.name, chosen.version.number, {DECISION: f"champion by hand on {_today()}: {said}"})
    tracker.set_alias(chosen.name, CHAMPION, chosen.version.number)
    instead = f" instead of version {before}" if before else ""
    return [f"{chosen.name} version {chosen.version.number}: champion{instead}; {said}"]


def promote_refused(config: Config, judged: Iterable[JudgedModel], reason: str) -> list[str]:
    """Make the first models of a training champions that lost against their naive forecast; return what was done.

    For demonstrations and benchmarks, which have to go on; a business looks at the model first.
    """
    refused = [model for model in judged if model.refused]
    lines = (promote_by_hand(config, f"{model.name}:{model.version}", reason) for model in refused)
    return [line for each in lines for line in each]


def roll_back(config: Config, model: str, reason: str) -> list[str]:
    """Make the champion before the present one champion again, and keep the reason; return what was done.

    Raises
    ------
    ConfigError
        There is no such model, no champion before this one, or no reason is given.
    ModelError
        The installed code cannot read the earlier version.
    """
    said, tracker = _reason(reason), Tracker.of(config)
    name = _name(config, _kind(config, model))
    versions = {v.number: v for v in tracker.versions(name)}
    now = tracker.version_of(name, CHAMPION)
    history = tracker.history(name) if versions else []
    if now in history:
        del history[len(history) - 1 - history[::-1].index(now) :]
    history = [number for number in history if number in versions]
    while history and history[-1] == now:
        history.pop()
    if now is None or not history:
        raise ConfigError(f"{name} has no champion before the present one; promote a version by hand: --promote")
    before = history[-1]
    tracker.read(name, before)
    tracker.tag(name, now, {DECISION: f"rolled back by hand on {_today()}: {said}"})
    tracker.tag(name, before, {DECISION: f"champion again by rollback on {_today()}: {said}"})
    tracker.set_alias(name, CHAMPION, before)
    tracker.set_history(name, history)
    return [f"{name} version {before}: champion again instead of version {now}; {said}"]


def compare(config: Config, first: str, second: str, say: Say = silent, opened: Opener | None = None) -> list[str]:
    """Judge two versions of a model on the same latest held-out rows; return what a user reads.

    Parameters
    ----------
    config
        The business.
    first, second
        ``MODEL:VERSION``; an alias may stand for the version.
    say
        Told about each step.
    opened
        Gives the tables of a configuration where they are open already.

    Raises
    ------
    ConfigError
        There is no such version, or they are not of the same model.
    DataError
        The tables allow no judgement.
    ModelError
        The tables lack columns that a version needs, or the installed code cannot read it.
    """
    tracker = Tracker.of(config)
    pair = [named_version(config, tracker, text) for text in (first, second)]
    if pair[0].name != pair[1].name:
        raise ConfigError(f"expected two versions of one model, got {pair[0].name} and {pair[1].name}")
    models = [tracker.read(p.name, p.version.number).model for p in pair]
    held_out = _held_out(config, tracker, pair[0].kind, models[0], say, opened or open_tables)
    say("compare on the held-out rows")
    losses = [_losses(held_out, model, p) for model, p in zip(models, pair, strict=True)]
    if not len(losses[0]):
        raise ModelError("expected held-out rows to compare on, got none; bring longer tables")
    paired = held_out.compare(losses[0], losses[1])
    better = "no difference beyond noise"
    if paired.better or paired.low > 0:
        better = f"version {pair[0 if paired.better else 1].version.number} is better beyond noise"
    shown = " against ".join(f"version {p.version.number} ({', '.join(p.version.aliases) or '-'})" for p in pair)
    n = len(np.unique(np.asarray(held_out.customers).astype(str)))
    return [
        f"{pair[0].name} {shown}: {len(losses[0]):,} held-out rows of {n:,} customers",
        f"  {held_out.measure}: {held_out.loss(losses[0]):.4g} against {held_out.loss(losses[1]):.4g};"
        f" {held_out.naive_name} {held_out.loss(held_out.naive):.4g}",
        f"  difference {paired.difference:+.4g}, 95% interval {paired.low:+.4g} to {paired.high:+.4g}: {better}",
        *_logged(tracker, pair),
    ]


def _held_out(config: Config, tracker: Tracker, kind: str, model: Any, say: Say, opened: Opener) -> HeldOut:
    if kind == _FLAT:
        raise ConfigError(
            f"{kind}: its customers lie in its own table; `servicelift churn` on that table compares with the champion"
        )
    say("tables: open and check")
    tables = opened(config)
    if kind == "churn":
        return churn_held_out(tables, say)
    if kind == "clv":
        return clv_held_out(tables, model)
    return incremental_held_out(tables, tracker, say)


def _losses(held_out: HeldOut, model: Any, named: NamedVersion) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        return held_out.losses_of(model)
    except KeyError as error:
        raise ModelError(
            f"{named.name} version {named.version.number} needs columns that these tables do not give: {error}"
        ) from error


def _logged(tracker: Tracker, pair: list[NamedVersion]) -> list[str]:
    """Return the figures that both versions logged when they were trained, each on its own held-out rows."""
    runs = [tracker.past_run(p.version.run_id) for p in pair]
    same = runs[0].tags.get("fingerprint") == runs[1].tags.get("fingerprint")
    head = "  logged in training, on the same tables:" if same else "  logged in training, each on its own tables:"
    names = sorted(set(runs[0].metrics) & set(runs[1].metrics))
    return [head, *(f"    {n}: {runs[0].metrics[n]:.4g} against {runs[1].metrics[n]:.4g}" for n in names)]


def named_version(config: Config, tracker: Tracker, text: str) -> NamedVersion:
    """Return the version that ``MODEL:VERSION`` names; an alias may stand for the version.

    Raises
    ------
    ConfigError
        The text is another, or there is no such version.
    """
    model, colon, wanted = text.partition(":")
    if not colon or not wanted:
        raise ConfigError(f"expected MODEL:VERSION such as churn:3 or churn:{CHALLENGER}, got '{text}'")
    kind = _kind(config, model)
    name = _name(config, kind)
    versions = tracker.versions(name)
    for version in versions:
        if wanted == str(version.number) or wanted in version.aliases:
            return NamedVersion(kind, name, version)
    there = ", ".join(str(v.number) for v in versions) or "none; run `servicelift train` first"
    raise ConfigError(f"{name} has no version '{wanted}'; there are: {there}")


def _name(config: Config, kind: str) -> str:
    """Return the registered name of a kind of model."""
    return f"{config.business}-{kind}"


def _kind(config: Config, model: str) -> str:
    for kind in _KINDS:
        if model in (kind, _name(config, kind)):
            return kind
    raise ConfigError(f"unknown model '{model}'{did_you_mean(model, _KINDS)}; expected one of {', '.join(_KINDS)}")


def _reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise ConfigError('expected a reason for whoever looks later: --reason "why"; got none')
    return said[:400]


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"
