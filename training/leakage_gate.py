"""The gate before the models: a feature that knows what came after its instant stops the run by name.

Three signs. One feature alone tells the rows that leave (:func:`feature_gate`). A column that the contract does not
date (the statics of ``customers``, and ``auto_renew``) follows the customers' fate at the end of the data, as it would
if it were written when they left (:func:`undated_gate`). A static date lies after the first look at the customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..core.arrays import Bools, Ints
from ..core.config.business import Config
from ..core.errors import ConfigError, LeakageError, did_you_mean
from ..features.catalogue.catalogue import build_features, explain, explain_all, feature_names
from ..features.outcomes.churn_labels import churn_labels
from ..features.tables.tables import Tables
from ..features.timeline.spine import is_contractual, running_spine
from ..models.churn.classifier import BASE
from ..models.evaluation.metrics import ChurnMetrics
from ..models.evaluation.single_feature import (
    Separation,
    dates_in,
    late_share,
    outcome_separations,
    purest_state,
    separations,
)
from ..tracking import Run
from .snapshots import snapshot_instants, snapshot_spine

__all__ = ["feature_gate", "model_gate", "undated_gate"]

_EXPLAINED = 2_000
"""About how many held-out rows say which features are strongest."""

_MOST_SUSPECTS = 5

_OVERWRITTEN = ("subscriptions.auto_renew",)
"""Columns of dated rows that a source may overwrite later."""


class Contributes(Protocol):
    """A model that says what each feature adds to a row's risk."""

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return one column a feature, and the base."""


@dataclass(frozen=True)
class _Suspect:
    """A feature that goes too far, and the measure that says so."""

    feature: str
    measure: str


def feature_gate(
    config: Config, features: pd.DataFrame, cause: Ints, customers: ArrayLike, run: Run
) -> tuple[str, ...]:
    """Stop if one feature alone tells who leaves; else log how near the strongest come.

    Parameters
    ----------
    config
        Thresholds and what is allowed.
    features
        Features of the labelled rows (n, columns).
    cause
        0 stays, 1 leaves voluntarily, 2 involuntarily (n,). Each cause is judged against staying, and both.
    customers
        Customer of each row (n,).
    run
        Where the separations are logged.

    Returns
    -------
    tuple of str
        A note for each feature let through by ``leakage.allow``.

    Raises
    ------
    LeakageError
        A feature goes too far and is not allowed.
    """
    outcomes: dict[str, Ints] = {"leave": (cause > 0).astype(np.int64)}
    if len(np.unique(cause[cause > 0])) > 1:
        for code, name in ((1, "voluntarily"), (2, "involuntarily")):
            outcomes[f"leave {name}"] = np.where(cause == code, 1, np.where(cause == 0, 0, -1))
    fewest = config.leakage.min_churners
    measured = outcome_separations(features, outcomes, customers, fewest=fewest, seed=config.seed)
    separations = [(name, separation) for name, of_outcome in measured.items() for separation in of_outcome]
    separations.sort(key=lambda pair: -pair[1].auc)
    _log(separations, run)
    most = config.leakage.max_auc
    return _judge(config, [_separating(s, name, most) for name, s in separations if s.auc > most], run)


def _separating(separation: Separation, whom: str, most: float) -> _Suspect:
    return _Suspect(
        separation.feature,
        f"by {separation.by} alone the {separation.events:,} that {whom} are told from the others with AUC"
        f" {separation.auc:.3f}, expected up to {most:g} (leakage.max_auc)",
    )


def _log(separations: Sequence[tuple[str, Separation]], run: Run) -> None:
    rows = [{"outcome": name, **vars(separation)} for name, separation in separations]
    if rows:
        run.table(pd.DataFrame(rows), "leakage.csv")
        run.metrics({"leakage_highest_auc": rows[0]["auc"]})


def undated_gate(tables: Tables, run: Run) -> tuple[str, ...]:
    """Stop if a column that no instant dates tells what became of the customers, or holds later dates.

    Returns
    -------
    tuple of str
        A note for each feature let through by ``leakage.allow``.

    Raises
    ------
    LeakageError
        A feature goes too far and is not allowed.
    ConfigError
        ``leakage.allow`` names no feature of this business.
    """
    config = tables.config
    names = feature_names(tables)
    for name in config.leakage.allow:
        if name not in names:
            raise ConfigError(f"leakage.allow: unknown feature '{name}'{did_you_mean(name, names)}")
    known = explain_all(config)
    undated = [name for name in names if _is_undated(known[name].sources)]
    if not undated:
        return ()
    spine = snapshot_spine(tables, snapshot_instants(tables), config.models.max_rows, config.seed)
    first = spine.drop_duplicates("customer_id", ignore_index=True)
    last = spine.drop_duplicates("customer_id", keep="last", ignore_index=True)
    features = build_features(tables, last, undated)
    looked = last[["customer_id"]].merge(first, on="customer_id", validate="one_to_one")["as_of"]
    suspects = [*_late(tables, features, looked), *_fated(tables, last, features)]
    return _judge(config, suspects, run)


def _is_undated(sources: tuple[str, ...]) -> bool:
    return any(s in _OVERWRITTEN or (s.startswith("customers.") and s != "customers.signed_up_at") for s in sources)


def _late(tables: Tables, features: pd.DataFrame, looked: pd.Series) -> list[_Suspect]:
    """Return the features whose dates lie after the first look at too many customers."""
    source = tables.config.tables["customers"]
    suspects: list[_Suspect] = []
    most = tables.config.leakage.max_late_share
    for name in features:
        dates = dates_in(features[name], date_format=source.date_format, dayfirst=source.dayfirst)
        share = 0.0 if dates is None else late_share(dates, looked, tables.data_until)
        if share > most:
            measure = f"{share:.1%} of its dates lie after the first look at their customers, expected up to {most:.1%}"
            suspects.append(_Suspect(str(name), f"{measure} (leakage.max_late_share)"))
    return suspects


def _fated(tables: Tables, last: pd.DataFrame, features: pd.DataFrame) -> list[_Suspect]:
    """Return the features that follow what became of the customers."""
    limits, gone, known = tables.config.leakage, *_gone(tables, last)
    features, gone, who = features[known], gone[known], last.loc[known, "customer_id"]
    measured = separations(features, gone, who, fewest=limits.min_churners, seed=tables.config.seed)
    if not measured:
        return []
    found = [_separating(s, "have left by the end of the data", limits.max_auc) for s in measured]
    suspects = [suspect for suspect, s in zip(found, measured, strict=True) if s.auc > limits.max_auc]
    for name in features.columns.difference([s.feature for s in suspects]):
        if explain(str(name), tables.config).sources[0] in _OVERWRITTEN:
            continue  # who does not renew by itself mostly leaves, honestly
        state = purest_state(features[name], gone, fewest=limits.min_churners)
        if state is not None and state.low > limits.max_share:
            measure = (
                f"of the {state.n:,} customers where it is {state.state}, {state.share:.1%} have left by the end of the"
                f" data, expected up to {limits.max_share:.0%} (leakage.max_share)"
            )
            suspects.append(_Suspect(str(name), measure))
    return suspects


def _gone(tables: Tables, last: pd.DataFrame) -> tuple[Bools, Bools]:
    """Return who had left by the end of the data, and of whom that is known; each (customers,)."""
    if is_contractual(tables):
        running = running_spine(tables, [tables.data_until])["customer_id"]
        return (~last["customer_id"].isin(running)).to_numpy(), np.ones(len(last), dtype=bool)
    churn = tables.config.churn
    looked = tables.data_until - pd.Timedelta(days=churn.horizon_days + churn.grace_days)
    labels = churn_labels(tables, last.assign(as_of=looked))
    return labels["churned"].to_numpy(dtype=bool), (labels["at_risk"] & labels["observed"]).to_numpy()


def model_gate(
    config: Config, report: ChurnMetrics, model: Contributes, features: pd.DataFrame, run: Run
) -> tuple[str, ...]:
    """Stop if the model as a whole ranks too well to be true; its strongest features are the suspects.

    A leak that is spread over several features passes the gate feature by feature. The bound is wide on purpose: where
    only a tenth of the customers can leave within the horizon, as with yearly terms, knowing whom the term leaves out
    gives an honest model an AUC near .95.

    Parameters
    ----------
    config
        The bound ``leakage.max_model_auc``, and what is allowed.
    report
        Of the model on held-out rows.
    model
        Fitted before them.
    features
        Features of the held-out rows, (n, columns).
    run
        Where the strongest features are logged.

    Returns
    -------
    tuple of str
        A note where the model is let through because every suspect stands under ``leakage.allow``.

    Raises
    ------
    LeakageError
        The AUC is above the bound, and a suspect is not allowed.
    """
    limits = config.leakage
    if report.auc <= limits.max_model_auc or report.positives < limits.min_churners:
        return ()
    step = 1 + len(features) // _EXPLAINED
    effects = model.contributions(features.iloc[::step]).drop(columns=BASE).abs().mean().sort_values(ascending=False)
    run.table(effects.rename("mean_contribution").rename_axis("feature").reset_index(), "leakage_model.csv")
    held = effects.cumsum().shift(fill_value=0.0) < effects.sum() / 2
    suspects = [str(name) for name in effects.index[held][:_MOST_SUSPECTS]]
    measure = (
        f"the model as a whole ranks the {report.positives:,} that leave with AUC {report.auc:.3f}, expected up to"
        f" {limits.max_model_auc:g} (leakage.max_model_auc)"
    )
    if all(name in limits.allow for name in suspects):
        run.tags({"leakage_allowed.model": measure})
        return (f"leakage: the model is let through, its strongest features are allowed: {', '.join(suspects)}",)
    remedies = "; ".join(f"'{name}': {_remedy(config, name)}" for name in suspects if name not in limits.allow)
    raise LeakageError(
        f"too good to be true: {measure}; its strongest features probably hold what was written later: {remedies}; or"
        " let them through by name under leakage: allow:"
    )


def _judge(config: Config, suspects: list[_Suspect], run: Run) -> tuple[str, ...]:
    """Stop at the first suspect that is not allowed; log the others with their reasons."""
    worst: dict[str, _Suspect] = {}
    for suspect in suspects:
        worst.setdefault(suspect.feature, suspect)
    allow = config.leakage.allow
    stopped = [suspect for name, suspect in worst.items() if name not in allow]
    if stopped:
        raise LeakageError(_stop(config, stopped))
    let = {name: f"{allow[name]} ({suspect.measure})" for name, suspect in worst.items()}
    run.tags({f"leakage_allowed.{name}": reason for name, reason in let.items()})
    return tuple(f"leakage: '{name}' is let through: {reason}" for name, reason in let.items())


def _stop(config: Config, stopped: list[_Suspect]) -> str:
    first, others = stopped[0], ", ".join(f"'{suspect.feature}'" for suspect in stopped[1:6])
    return (
        f"feature '{first.feature}' knows too much: {first.measure}; it probably holds what was written after the"
        f" instant it is meant for: {_remedy(config, first.feature)}, or let it through with"
        f' leakage: {{allow: {{{first.feature}: "the reason"}}}}'
        + (f" (the same holds for {others})" if others else "")
    )


def _remedy(config: Config, name: str) -> str:
    sources = explain(name, config).sources
    if name in config.static:
        return "take it out of static:"
    return f"correct {' and '.join(sources)}, or list them under drop:"
