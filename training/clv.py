"""The CLV job: landmarks, fit with bootstrap models, judged on the latest snapshot that can be judged."""

from __future__ import annotations

import dataclasses
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import pandas as pd

from ..core.arrays import Floats
from ..core.config.business import Config
from ..core.errors import DataError
from ..core.hashing import uniform_hash
from ..core.parallel import in_parallel
from ..core.progress import Say
from ..core.records import ClvInputs
from ..core.short_repr import ShortRepr
from ..core.time import DAYS_PER_MONTH, DAYS_PER_YEAR, local_day
from ..features.catalogue.catalogue import build_features
from ..features.outcomes.clv_inputs import GROSS_OF_REFUNDS, clv_inputs, gross_of_refunds
from ..features.outcomes.realised_value import realised_value
from ..features.tables.tables import Tables
from ..features.timeline.spine import customer_spine, is_contractual
from ..models.evaluation.metrics import value_metrics
from ..models.portfolio import ClvModel, PortfolioCLV, parameter_error
from ..models.subscriptions.calibration_by_lead import calibration_summary, held_out_calibration
from ..models.subscriptions.loss_by_cause import value_by_cause
from ..models.subscriptions.value import ContractualCLV
from ..tracking import Run, Tracker, typical_row
from .card.plots import clv_decile_plot, survival_plot
from .card.portrait import portray
from .card.words import CARD_WORDS
from .clv_fit import Landmarks, Refit, weighted_fit
from .clv_landmarks import contractual, holdout_days, landmarks
from .judged import HeldOut, JudgedModel
from .promotion import promote
from .purchase_models import purchase_models
from .snapshots import sample_customers, snapshot_instants

__all__ = [
    "ClvHoldout",
    "bootstrap_models",
    "clv_held_out",
    "clv_holdout",
    "fit_clv",
    "fit_contractual",
    "fit_unjudged",
    "forecast",
    "held_out_survival",
    "train_clv",
]

_HELD_OUT = 0.2
_PORTRAYED = 80
"""Customers from whom the portrait is drawn: each costs a walk over the horizon, many times over."""


@dataclass(frozen=True)
class ClvHoldout(ShortRepr):
    """The snapshot that judges: its customers, what they brought in afterwards, and the naive forecasts.

    ``days`` is the length of the window; ``naive`` carries on each customer's rate of the year before (None
    without contracts, where the naive rate of the purchases stands in), ``mean`` gives everybody its average.
    """

    as_of: pd.Timestamp
    days: int
    customers: pd.Series
    inputs: ClvInputs
    realised: Floats
    naive: Floats | None
    mean: Floats


def clv_holdout(tables: Tables) -> ClvHoldout:
    """Return the last snapshot whose window is over, with realised value and naive forecasts.

    Raises
    ------
    DataError
        No snapshot lies a window before the end of the data and a window after the first.
    """
    days = holdout_days(tables)
    window = pd.Timedelta(days=days)
    instants = snapshot_instants(tables)
    usable = [i for i in instants if i + window <= tables.data_until]
    if not usable or usable[-1] - window < instants[0]:
        first, end = (local_day(at, tables.config.timezone) for at in (instants[0], tables.data_until))
        raise DataError(
            f"expected a snapshot at least {days} days after the first one ({first}) and {days} days"
            f" before the data end ({end}) to judge CLV on, got none; bring longer tables"
            " or shorten incremental.follow_up_days"
        )
    as_of = usable[-1]
    spine = sample_customers(customer_spine(tables, [as_of]), tables.config.models.max_rows, tables.config.seed)
    past = _past_rate(tables, spine) * days
    return ClvHoldout(
        as_of=as_of,
        days=days,
        customers=spine["customer_id"],
        inputs=clv_inputs(tables, spine),
        realised=realised_value(tables, spine, as_of + window)["value"].to_numpy(),
        naive=past if is_contractual(tables) else None,
        mean=np.full(len(spine), past.mean()),
    )


def _past_rate(tables: Tables, spine: pd.DataFrame) -> Floats:
    """Return each customer's value a day over the year before ``as_of``, or since sign-up if that is shorter."""
    year = pd.Timedelta(days=DAYS_PER_YEAR)
    past = realised_value(tables, spine.assign(as_of=spine["as_of"] - year), spine["as_of"])["value"].to_numpy()
    tenure = build_features(tables, spine, ["tenure_days"])["tenure_days"].to_numpy()
    return np.asarray(past / np.clip(tenure, DAYS_PER_MONTH, DAYS_PER_YEAR))


def forecast(model: PortfolioCLV, holdout: ClvHoldout) -> Floats:
    """Return the value that a model expects over the window, (n,)."""
    return model.predict(holdout.inputs, horizon_months=holdout.days / DAYS_PER_MONTH)


