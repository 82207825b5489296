"""Evidence of a business: trials, effects, statements, and experiments planned and read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from ..core.config.business import Config
from .modelling import Modelling
from .opened import Moment
from .place import place

if TYPE_CHECKING:
    from ..models.actions.effect import ActionEffect
    from .results import Effect, ExperimentPlan, Statement, Summary, Trial

__all__ = ["Evidence"]


class Evidence(Modelling):
    """What actions caused, and whether they paid."""

    def trial(self, action: str, since: Moment, until: Moment, *, design: str | None = None) -> Trial:
        """Return the matured decisions on an action in [since, until), treated and controls, each followed up.

        Parameters
        ----------
        action
            One of the config's actions.
        since, until
            Period of the decisions; the end is left out.
        design
            ``randomised`` (held-out controls) or ``observational`` (controls drawn by sequential trials); default
            randomised where the data allow it.

        Raises
        ------
        ServiceliftError
            The action is unknown, or an arm has no decision left.

        Examples
        --------
        >>> trial = b.trial("retention_offer", "2022-07-01", "2024-01-01")
        >>> trial.data.design.value
        'randomised'
        """
        from ..features.trials.decisions import designs
        from ..features.trials.follow_up import trial_data
        from ..scoring.statement.words import SHORT
        from .results import Trial
        from .words import TRIAL_WORDS

        first, last = self.instant(since), self.instant(until)
        chosen = design or designs(self.tables, action)[0]
        with self._progress() as say:
            say(f"trial: {action} ({chosen})")
            data = trial_data(
                self.tables, action, since=first, until=last, design=chosen, seed=self.config.seed
            )  # fmt: skip
        n, days = int(data.treated.sum()), data.follow_up_days
        locale, controls = self.config.locale, len(data.treated) - n
        lines = (
            TRIAL_WORDS.say(
                locale, "decisions", action=action, design=SHORT.say(locale, data.design), since=first, until=last,
                treated=n, controls=controls, days=days,
            ),
            TRIAL_WORDS.say(locale, "left_out", immature=data.immature, ineligible=data.ineligible),
        )  # fmt: skip
        return Trial(lines=lines, data=data, since=first, until=last)

    def effect(self, trial: Trial, *, decomposition: bool = False) -> Effect:
        """Estimate what an action caused for a treated customer, check it, and judge it against its cost.

        The trial is judged alone. :meth:`roi` also adjusts for the number of actions that are judged together, and
        holds chosen assignment against customers who were chosen and held out.

        Parameters
        ----------
        trial
            Its decisions, from :meth:`trial`.
        decomposition
            Whether to tell the paths and months of the effect too, which takes as long again.

        Raises
        ------
        ModelError
            There is no CLV champion, or hardly anybody like the treated was left alone.

        Examples
        --------
        >>> effect = b.effect(b.trial("retention_offer", "2022-07-01", "2024-01-01"))
        >>> effect.low < effect.estimate < effect.high
        True
        >>> effect.verdict.verdict.value
        'not proven'
        """
        from ..models.actions.effect import estimate_action, settings_of

        action = trial.data.action
        clv = self.champion("clv").model
        with self._progress() as say:
            say(f"effect: {action} ({trial.data.design})")
            details = estimate_action(trial.data, clv, settings_of(self.config, action), decomposition=decomposition)
        return _effect(self.config, trial, details)

    def roi(
        self,
        since: Moment,
        until: Moment,
        out: str | Path | None = None,
        *,
        thresholds: Sequence[str | Path] = (),
        pdf: bool = False,
    ) -> Statement:
        """State what each action earned against what it cost, decisions in [since, until).

        Parameters
        ----------
        since, until
            Period of the decisions; the end is left out.
        out
            Folder for the page and its tables; None: a temporary one that lives as long as the result.
        thresholds
            Files that ``targets`` wrote beside lists of the period, ``<name>.threshold.parquet``: what the actions earn
            at the cuts of those lists is stated, too.
        pdf
            Whether to print the page to ``roi.pdf`` as well, by a browser that is installed.

        Raises
        ------
        ServiceliftError
            The period is empty, there is no CLV champion, or no action can be estimated.

        Examples
        --------
        >>> statement = b.roi("2022-07-01", "2024-01-01")
        >>> statement.rows.loc[statement.rows["headline"], "action"].tolist()
        ['retention_offer']
        """
        from ..scoring.statement import roi as job
        from .results import Statement

        kept, folder = place(out)
        with self._progress() as say:
            outcome = job.roi(
                self.config,
                self.instant(since),
                self.instant(until),
                folder,
                say=say,
                opened=self._once,
                thresholds=[Path(file) for file in thresholds],
                pdf=pdf,
            )
        return Statement(
            lines=tuple(outcome.lines()),
            out=folder,
            rows=outcome.rows,
            totals=outcome.totals,
            months=pd.read_parquet(folder / job.MONTHS),
            cuts=outcome.cuts,
            rollouts=outcome.rollouts,
            page=(folder / job.PAGE).read_text(encoding="utf-8"),
            judged=outcome.judged,
            currency=self.config.currency,
            kept=kept,
        )

    def plan(
        self,
        action: str,
        effect: float,
        *,
        when: str = "",
        then: str = "",
        cost: float | None = None,
        holdout: float | None = None,
        power: float = 0.8,
        level: float = 0.05,
        per_month: int | None = None,
        prove: Literal["effect", "pays"] = "effect",
        look: Literal["end", "monthly"] = "end",
        starts: Moment | None = None,
        out: str | Path | None = None,
    ) -> ExperimentPlan:
        """Plan an experiment on an action before it is paid for: how many customers, how long, what it may bring.

        Parameters
        ----------
        action, effect
            What to try, and the effect worth detecting: money a customer over the horizon.
        when, then
            When agents do this, our customers will do that.
        cost, holdout, per_month
            Cost of a contact, share held out, most contacts a month; None: the config's.
        power, level
            Chance of showing the effect, and of showing one that is not there.
        prove
            ``effect``: that it is not 0; ``pays``: that it exceeds the cost.
        look
            ``end``: one look, when the last follow-up is over; ``monthly``: a look each month, with boundaries that
            spend ``level`` over all of them, so that it may end early.
        starts
            First day; None: where the data end.
        out
            JSON file, a page goes beside it; None: temporary files that live as long as the result.

        Raises
        ------
        ServiceliftError
            A wish is out of its range, nobody could get the action, or there is no CLV champion.

        Examples
        --------
        >>> plan = b.plan("retention_offer", effect=20.0)
        >>> plan.figures["treated"] + plan.figures["control"] == plan.figures["customers"]
        True
        """
        from ..scoring.experiments import plan as job
        from .results import ExperimentPlan

        first = None if starts is None else self.instant(starts)
        wish = job.Wish(action, effect, when, then, cost, holdout, power, level, per_month, prove, first, look=look)
        kept, file = place(out, "plan.json")
        with self._progress() as say:
            outcome = job.plan(self.config, wish, file, say=say, opened=self._once)
        return ExperimentPlan(
            lines=tuple(outcome.lines()), out=outcome.out, figures=outcome.plan.model_dump(), kept=kept
        )

    def open_questions(self, statement: str | Path) -> Summary:
        """Say what would settle each action that a statement calls not proven.

        Parameters
        ----------
        statement
            Folder of the statement, or its ``roi.parquet``.

        Raises
        ------
        ConfigError
            There is no such statement, or it is of an earlier version.

        Examples
        --------
        >>> b.open_questions(f"{folder}/no_statement")
        Traceback (most recent call last):
        servicelift.core.errors.ConfigError: expected a statement ...
        """
        from ..scoring.experiments.from_statement import open_questions
        from .results import Summary

        return Summary(lines=tuple(open_questions(self.config, Path(statement)).lines()))

    def plan_from(
        self,
        statement: str | Path,
        action: str,
        *,
        when: str = "",
        then: str = "",
        per_month: int | None = None,
        starts: Moment | None = None,
        out: str | Path | None = None,
    ) -> ExperimentPlan:
        """Plan the experiment that a statement asks for on an action that it calls not proven.

        Parameters
        ----------
        statement, action
            Folder of the statement, and the action that it leaves open.
        when, then, per_month, starts, out
            As :meth:`plan`.

        Raises
        ------
        ConfigError
            There is no such statement, the action has its verdict there, or what is left of its effect does not cover
            its cost.

        Examples
        --------
        >>> b.plan_from(f"{folder}/no_statement", "retention_offer")
        Traceback (most recent call last):
        servicelift.core.errors.ConfigError: expected a statement ...
        """
        from ..scoring.experiments.from_statement import open_questions, wish_of

        wish = wish_of(open_questions(self.config, Path(statement)), action)
        return self.plan(action, when=when, then=then, per_month=per_month, starts=starts, out=out, **wish)

    def read_experiment(self, plan: str | Path) -> Summary:
        """Compare a plan with what its decisions brought, and write the reading beside it.

        Raises
        ------
        ServiceliftError
            The file is no plan of this business, nothing was held out, or no decision has matured yet.

        Examples
        --------
        >>> b.read_experiment(f"{folder}/no_plan.json")
        Traceback (most recent call last):
        servicelift.core.errors.ConfigError: expected a plan ...
        """
        from ..scoring.experiments.read import read_experiment
        from .results import Summary

        with self._progress() as say:
            return Summary(lines=tuple(read_experiment(self.config, Path(plan), say=say, opened=self._once).lines()))


def _effect(config: Config, trial: Trial, details: ActionEffect) -> Effect:
    """Return an estimate as a result: with its cost, its verdict and its words."""
    from ..models.actions.correction import binding_check, corrected
    from ..models.refutation.verdict import failed_checks, judge
    from ..models.refutation.words import sentence
    from ..scoring.statement.words import SHORT
    from .results import Effect
    from .words import EFFECT_WORDS

    data = trial.data
    details = corrected([details], [data])[0]
    effect = details.effect
    randomised = data.design == "randomised"
    cost = float(data.units.loc[data.treated == 1, "cost"].mean())
    failed = failed_checks(
        overlap=details.overlap,
        surrogate=binding_check(details, cost),
        placebo=details.placebo,
        randomised=randomised,
        effect=effect,
        stability=details.stability,
        random_treatment=details.random_treatment,
    )
    hidden = None if randomised else details.sensitivity
    verdict = judge(effect, cost, failed=failed, hidden=hidden)
    locale = config.locale
    lines = (
        EFFECT_WORDS.say(
            locale, "effect", action=data.action, design=SHORT.say(locale, data.design), estimate=effect.estimate,
            months=config.value.horizon_months, low=effect.low, high=effect.high, cost=cost,
        ),
        EFFECT_WORDS.say(locale, "naive", naive=effect.naive),
        *([] if randomised else [EFFECT_WORDS.say(locale, "alone")]),
        sentence(verdict, locale),
    )  # fmt: skip
    return Effect(
        lines=lines,
        action=data.action,
        design=data.design,
        estimate=effect.estimate,
        low=effect.low,
        high=effect.high,
        naive=effect.naive,
        cost=cost,
        verdict=verdict,
        details=details,
        currency=config.currency,
    )
