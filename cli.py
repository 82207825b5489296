"""The command line: thin, one function a command. Results go to files and stdout, progress to stderr.

Exit codes: 0 done; 2 the input is wrong (one clear line, no traceback); 3 done, and somebody has to look at it; 4
another run is at work in the same place; 1 our own fault; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from .business.business import open
from .cli_console import console
from .cli_indicators import indicators
from .cli_nights import monitor, nightly, publish
from .cli_parts import AsOf, ConfigArgument, opened, show, warn
from .cli_report import report
from .core.config.business import ModelKind, load_config
from .core.errors import ConfigError, ServiceliftError
from .core.interrupt import stoppable
from .core.progress import no_progress
from .terminal import STDERR, steps

__all__ = ["app", "main"]

app = typer.Typer(
    name="servicelift",
    help="Prove and improve what customer service earns.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder for tables, config and truth.")],
    customers: Annotated[int, typer.Option(min=100, help="Customers in the world.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed; the same seed gives the same files.")] = 7,
    force: Annotated[bool, typer.Option("--force", help="Replace files that were edited.")] = False,
) -> None:
    """Write a press publisher's tables whose truth is known."""
    from .simulation.write import simulate as run

    with steps() as say:
        run(out, customers=customers, seed=seed, say=say, force=force)
    typer.echo(f"tables and config: {out / 'press.yaml'}\ntruth: {out / 'truth'}")


@app.command()
def init(
    places: Annotated[list[str], typer.Argument(help="Files, folders, or postgresql://host/db.")],
    out: Annotated[Path, typer.Option(help="YAML file to write.")] = Path("business.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
) -> None:
    """Look at your files and write a commented configuration.

    What nobody can tell from them is asked.
    """
    from .onboarding.init import init as run

    with steps() as say:
        outcome = run(places, out, force=force, say=say)
    for line in outcome.lines():
        typer.echo(line)


@app.command()
def validate(config: ConfigArgument) -> None:
    """Check the tables against the contract.

    Exit code 2 if an error is found.
    """
    report = show(open(config, progress=no_progress).validate())
    if report.errors:
        errors = f"{report.errors} error{'s' if report.errors > 1 else ''}"
        raise ServiceliftError(f"{errors}: correct the tables, or map them in '{config}'")


@app.command()
def features(
    config: ConfigArgument,
    as_of: Annotated[
        list[str], typer.Option("--as-of", help="As 2024-06-01, or today, yesterday, latest; repeatable.")
    ],
    out: Annotated[Path | None, typer.Option(help="Parquet file to write; on Spark also a folder.")] = None,
    explain: Annotated[str | None, typer.Option(metavar="FEATURE", help="Explain one feature; no row is read.")] = None,
) -> None:
    """Write the features of every customer, or explain one feature.

    One row a customer and instant, from what was known before it.
    """
    business = opened(config)
    if explain is not None:
        show(business.explain(explain, max(as_of, key=business.instant)))
    if out is not None:
        typer.echo(f"{business.write_features(as_of, out, warn=warn):,} rows: {out}")
    elif explain is None:
        raise ConfigError("expected --out FILE.parquet to write the features, or --explain FEATURE; got neither")


@app.command()
def train(
    config: ConfigArgument,
    only: Annotated[ModelKind | None, typer.Option(help="Train one model only.")] = None,
) -> None:
    """Fit, judge and register the models.

    What beats the champion is promoted.
    """
    show(opened(config).train(only))


@app.command()
def churn(
    table: Annotated[Path, typer.Argument(help="CSV, Parquet or Excel file: one row a customer, no dates.")],
    label: Annotated[str, typer.Option(help="Column that says who left.")],
    left: Annotated[str | None, typer.Option(help="Its value of those who left; told by its word by default.")] = None,
    identifier: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Column of the customer.")] = None,
    drop: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="No feature; repeatable.")] = None,
    cost_columns: Annotated[
        list[str] | None, typer.Option(metavar="KIND=COLUMN", help="clv, incentive_cost, contact_cost; repeatable.")
    ] = None,
    decimal: Annotated[str, typer.Option(help="Decimal mark of texts.")] = ".",
    out: Annotated[Path | None, typer.Option(help="Folder for scores.csv and report.md.")] = None,
    config: Annotated[Path | None, typer.Option(help="Configuration: business, store, campaign, seed.")] = None,
    store: Annotated[str, typer.Option(help="MLflow store without a configuration.")] = "sqlite:///mlflow.db",
) -> None:
    """Learn who leaves from one flat table without dates.

    The model is judged on customers drawn at random, and registered as any other.
    """
    from .training.flat.job import FlatSettings, train_flat
    from .training.flat.table import FlatColumns
    from .training.flat.table import cost_columns as costs

    loaded = FlatSettings.without_config(table, store) if config is None else FlatSettings.of(load_config(config))
    columns = FlatColumns(label, left, identifier, tuple(drop or ()), costs(cost_columns or ()), decimal)
    with steps() as say:
        outcome = train_flat(table, columns, loaded, out, say=say)
    for line in outcome.lines():
        typer.echo(line)


