"""What a configuration says of features, actions and files is checked as a whole, before any table is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ...core.config.business import Config
from ...core.contract_state import LAPSED
from ...core.errors import ConfigError, did_you_mean
from ..catalogue.catalogue import explain_all, forms
from ..catalogue.declare import Form
from .eligibility import Condition

__all__ = ["check_config"]

STRATA = ("month", "segment", "initiative", "agent_id")
"""What the strata of a draw may be, beside static columns of customers."""


def check_config(config: Config) -> None:
    """Stop at the first name in a configuration that stands for nothing, and at conditions that cannot be judged.

    Features that the configured tables could give are known from the catalogue; whether their optional columns are
    there, only the tables tell.

    Raises
    ------
    ConfigError
        A feature's name stands for two things; a condition does not parse, or compares what cannot be compared; a
        name under ``monotone``, ``segments`` or ``allow`` is no feature; a table that is needed is not configured;
        a file is a folder.
    """
    known = forms(config)
    possible = {name: known[name] for name, info in explain_all(config).items() if _could_be(config, info.sources)}
    for condition in _conditions(config):
        _check_condition(condition, known, possible)
    _check_features("churn.segments", config.churn.segments, known)
    _check_features("churn.monotone", config.churn.monotone, possible)
    for name in config.churn.monotone:
        if known[name] is Form.TEXT:
            raise ConfigError(f"churn.monotone: '{name}' holds words, which have no order; leave it out")
    _check_features("leakage.allow", config.leakage.allow, possible)
    _check_strata(config)
    _check_states(config)
    _check_tables(config)
    _check_files(config)


def _could_be(config: Config, sources: Iterable[str]) -> bool:
    """Return whether the configured tables could give a feature with these sources."""
    return all(any(one.split(".")[0] in config.tables for one in source.split(" or ")) for source in sources)


def _conditions(config: Config) -> list[Condition]:
    named = {
        **{f"incremental.actions.{name}": action.eligible for name, action in config.incremental.actions.items()},
        **{f"incremental.contrasts.{name}": c.eligible for name, c in config.incremental.contrasts.items()},
    }
    return [Condition(f"{where}.eligible", text) for where, text in named.items() if text is not None]


def _check_condition(condition: Condition, known: Mapping[str, Form], possible: Mapping[str, Form]) -> None:
    condition.check(known)
    for name in condition.names():
        if name not in possible:
            raise ConfigError(f"{condition.where}: '{name}' needs a table that is not under tables:; add it")


def _check_features(where: str, names: Iterable[str], known: Mapping[str, Form]) -> None:
    for name in names:
        if name not in known:
            raise ConfigError(f"{where}: expected features of this business, got '{name}'{did_you_mean(name, known)}")


def _check_strata(config: Config) -> None:
    """Stop at strata of a draw that are no columns of decisions or static columns of customers."""
    known = (*STRATA, *config.static)
    for action, terms in config.incremental.actions.items():
        for name in terms.strata or ():
            if name not in known:
                raise ConfigError(
                    f"incremental.actions.{action}.strata: expected some of {', '.join(known)}, got"
                    f" '{name}'{did_you_mean(name, known)}"
                )


def _check_states(config: Config) -> None:
    """Stop at actions for lapsed customers where nobody has a subscription that could have ended."""
    kinds = {line.kind for line in config.lines.values()}
    if "subscriptions" in config.tables and kinds & {"auto", "contractual"}:
        return
    for action, terms in config.incremental.actions.items():
        if terms.state == LAPSED:
            raise ConfigError(
                f"incremental.actions.{action}.state: lapsed customers are those whose subscription ended, and no"
                " subscriptions are configured; leave it out, or bring the table subscriptions"
            )


def _check_tables(config: Config) -> None:
    """Stop at keys that speak of a table which is not configured, and would be without effect."""
    needed = {
        "features.channels": ("contacts", config.features.channels),
        "features.reasons": ("contacts", config.features.reasons),
        "payments.kind under lines": ("payments", [c for c in config.lines.values() if c.payments_kind is not None]),
    }
    for where, (table, given) in needed.items():
        if given and table not in config.tables:
            raise ConfigError(
                f"{where}: needs the table '{table}', which is not under tables:; add it, or leave it out"
            )


def _check_files(config: Config) -> None:
    """Stop where a folder stands in the place of a file."""
    tracking = config.tracking_uri.removeprefix("sqlite:///").partition("?")[0]
    for where, path in (("churn.tuning.file", config.churn.tuning.file), ("tracking.uri", tracking)):
        if path is None or "://" in path:
            continue
        try:
            folder = Path(config.resolve(path)).is_dir()
        except OSError:
            folder = None
        if folder is None or "\0" in path:
            raise ConfigError(f"{where}: expected the name of a file, got one that no file can have")
        if folder:
            raise ConfigError(f"{where}: expected a file, got the folder '{path}'; write a file's name")
