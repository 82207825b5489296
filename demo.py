"""The main job on the built-in world: simulate, train, score, choose targets, state the return, show the truth."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pandas as pd

from .core.config.business import Config, load_config
from .core.errors import ConfigError
from .core.progress import Say
from .core.time import instant, local_day
from .features.tables.tables import open_tables
from .scoring.scores.score import score
from .scoring.statement.roi import roi
from .scoring.targets.targets import targets
from .simulation.compare import beside_truth
from .simulation.write import simulate
from .training.registry_by_hand import promote_refused
from .training.train import train

__all__ = ["CUSTOMERS", "DECISION_MONTHS", "FEWEST", "demo", "demo_config", "notice"]

CUSTOMERS = 2_000
"""Customers of the demo's world, if nobody asks for more."""
FEWEST = 2_000
"""Fewest customers for which the demo shows anything: below, too few leave to judge a model by."""
DECISION_MONTHS = 22
"""Months before the end of the data whose decisions the statement judges."""

_BUDGET_PER_CUSTOMER = 0.5
_BOOTSTRAP = 10
_CROSS_FITS = 2
_FOLDS = 3
_ROWS = 12_000
_CONTRASTS = 1
_MINUTES = 2.0
_MINUTES_PER_THOUSAND = 0.5


def demo_config(config: Config) -> Config:
    """Return the config with fewer draws, cross-fits, folds, contrasts and rows: the demo takes minutes only."""
    return config.model_copy(
        update={
            "incremental": config.incremental.model_copy(
                update={
                    "bootstrap": _BOOTSTRAP,
                    "cross_fits": _CROSS_FITS,
                    "folds": _FOLDS,
                    "contrasts": dict(list(config.incremental.contrasts.items())[:_CONTRASTS]),
                }
            ),
            "models": config.models.model_copy(update={"max_rows": _ROWS}),
        }
    )


def notice(customers: int) -> str:
    """Return what a user has to know before the demo begins: how long it takes, and how small is too small.

    Raises
    ------
    ConfigError
        Too few customers.
    """
    _enough(customers)
    minutes = math.ceil(_MINUTES + _MINUTES_PER_THOUSAND * customers / 1_000)
    return (
        f"a world of {customers:,} customers takes about {minutes} minutes on two free cores;"
        f" of fewer than {FEWEST:,} too few leave to judge a model by"
    )


def _enough(customers: int) -> None:
    if customers < FEWEST:
        raise ConfigError(
            f"expected at least {FEWEST:,} customers, got {customers:,}, of whom too few leave to judge a model by;"
            " ask for a larger world"
        )


def demo(out: Path, *, customers: int, seed: int, say: Say, force: bool = False) -> list[str]:
    """Run every command into ``out`` and return what a user reads at the end.

    Parameters
    ----------
    out
        Folder for the world, the scores, the targets and the statement.
    customers, seed
        Size and seed of the world.
    say
        Told about each step.
    force
        Whether an edited configuration may be replaced, and a store that holds models gone on with.

    Raises
    ------
    ConfigError
        ``out`` holds the models of an earlier run, or files that a person edited; too few customers.
    """
    _enough(customers)
    world, began = out / "world", time.monotonic()
    store = world / "mlflow.db"
    if store.exists() and not force:
        raise ConfigError(
            f"'{store}' holds models already, and the demo would promote its own; choose another --out, or --force to"
            " go on with them"
        )
    simulate(world, customers=customers, seed=seed, say=say, force=force)
    path = world / "press.yaml"
    config = demo_config(load_config(path))
    tables = open_tables(config)
    trained = train(config, say=say, opened=lambda _: tables)
    by_hand = promote_refused(config, trained.judged, "the demo shows the whole job")
    end = instant(config.data_until or "", config.timezone)
    scored = score(config, end, out / "scores", say=say, opened=lambda _: tables)
    budget = _BUDGET_PER_CUSTOMER * customers
    # The demo shows a list whatever it is worth; what it is worth is its first line.
    chosen = targets(
        config, out / "scores", budget=budget, capacity=None, out=out / "targets.csv", say=say,
        opened=lambda _: tables, anyway=True,
    )  # fmt: skip
    since = end - pd.DateOffset(months=DECISION_MONTHS)
    stated = roi(config, since, end, out / "roi", say=say, opened=lambda _: tables)
    say("truth beside estimate")
    table = beside_truth(world / "truth", stated.rows, stated.judged)
    table.to_csv(out / "truth_beside_estimate.csv", index=False)
    return [
        "",
        *trained.lines(),
        *by_hand,
        *scored.lines(),
        *chosen.lines(),
        *stated.lines(),
        "",
        f"truth beside estimate ({config.currency} in total, decisions since {local_day(since, config.timezone)})",
        *table.to_string(index=False, float_format=lambda v: f"{v:,.0f}").splitlines(),
        "",
        f"look at {out / 'roi' / 'roi.html'}, then at {out / 'targets.csv'} and {out / 'scores'};"
        f" `mlflow ui --backend-store-uri {config.tracking_uri}` shows the models",
        f"took {(time.monotonic() - began) / 60:.1f} minutes with {customers:,} customers",
    ]