def train_clv(tables: Tables, tracker: Tracker, run: Run, say: Say) -> JudgedModel:
    """Fit, judge, log and register the CLV model.

    Raises
    ------
    DataError
        The tables do not reach far enough to judge, or hold too little to learn from.
    """
    config = tables.config
    say("CLV: held-out snapshot")
    holdout = clv_holdout(tables)
    gross = gross_of_refunds(tables)
    run.tags({"refunds": "gross" if gross else "net"})
    if gross:
        say(f"CLV: {GROSS_OF_REFUNDS}")
    say("CLV: landmarks and outcomes")
    training = landmarks(tables, say)
    model = fit_clv(tables, say, judged_at=holdout.as_of, training=training)
    forecasts = {
        "model": forecast(model.evaluation, holdout),
        "naive": _naive(model.evaluation, holdout),
        "mean": holdout.mean,
    }
    reports = {name: value_metrics(holdout.realised, values) for name, values in forecasts.items()}
    for name, report in reports.items():
        run.metrics(asdict(report), prefix=f"{name}_")
    run.params({"held_out": holdout.as_of, "customers": len(holdout.inputs), "horizon_months": model.horizon_months})
    run.metrics({"parameter_error": model.parameter_error})
    picture = clv_decile_plot(holdout.realised, forecasts["model"], config.currency, holdout.days, run.locale)
    run.figure(picture, "clv_by_decile")
    if training.workspace is not None:
        say("CLV: survival of held-out customers by lead and renewal")
        _log_survival(held_out_survival(tables, training), run)
    _log_causes(model, holdout, run)
    _for_the_card(config, training, holdout, run)
    say("CLV: what the model looks at")
    _draw_portrait(model, holdout, config, run)
    say("CLV: register")
    return promote(
        tracker,
        config.model_name("clv"),
        model,
        typical_row(holdout.inputs.to_frame()),
        run=run,
        held_out=_held_out(holdout, forecasts["naive"], config.seed),
        beside={
            "naive rate RMSE": reports["naive"].rmse,
            "MAE": reports["model"].mae,
            "naive rate MAE": reports["naive"].mae,
            "bias": reports["model"].bias,
            "Spearman": reports["model"].spearman,
            "naive rate Spearman": reports["naive"].spearman,
        },
        losses=_losses(forecasts["model"], holdout),
    )


def _draw_portrait(model: ClvModel, holdout: ClvHoldout, config: Config, run: Run) -> None:
    """Draw what the expected value goes by; its interval, which takes far longer, is left out."""
    months = model.horizon_months

    def expected(frame: pd.DataFrame) -> pd.DataFrame:
        value = model.final.predict(ClvInputs.from_frame(frame), horizon_months=months)
        return pd.DataFrame({"clv": value})

    frame, unit = holdout.inputs.to_frame(), config.currency
    portray(run, expected, frame, ["clv"], unit=unit, seed=config.seed, part_of=_part_of, rows=_PORTRAYED)


def _part_of(column: str) -> str:
    """Return what a column of the flat frame is part of: the contract, a line's purchases, or itself."""
    return column.rpartition(".")[0] or column


def _for_the_card(config: Config, training: Landmarks, holdout: ClvHoldout, run: Run) -> None:
    """Note what the model was learnt from and judged on, by period and counts."""
    day = local_day(holdout.as_of, config.timezone)
    say = partial(CARD_WORDS.say, run.locale)
    run.facts[say("learnt_from")] = (
        say("landmarks", n=len(training.customers), customers=int(training.customers.nunique()))
        if training.workspace is not None
        else say("no_contracts")
    )
    for line, customers in training.line_customers.items():
        run.facts[say("line", line=line)] = say("line_customers", n=len(customers))
    run.facts[say("judged_on")] = say("clv_judged", n=len(holdout.inputs), days=holdout.days, day=day)
    run.facts[say("horizon")] = say("months", n=config.value.horizon_months)


def clv_held_out(tables: Tables, model: ClvModel) -> HeldOut:
    """Return the latest held-out snapshot as judge of any CLV model.

    ``model`` gives the naive rate of lines without contracts.

    Raises
    ------
    DataError
        The tables do not reach far enough to judge.
    """
    holdout = clv_holdout(tables)
    return _held_out(holdout, _naive(model.evaluation, holdout), tables.config.seed)


def _losses(expected: Floats, holdout: ClvHoldout) -> Floats:
    return np.asarray((expected - holdout.realised) ** 2)


def _held_out(holdout: ClvHoldout, naive: Floats, seed: int) -> HeldOut:
    return HeldOut(
        measure=f"RMSE of {holdout.days}-day value",
        losses_of=lambda model: _losses(forecast(model.evaluation, holdout), holdout),
        customers=holdout.customers,
        naive=_losses(naive, holdout),
        naive_name="the naive rate",
        naive_beyond_noise=True,
        seed=seed,
        root=True,
    )


def _naive(model: PortfolioCLV, holdout: ClvHoldout) -> Floats:
    """Return the past rate of value, carried on; without contracts that of purchases and spend."""
    if holdout.naive is not None:
        return holdout.naive
    total = np.zeros(len(holdout.inputs))
    for name, line in model.lines.items():
        total += model.margin_rate * line.naive(holdout.inputs.summaries[name], horizon_days=holdout.days)
    return total


