"""Score the customer base with the champions: churn, value, and what each action would cause."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ... import __version__
from ...core.action_cost import CONFIGURED
from ...core.config.business import Config, ModelKind
from ...core.errors import ModelError
from ...core.files import complete_folder, digests
from ...core.locale import Locale
from ...core.output_lock import locked_folder
from ...core.progress import Say, silent
from ...core.records import ClvInputs
from ...core.short_repr import ShortRepr
from ...core.time import local_day, with_zone
from ...features.catalogue.catalogue import build_features
from ...features.outcomes.churn_labels import churn_labels
from ...features.outcomes.clv_inputs import clv_inputs, gross_of_refunds
from ...features.tables.staleness import check_fresh, stale_line
from ...features.tables.tables import Opener, Tables, open_tables
from ...features.timeline.spine import customer_spine, is_contractual, running_spine
from ...features.timeline.waiting import PAUSED, TRIAL, waiting
from ...models.fitting.encoding import FrameEncoding
from ...models.portfolio import Valuation
from ...tracking import Loaded
from .action_values import Priced, action_values
from .champions import Champions, check_columns, load_champions, predictions
from .export import check_as_of
from .inputs import UnknownInput, learnt_encodings, readable_features, unknown_levels
from .reason_features import REASON_FEATURES, write_reason_features
from .reasons import REASONS, reasons
from .words import SCORE_WORDS

__all__ = ["ACTION_VALUES", "RUN", "SCORES", "ScoreOutcome", "score"]

SCORES = "scores.parquet"
ACTION_VALUES = "action_values.parquet"
RUN = "run.json"

_CHURN = ["churn_probability", "churn_probability_voluntary", "churn_probability_involuntary"]
_CLV = ["clv", "clv_low", "clv_high"]
_WAITING = "waiting"


@dataclass(frozen=True)
class ScoreOutcome:
    """Where the scores are, how many, by which versions, and what a user has to know about them."""

    out: Path
    customers: int
    pairs: int
    versions: dict[str, int | None]
    notes: tuple[str, ...] = ()
    locale: Locale = field(default_factory=Locale)

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        used = ", ".join(f"{name} {version}" for name, version in self.versions.items() if version is not None)
        figures = {"n": self.customers, "pairs": self.pairs, "out": str(self.out), "used": used}
        return [SCORE_WORDS.say(self.locale, "scored", **figures), *self.notes]


@dataclass(frozen=True)
class _Known(ShortRepr):
    """What is known of the customers at the instant of the scores.

    Features, inputs of the CLV if it is scored, and why customers wait (an empty text where they do not).
    """

    spine: pd.DataFrame
    waiting: pd.Series
    features: pd.DataFrame
    inputs: ClvInputs | None


def score(
    config: Config,
    as_of: pd.Timestamp,
    out: Path,
    say: Say = silent,
    opened: Opener | None = None,
    versions: Mapping[ModelKind, int | None] | None = None,
) -> ScoreOutcome:
    """Write scores.parquet, action_values.parquet and run.json to ``out``, all or nothing.

    Customers whose subscription ended have no scores; those who could get an action that is for lapsed customers have
    its value. Customers with a cancellation pending are no longer at risk of deciding: their churn probabilities are
    null. Customers in trial or paused (``waiting`` says which) are no churn population: they get no numbers and no
    action values, and the outcome and run.json count them. Models that have no champion leave their columns null; the
    outcome and run.json say so.

    ``opened`` gives the tables of a configuration where they are open already. ``versions`` are those to score with, by
    kind of model; None: the champions.

    Raises
    ------
    ServiceliftError
        ``out`` cannot be written, another run writes there, the tables break the contract, ``as_of`` lies after their
        end or long after every row, a column of numbers holds texts, there is nobody to score, or there is neither a
        churn nor a CLV champion.
    """
    with locked_folder(out):
        return _scored(config, as_of, out, say, opened or open_tables, versions)


def _scored(
    config: Config,
    as_of: pd.Timestamp,
    out: Path,
    say: Say,
    opened: Opener,
    versions: Mapping[ModelKind, int | None] | None,
) -> ScoreOutcome:
    say("tables: open and check")
    tables = opened(config)
    check_as_of(tables, as_of)
    stale = check_fresh(tables, as_of)
    say("champions: load")
    champions = load_champions(config, versions)
    say("features: build")
    encodings = learnt_encodings(champions.models)
    known, unreadable = _known(tables, as_of, champions, encodings)
    unknown = unknown_levels(known.features, encodings)
    say("scores: churn, value, reasons")
    valued = _valued(known, champions["clv"])
    scores = _scores(tables, known, champions, valued)
    say("action values")
    values = action_values(tables, as_of, champions, _of_running(known, valued), encodings)
    facts = {
        "business": config.business,
        "as_of": as_of.tz_localize("UTC").isoformat(),
        "data_until": tables.data_until.tz_localize("UTC").isoformat(),
        "servicelift": __version__,
        "model_versions": champions.versions,
        "churn_grade": champions.grade or None,
        "customers": len(scores),
        "customer_action_pairs": len(values),
        "waiting": {str(why): int(n) for why, n in scores[_WAITING].value_counts().items()},
        "not_scored": champions.reasons(Locale()),
        "action_costs": _action_costs(champions["incremental"]),
        "action_doubts": _action_doubts(champions["incremental"]),
        "refunds": _refunds(tables, champions),
        "stale_tables": {each.table: each.last.tz_localize("UTC").isoformat() for each in stale},
        "unknown_levels": {one.column: one.facts() for one in unknown},
        "counted_as_missing": {one.column: one.facts() for one in unreadable},
        "reason_features": None if champions["churn"] is None else REASON_FEATURES,
    }
    with complete_folder(out) as folder:
        with_zone(scores).to_parquet(folder / SCORES, index=False)
        with_zone(values).to_parquet(folder / ACTION_VALUES, index=False)
        if champions["churn"] is not None:
            write_reason_features(folder, scores, values, known.features, champions["churn"].model.columns)
        facts["files"] = digests(folder)
        (folder / RUN).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    gross = [SCORE_WORDS.say(config.locale, "gross")] if facts["refunds"] == "gross" else []
    told = (stale_line(tables, each, as_of) for each in stale)
    unused = (one.line(config.locale) for one in (*unreadable, *unknown))
    left_out = _left_out(known.waiting, config.locale)
    notes = (*champions.lines(config.locale), *left_out, *gross, *told, *unused)
    return ScoreOutcome(out, int(scores[_WAITING].isna().sum()), len(values), champions.versions, notes, config.locale)


def _left_out(why: pd.Series, locale: Locale) -> list[str]:
    """Return how many customers have no numbers because they wait, in a line if there are any."""
    trial, paused = (int((why == name).sum()) for name in (TRIAL, PAUSED))
    if not trial + paused:
        return []
    return [SCORE_WORDS.say(locale, "waiting", n=trial + paused, trial=trial, paused=paused)]


def _refunds(tables: Tables, champions: Champions) -> str | None:
    """Return whether the CLV is net or gross of refunds; None where it is not scored."""
    if champions["clv"] is None:
        return None
    return "gross" if gross_of_refunds(tables) else "net"


def _known(
    tables: Tables, as_of: pd.Timestamp, champions: Champions, encodings: Mapping[str, list[FrameEncoding]]
) -> tuple[_Known, tuple[UnknownInput, ...]]:
    """Return what is known of whom there is to score, and which columns hold texts that count as missing."""
    spine = running_spine(tables, [as_of]) if is_contractual(tables) else customer_spine(tables, [as_of])
    if spine.empty:
        day = local_day(as_of, tables.config.timezone)
        raise ModelError(f"expected customers to score at {day}, found none; check --as-of and the tables")
    learnt = [encoding for of_model in encodings.values() for encoding in of_model]
    features, unreadable = readable_features(tables.config, spine, build_features(tables, spine), learnt)
    inputs = clv_inputs(tables, spine, features) if champions["clv"] else None
    return _Known(spine, waiting(tables, spine), features, inputs), unreadable


def _valued(known: _Known, clv: Loaded | None) -> Valuation | None:
    """Return what the CLV champion says of each customer, all in one pass; None without one."""
    if clv is None or known.inputs is None:
        return None
    check_columns(clv, known.inputs.take(np.arange(0)).to_frame().columns)
    valued: Valuation = clv.model.valuation(known.inputs)
    return valued


def _of_running(known: _Known, valued: Valuation | None) -> Priced:
    """Return the customers whose actions on running customers are valued: who waits gets none."""
    return Priced(known.spine, known.features, valued, (known.waiting == "").to_numpy())


def _scores(tables: Tables, known: _Known, champions: Champions, valued: Valuation | None) -> pd.DataFrame:
    frame = known.spine.copy()
    churn = champions["churn"]
    frame[_CHURN] = np.nan if churn is None else predictions(churn, known.features)[_CHURN].to_numpy()
    if churn is not None:
        frame.loc[~churn_labels(tables, known.spine)["at_risk"].to_numpy(), _CHURN] = np.nan
    frame[_CLV] = np.nan if valued is None else valued.to_frame()[_CLV].to_numpy()
    waits = (known.waiting != "").to_numpy()
    frame.loc[waits, [*_CHURN, *_CLV]] = np.nan
    frame[_WAITING] = known.waiting.astype("str").where(waits)
    words = pd.DataFrame(None, index=frame.index, columns=list(REASONS), dtype=object)
    if churn is not None:
        explained = _top_share(frame["churn_probability"], tables.config.models.explain_share)
        words = reasons(churn.model, known.features, explained, tables.config)
    frame = pd.concat([frame, words], axis=1)
    for kind, version in champions.versions.items():
        frame[f"{kind}_model_version"] = pd.array([version] * len(frame), dtype="Int64")
    return frame


def _top_share(risk: pd.Series, share: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the riskiest ``share`` of the rows as a mask; rows without risk are never in it."""
    most = int(np.ceil(share * int(risk.notna().sum())))
    top = np.zeros(len(risk), dtype=bool)
    top[np.argsort(-risk.fillna(-1.0).to_numpy(), kind="stable")[:most]] = True
    return top


def _action_costs(incremental: Loaded | None) -> dict[str, dict[str, Any]]:
    """Return what an offer of each action costs and by which rule, as the champion learnt it."""
    if incremental is None:
        return {}
    rules = incremental.model.cost_rules()
    return {
        action: {"unit": cost, "source": CONFIGURED} if rules[action] is None else rules[action].facts()
        for action, cost in incremental.model.costs().items()
    }


def _action_doubts(incremental: Loaded | None) -> dict[str, dict[str, Any]]:
    """Return what the checks said of each action's average effect, as the champion learnt it."""
    if incremental is None:
        return {}
    return {action: model.doubt.facts() for action, model in incremental.model.final.items() if model.doubt is not None}