@app.command()
def models(
    config: ConfigArgument,
    compare: Annotated[
        tuple[str, str] | None, typer.Option(metavar="MODEL:V1 MODEL:V2", help="Judge two on the same held-out rows.")
    ] = None,
    promote: Annotated[str | None, typer.Option(metavar="MODEL:VERSION", help="Make a version champion.")] = None,
    rollback: Annotated[str | None, typer.Option(metavar="MODEL", help="Bring the champion before back.")] = None,
    reason: Annotated[str, typer.Option(help="Why: kept with the version, and listed.")] = "",
    export: Annotated[
        tuple[str, Path] | None, typer.Option(metavar="MODEL:VERSION FILE.zip", help="Write a version to a file.")
    ] = None,
    brought: Annotated[
        Path | None, typer.Option("--import", metavar="FILE.zip", help="Register a version from a file you trust.")
    ] = None,
) -> None:
    """List the models; compare, promote, roll back, export, import.

    Each version says why it is what it is.
    MODEL is churn, clv, incremental or flat-churn; an alias may stand for a version, as in churn:challenger.
    """
    business = opened(config)
    if sum(option is not None for option in (compare, promote, rollback, export, brought)) > 1:
        raise ConfigError("expected one of --compare, --promote, --rollback, --export and --import, got more")
    if reason and promote is None and rollback is None:
        raise ConfigError("--reason goes with --promote or --rollback, got neither")
    if compare is not None:
        show(business.compare(*compare))
    elif promote is not None:
        show(business.promote(promote, reason))
    elif rollback is not None:
        show(business.roll_back(rollback, reason))
    elif export is not None:
        show(business.export_model(*export))
    elif brought is not None:
        show(business.import_model(brought))
    else:
        show(business.models())


@app.command()
def score(
    config: ConfigArgument,
    as_of: AsOf,
    out: Annotated[Path, typer.Option(help="Folder for scores, action values and run.json.")],
) -> None:
    """Score every customer with the champions.

    Every action is valued for those who can get it.
    """
    show(opened(config).score(as_of, out))


