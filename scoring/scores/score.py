"""Score the customer base with the champions: churn, value, and what each action would cause."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ... import __version__
from ...core.action_cost import CONFIGURED
from ...core.config.business import Config, ModelKind
from ...core.files import complete_folder, digests
from ...core.locale import Locale
from ...core.output_lock import locked_folder
from ...core.progress import Say, silent
from ...core.working_folder import WorkingFolder
from ...features.outcomes.clv_inputs import gross_of_refunds
from ...features.tables.staleness import check_fresh, stale_line
from ...features.tables.tables import Opener, Tables, open_tables
from ...features.timeline.waiting import PAUSED, TRIAL
from ...tracking import Loaded
from .champions import Champions, load_champions
from .config_marks import config_marks
from .everybody import Night, place_of_pieces, score_everybody
from .export import check_as_of
from .inputs import learnt_encodings
from .one_piece import Scored
from .reason_features import REASON_FEATURES
from .result_files import ACTION_VALUES, SCORES, write_action_values, write_scores
from .words import SCORE_WORDS

__all__ = ["ACTION_VALUES", "RUN", "SCORES", "ScoreOutcome", "reasons_facts", "score"]

RUN = "run.json"


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


def score(
    config: Config,
    as_of: pd.Timestamp,
    out: Path,
    say: Say = silent,
    opened: Opener | None = None,
    versions: Mapping[ModelKind, int | None] | None = None,
    pieces: Path | None = None,
) -> ScoreOutcome:
    """Write scores.parquet, action_values.parquet and run.json to ``out``, all or nothing.

    Customers whose subscription ended have no scores; those who could get an action that is for lapsed customers have
    its value. Customers with a cancellation pending are no longer at risk of deciding: their churn probabilities are
    null. Customers in trial or paused (``waiting`` says which) are no churn population: they get no numbers and no
    action values, and the outcome and run.json count them. Models that have no champion leave their columns null; the
    outcome and run.json say so.

    ``opened`` gives the tables of a configuration where they are open already. ``versions`` are those to score with, by
    kind of model; None: the champions. ``pieces`` is a folder for what is scored so far, which a run that is stopped
    leaves to the next: who gives it answers for its being of the same inputs, and removes it; None: a temporary one.

    Raises
    ------
    ServiceliftError
        ``out`` cannot be written, another run writes there, the tables break the contract, ``as_of`` lies after their
        end or long after every row, a column of numbers holds texts, there is nobody to score, or there is neither a
        churn nor a CLV champion.
    """
    with locked_folder(out):
        return _scored(config, as_of, out, say, opened or open_tables, versions, pieces)


def _scored(
    config: Config,
    as_of: pd.Timestamp,
    out: Path,
    say: Say,
    opened: Opener,
    versions: Mapping[ModelKind, int | None] | None,
    pieces: Path | None,
) -> ScoreOutcome:
    say("tables: open and check")
    tables = opened(config)
    check_as_of(tables, as_of)
    stale = check_fresh(tables, as_of)
    say("champions: load")
    champions = load_champions(config, versions)
    encodings = learnt_encodings(champions.models)
    with WorkingFolder(place_of_pieces(tables, out)) if pieces is None else nullcontext(pieces) as kept:
        night = Night.of(as_of, champions, encodings, Path(kept))
        found = score_everybody(tables, night, say)
        unreadable, unknown = found.running.unreadable(), found.running.unknown()
        found.lapsed.unreadable()
        say("reasons")
        with_scores = [piece for piece in found.scored if len(piece.risk)]
        waits = _waiting(with_scores)
        with complete_folder(out) as folder:
            write_scores(folder, config, night.scoring, with_scores, champions.versions)
            pairs = write_action_values(folder, night.folder, found.scored, found.nobody)
            facts = _facts(tables, as_of, champions) | {
                "customers": found.runs,
                "customer_action_pairs": pairs,
                "waiting": waits,
                "stale_tables": {each.table: each.last.tz_localize("UTC").isoformat() for each in stale},
                "unknown_levels": {one.column: one.facts() for one in unknown},
                "counted_as_missing": {one.column: one.facts() for one in unreadable},
                "files": digests(folder),
            }
            (folder / RUN).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    gross = [SCORE_WORDS.say(config.locale, "gross")] if facts["refunds"] == "gross" else []
    told = (stale_line(tables, each, as_of) for each in stale)
    unused = (one.line(config.locale) for one in (*unreadable, *unknown))
    notes = (*champions.lines(config.locale), *_left_out(waits, config.locale), *gross, *told, *unused)
    n = found.runs - sum(waits.values())
    return ScoreOutcome(out, n, pairs, champions.versions, notes, config.locale)


def _waiting(scored: Iterable[Scored]) -> dict[str, int]:
    """Return how many wait, by why, the most first."""
    counts: Counter[str] = Counter()
    for piece in scored:
        counts.update(piece.waiting)
    return dict(counts.most_common())


def _facts(tables: Tables, as_of: pd.Timestamp, champions: Champions) -> dict[str, Any]:
    """Return what run.json says of the tables and the champions."""
    return {
        "business": tables.config.business,
        "as_of": as_of.tz_localize("UTC").isoformat(),
        "data_until": tables.data_until.tz_localize("UTC").isoformat(),
        "servicelift": __version__,
        "model_versions": champions.versions,
        "churn_grade": champions.grade or None,
        "not_scored": champions.reasons(Locale()),
        "action_costs": _action_costs(champions["incremental"]),
        "action_doubts": _action_doubts(champions["incremental"]),
        "refunds": _refunds(tables, champions),
        "reason_features": None if champions["churn"] is None else REASON_FEATURES,
        "reasons": reasons_facts(tables.config),
        "config": config_marks(tables.config),
    }


def reasons_facts(config: Config) -> dict[str, Any]:
    """Return what the words of reasons depend on, beside model and features."""
    return {"language": config.language, "protected": sorted(config.protected)}


def _left_out(waits: Mapping[str, int], locale: Locale) -> list[str]:
    """Return how many customers have no numbers because they wait, in a line if there are any."""
    trial, paused = (waits.get(name, 0) for name in (TRIAL, PAUSED))
    if not trial + paused:
        return []
    return [SCORE_WORDS.say(locale, "waiting", n=trial + paused, trial=trial, paused=paused)]


def _refunds(tables: Tables, champions: Champions) -> str | None:
    """Return whether the CLV is net or gross of refunds; None where it is not scored."""
    if champions["clv"] is None:
        return None
    return "gross" if gross_of_refunds(tables) else "net"


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
