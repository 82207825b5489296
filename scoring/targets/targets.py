"""The target list: whom to contact with which action, and whom to leave alone so that the effect can be measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ...core.config.business import Config
from ...core.errors import ConfigError
from ...core.files import complete_folder
from ...core.locale import people_csv
from ...core.output_lock import locked_file
from ...core.progress import Say, silent
from ...features.tables.tables import Opener, Tables, open_tables
from ..scores.reasons import REASONS
from .action_reasons import ACTION_REASONS
from .beside import Wish, beside
from .choose import Chosen, check_costs, choose, cost_rules, pairs_of
from .explained import least_risk, with_action_reasons, with_reasons
from .exports import check_exports, write_exports
from .facts import list_facts, write_facts
from .outcome import TargetsOutcome, outcome_of
from .people import for_people, remove_stale, write_people
from .policy import check_policy, policy_value
from .recheck import day_of_list, recheck
from .scored import check_scores, run_facts

__all__ = ["TargetsOutcome", "targets"]

_COLUMNS = ["rank", "customer_id", "action", "net_value", "cost", "churn_probability", "clv", *REASONS]
_AS_ACTIONS = ["decided_at", "arm", "propensity", "action_id"]
_MORE = [*ACTION_REASONS]
_DOUBT = ["evidence", "trial"]


def targets(
    config: Config,
    scores: Path,
    *,
    budget: float,
    capacity: int | None,
    out: Path,
    say: Say = silent,
    opened: Opener | None = None,
    today: pd.Timestamp | None = None,
    anyway: bool = False,
    last: Path | None = None,
    before: Path | None = None,
) -> TargetsOutcome:
    """Write the list to contact and, beside it, the holdout; both load back as ``actions``.

    They are for machines: ISO dates, decimal points. Beside the list lies what people work with, see :mod:`.people`:
    ``<name>.people.xlsx`` and ``<name>.people.csv``.

    The plan maximises the sum of net value under the budget and the capacities; nobody is chosen for whom
    nothing pays. Only pairs that ``score`` found eligible can be chosen: contactable, outside the cool-down, the
    action possible. Of the chosen, the config's share is held out by a salted hash of the customer: the same
    customer falls into the same arm whoever runs it. Every customer of both lists gets reasons. An effect that failed a
    check is not spent on: its customers come as a trial, see :mod:`.trials`, unless the config allows the action by
    name. Beside the list lie the score and the cut of everybody who could have been on it, see :mod:`.threshold`.

    Parameters
    ----------
    config
        The business.
    scores
        Folder that ``score`` wrote.
    budget
        Most that may be spent, in the config's currency, holdout included.
    capacity
        Most customers in all, holdout included; None: no limit beside those of the config.
    out
        CSV file; the holdout is ``<name>.holdout.csv`` in the same folder.
    say
        Told about each step.
    opened
        Gives the tables of a configuration where they are open already.
    today
        The day of the list, an instant in naive UTC: who may be contacted then is looked at again; None: the end of
        the tables.
    anyway
        Whether the list is made although choosing like this was no better than contacting nobody.
    last, before
        The list before this one, to say who is new on it and who left; a folder of earlier scores, to say how customers
        moved between segments since.

    Raises
    ------
    NoBetterError
        It was not, on decisions held out from training, and ``anyway`` is false.
    ConfigError
        ``out`` does not end in .csv, ``scores`` holds no scores, or such as are too old or of another configuration, or
        nobody says what the list costs.
    BusyError
        Another run writes the same list.
    ModelError
        The churn model of the scores is not in the store any more.
    """
    if out.suffix != ".csv":
        raise ConfigError(f"expected a file ending in .csv for the targets, got '{out}'")
    with locked_file(out):
        wish = Wish(budget, capacity, today, anyway, last, before)
        return _listed_whole(config, scores, wish, out, say, once(opened or open_tables))


def _listed_whole(config: Config, scores: Path, wish: Wish, out: Path, say: Say, opened: Opener) -> TargetsOutcome:
    read = check_scores(config, scores)
    pairs = pairs_of(scores, config.incremental.holdout.salt)
    say("targets: look again who may be contacted")
    tables = opened(config)
    checked = recheck(tables, pairs, day_of_list(config, tables, pairs["as_of"].iloc[0], wish.today))
    say("targets: choose")
    chosen = choose(config, scores, pairs[checked.kept].reset_index(drop=True), wish.budget, wish.capacity)
    check_costs(config, chosen.rows, wish.budget)
    run = run_facts(scores)
    policy = policy_value(
        config, run.get("model_versions", {}), chosen.rows["cost"].sum() / max(pairs["cost"].sum(), 1e-9)
    )
    check_policy(config, policy, anyway=wish.anyway)
    say("targets: reasons")
    explained = with_reasons(config, scores, chosen.rows, opened)
    explained = with_action_reasons(config, scores, explained, opened)
    listed = _listed(explained, chosen, config.timezone)
    holdout, threshold = out.with_suffix(".holdout.csv"), out.with_suffix(".threshold.parquet")
    rules = cost_rules(scores, chosen.priced)
    read.check()
    extra = beside(config, scores, listed, pairs, checked, wish)
    check_exports(config, extra.listed.columns)
    outcome = outcome_of(config, out, holdout, chosen, rules)
    outcome = replace(
        outcome, left_out=(*checked.messages(), *extra.messages), policy=policy, without_cut=chosen.cut.without
    )
    told = out.with_suffix(".list.json")
    people = for_people(config, extra.listed, least_risk(config, scores))
    with complete_folder(out.parent) as folder:
        chosen.cut.rows.to_parquet(folder / threshold.name, index=False)
        dated = listed.assign(day=extra.listed["day"].dt.strftime("%Y-%m-%d"))
        for part, file in ((dated[~chosen.held], out), (dated[chosen.held], holdout)):
            part.to_csv(folder / file.name, index=False)
        write_facts(folder / told.name, list_facts(config, run, chosen, outcome, policy, checked) | extra.facts)
        exported = write_exports(folder, out.stem, config, extra.listed[~chosen.held])
        copies = write_people(folder, out.stem, people, config, _beside(outcome.lines(), out.parent))
        if config.locale.decimal_mark != ".":
            alone = holdout.with_suffix(".people.csv").name
            people_csv(listed[chosen.held], folder / alone, config.locale)
            copies = (*copies, alone)
    remove_stale(out, copies)
    some = len(chosen.cut.rows) > 0
    programs = (*exported, *([] if some else [threshold.name]))
    return replace(
        outcome,
        people=tuple(out.with_name(name) for name in copies),
        threshold=threshold if some else None,
        facts=told,
        programs=tuple(out.with_name(name) for name in programs),
        notes=people.notes,
    )


def _beside(lines: Sequence[str], folder: Path) -> list[str]:
    """Return what a workbook says: files that lie beside it are named without the folder, wherever that is."""
    return [line.replace(f"{folder}/", "") for line in lines]


def once(opened: Opener) -> Opener:
    """Return an opener that opens the tables at the first call and gives the same ones at every other."""
    kept: list[Tables] = []

    def again(config: Config) -> Tables:
        if not kept:
            kept.append(opened(config))
        return kept[0]

    return again


def _listed(rows: pd.DataFrame, chosen: Chosen, timezone: str) -> pd.DataFrame:
    """Return the list with what makes it an ``actions`` table: arm, propensity, instant and key."""
    instants = pd.to_datetime(rows["as_of"], utc=True)
    day = instants.dt.tz_convert(timezone).dt.strftime("%Y%m%d")
    listed = rows.assign(
        rank=np.arange(1, len(rows) + 1),
        decided_at=instants.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        arm=np.where(chosen.held, "control", "treated"),
        propensity=chosen.propensity,
        action_id=rows["action"] + "-" + day + "-" + rows["customer_id"].astype(str),
        trial=chosen.trial,
    )
    return listed[[*_COLUMNS, *_AS_ACTIONS, *_DOUBT, *_MORE]]