@app.command()
def targets(
    config: ConfigArgument,
    scores: Annotated[Path, typer.Option(help="Folder that `score` wrote.")],
    budget: Annotated[float, typer.Option(min=0, help="Money to spend, in the config's currency.")],
    out: Annotated[Path, typer.Option(help="CSV file to contact; the holdout goes beside it.")],
    capacity: Annotated[int | None, typer.Option(min=0, help="Most customers to contact.")] = None,
    today: Annotated[
        str | None, typer.Option(metavar="DATE|now", help="Day of the list; default: the end of the data.")
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Even where contacting nobody was as good.")] = False,
    last: Annotated[Path | None, typer.Option(help="CSV of the last list: who is new, who left and why.")] = None,
    before: Annotated[Path | None, typer.Option(help="Earlier scores: who moved between segments.")] = None,
) -> None:
    """Choose whom to contact with which action under a budget.

    A second list says whom to leave alone, so that the effect can be measured.
    Who may be contacted is looked at again as of --today.
    """
    chosen = opened(config).targets(
        budget=budget, capacity=capacity, scores=scores, out=out, today=today, anyway=anyway, last=last, before=before
    )
    show(chosen)


app.command()(indicators)
app.command()(nightly)
app.command()(monitor)
app.command()(publish)
app.command()(console)


@app.command()
def roi(
    config: ConfigArgument,
    since: Annotated[str, typer.Option(help="First day of the decisions.")],
    until: Annotated[str, typer.Option(help="First day after the decisions.")],
    out: Annotated[Path, typer.Option(help="Folder for roi.parquet and roi.html.")],
    threshold: Annotated[
        list[Path] | None,
        typer.Option(help="File that `targets` wrote beside a list (<name>.threshold.parquet); may be given again."),
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print the page to roi.pdf, by an installed browser.")] = False,
) -> None:
    """State what each action earned and cost, with an honest interval.

    With files of lists made in the period it also says what one more customer at their cut brings.
    """
    show(opened(config).roi(since, until, out, thresholds=threshold or (), pdf=pdf))


app.command()(report)


@app.command()
def plan(
    config: ConfigArgument,
    action: Annotated[str | None, typer.Option(help="Action of the config to try.")] = None,
    effect: Annotated[float | None, typer.Option(help="Effect worth detecting: money a customer.")] = None,
    when: Annotated[str, typer.Option(metavar="TEXT", help="When agents do this ...")] = "",
    then: Annotated[str, typer.Option(metavar="TEXT", help="... our customers will do that.")] = "",
    cost: Annotated[float | None, typer.Option(min=0, help="Cost of a contact; default: the config's.")] = None,
    holdout: Annotated[float | None, typer.Option(help="Share held out; default: the config's.")] = None,
    power: Annotated[float, typer.Option(help="Chance of showing the effect.")] = 0.8,
    level: Annotated[float, typer.Option(help="Chance of showing one that is not there.")] = 0.05,
    per_month: Annotated[int | None, typer.Option(min=1, help="Most contacts a month.")] = None,
    pays: Annotated[bool, typer.Option("--pays", help="Show that the effect exceeds its cost.")] = False,
    look: Annotated[Literal["end", "monthly"], typer.Option(help="When it is read: once, or every month.")] = "end",
    starts: Annotated[str | None, typer.Option(help="First day; default: where the data end.")] = None,
    out: Annotated[Path, typer.Option(help="JSON file to write; a page goes beside it.")] = Path("plan.json"),
    read: Annotated[Path | None, typer.Option(metavar="PLAN", help="Read an experiment by its plan.")] = None,
    statement: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="What would settle what a statement leaves open.")
    ] = None,
) -> None:
    """Plan an experiment before it is paid for.

    Read it afterwards with --read. With --from a statement says what would settle its actions that are not proven; with
    --action too, the experiment on that one is planned.
    """
    business = opened(config)
    if read is not None:
        show(business.read_experiment(read))
    elif statement is not None and action is None:
        show(business.open_questions(statement))
    elif statement is not None and action is not None:
        show(business.plan_from(statement, action, when=when, then=then, per_month=per_month, starts=starts, out=out))
    elif action is None or effect is None:
        raise ConfigError(
            "expected --action NAME and --effect MONEY to plan, --from DIR for what a statement leaves open, or --read"
            " PLAN to read one"
        )
    else:
        planned = business.plan(
            action, effect, when=when, then=then, cost=cost, holdout=holdout, power=power, level=level,
            per_month=per_month, prove="pays" if pays else "effect", look=look, starts=starts, out=out,
        )  # fmt: skip
        show(planned)


@app.command()
def experiment(
    config: Annotated[Path, typer.Argument(help="The YAML of the experiment: its table, arms and outcomes.")],
    out: Annotated[Path, typer.Option(help="Folder for experiment.html, experiment.json and the tables.")],
) -> None:
    """Judge an experiment on one table: one row a customer.

    No subscriptions and no dates are needed; chance has to have decided the arms.
    """
    from .business.experiment import experiment as run

    show(run(config, out=out, progress=steps))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for everything the demo writes.")] = Path("demo"),
    customers: Annotated[int, typer.Option(help="Customers in the world, 2,000 or more.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 7,
    force: Annotated[bool, typer.Option("--force", help="Replace edited files; go on with its models.")] = False,
) -> None:
    """Run the whole job on a small world that is built in.

    Simulate, train, score, targets, roi; at the end truth stands beside estimate.
    Takes about 3 minutes on two free cores, and longer with more customers.
    Below 2,000 customers too few leave to judge a model by.
    """
    from .demo import demo as run
    from .demo import notice

    STDERR.print(notice(customers), soft_wrap=True)
    with steps() as say:
        lines = run(out, customers=customers, seed=seed, say=say, force=force)
    for line in lines:
        typer.echo(line)


def main() -> None:
    """Run the command line and exit with its code."""
    with stoppable() as stop:
        try:
            app()
        except BaseException as error:
            if stop.signal is not None:
                name = "Ctrl-C" if stop.signal == signal.SIGINT else "a signal to end"
                STDERR.print(f"servicelift: stopped by {name}; what was complete is kept", soft_wrap=True)
                sys.exit(128 + stop.signal)
            if not isinstance(error, ServiceliftError):
                raise
            STDERR.print(f"servicelift: {' '.join(str(error).split())}", markup=False, soft_wrap=True)
            sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