def held_out_survival(tables: Tables, training: Landmarks | None = None) -> pd.DataFrame:
    """Return predicted beside observed survival of a fifth of the customers, from whom the hazard has not learnt.

    Parameters
    ----------
    tables
        The business's tables.
    training
        Landmarks of ``tables``, where they have been collected already.

    Returns
    -------
    pandas.DataFrame
        As :func:`lead_calibration`: by lead and by renewal number.

    Raises
    ------
    DataError
        The business has no subscriptions.
    """
    training = training or landmarks(tables)
    workspace = training.contracts()
    held = uniform_hash(training.customers, f"survival/{tables.config.seed}") < _HELD_OUT
    hazard = contractual(tables).new_hazard()
    return held_out_calibration(hazard, workspace.hazard, training.customers.to_numpy(), held)


def _log_survival(table: pd.DataFrame, run: Run) -> None:
    run.table(table, "tables/survival_calibration.csv")
    run.figure(survival_plot(table, run.locale), "survival_by_lead")
    for line in calibration_summary(table).to_dict("records"):
        run.metrics(
            {name: float(line[name]) for name in ("ratio", "ratio_voluntary", "ratio_involuntary", "worst_gap", "z")},
            prefix=f"survival_{line['term']}_by_{line['by']}_",
        )


def _log_causes(model: ClvModel, holdout: ClvHoldout, run: Run) -> None:
    """Log the mean value of running subscribers over the horizon, and what each cause of loss takes from it."""
    part, inputs = model.evaluation.contractual, holdout.inputs
    if part is None or inputs.contract is None:
        return
    by_cause = value_by_cause(part, inputs.features, inputs.contract, horizon_months=model.horizon_months)
    running = inputs.contract.running
    if running.any():
        run.metrics({str(k): float(v) for k, v in by_cause[running].mean().items()}, prefix="running_mean_")


def fit_clv(tables: Tables, say: Say, *, judged_at: pd.Timestamp, training: Landmarks | None = None) -> ClvModel:
    """Fit the CLV model on everything observed, its bootstrap models, and the twin that is judged.

    Parameters
    ----------
    tables
        The business's tables.
    say
        Told about each step.
    judged_at
        The evaluation model learns only from what had been observed by then.
    training
        Landmarks of ``tables``, where they have been collected already.
    """
    say("CLV: fit on what was known before the held-out snapshot")
    earlier = dataclasses.replace(tables, data_until=judged_at)
    judged = _fit(earlier, landmarks(earlier), say)
    return dataclasses.replace(fit_unjudged(tables, say, training or landmarks(tables)), evaluation=judged)


def fit_unjudged(tables: Tables, say: Say, training: Landmarks) -> ClvModel:
    """Fit the CLV model on everything observed, and its bootstrap models; the model is its own evaluation model.

    For who needs no comparison with a champion, at little more than half the features of :func:`fit_clv`.
    """
    config = tables.config
    say("CLV: fit")
    final = _fit(tables, training, say)
    for name, line in final.lines.items():
        for note in line.notes:
            say(f"CLV: {name}: {note}")
    draws = bootstrap_models(tables, say, training, final)
    return ClvModel(
        final=final,
        bootstrap=tuple(draws),
        evaluation=final,
        horizon_months=config.value.horizon_months,
        seed=config.seed,
        columns=training.columns,
        parameter_error=_parameter_error(final, draws, training, config.value.horizon_months),
    )


def bootstrap_models(tables: Tables, say: Say, training: Landmarks, final: PortfolioCLV) -> list[PortfolioCLV]:
    """Return the model fitted again with the customers' weights of draw 0, 1, ...; on ``engine.threads`` processes.

    Each process holds the landmarks' bins and person-months beside what all share, the encoded landmarks.
    """
    config = tables.config
    draws = config.incremental.bootstrap
    return in_parallel(
        weighted_fit,
        Refit(
            config,
            None if training.workspace is None else contractual(tables),
            training,
            {name: line.purchase_model for name, line in final.lines.items()},
            final,
        ),
        range(draws),
        threads=config.engine.threads,
        begin=lambda draw: say(f"CLV: bootstrap model {draw + 1} of {draws}"),
    )


def _parameter_error(final: PortfolioCLV, draws: list[PortfolioCLV], training: Landmarks, horizon_months: int) -> float:
    bootstrap_models = [draw.contractual for draw in draws if draw.contractual is not None]
    if final.contractual is None or training.sample is None:
        return 0.0
    return parameter_error(final.contractual, bootstrap_models, training.sample, horizon_months=horizon_months)


def fit_contractual(tables: Tables) -> ContractualCLV:
    """Fit the contractual part alone to everything observed, as :func:`fit_clv` does.

    Raises
    ------
    DataError
        The business has no subscriptions.
    """
    return contractual(tables).refit(landmarks(tables).contracts())


def _fit(tables: Tables, training: Landmarks, say: Say) -> PortfolioCLV:
    """Fit all lines."""
    part = None if training.workspace is None else contractual(tables)
    return weighted_fit(Refit(tables.config, part, training, purchase_models(tables, say)), None)
