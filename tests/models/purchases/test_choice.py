"""The chosen purchase model: the one that the customers come from, the best on CDNOW, and what is refused."""

from __future__ import annotations

import datetime as dt

import lifetimes
import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.core.seasons import AS_OF_DAY, day_number
from servicelift.core.time import DAYS_PER_MONTH
from servicelift.models.purchases.backtest import backtest, summarise
from servicelift.models.purchases.choice import choose_purchase_model
from servicelift.models.purchases.simulate import draw_customers, leaves_by_purchase, never_leaves
from servicelift.models.purchases.value import NonContractualCLV

from tests.models.purchases.test_clock import SEASONS, bought

AS_OF = pd.Timestamp("1997-10-01")


def drawn(dropout, seed, n=4_000):
    rng = np.random.default_rng(seed)
    return draw_customers(rng.uniform(200, 600, n), 300.0, dropout(n, rng), r=0.9, alpha=40.0, rng=rng)


def test_customers_who_leave_after_the_first_purchase_are_not_described_by_those_who_cannot():
    """Half of them are gone at once: BG/NBD, in which nobody is, does worst."""
    rows = drawn(lambda n, rng: leaves_by_purchase(n, 1.0, 1.0, rng, at_first=True), 0)
    choice = choose_purchase_model(rows, rows["later"], days=300)
    assert choice.name == min(choice.errors, key=choice.errors.__getitem__)
    assert max(choice.errors, key=choice.errors.__getitem__) == "bgnbd"
    assert (choice.customers, choice.days) == (4_000, 300)


def test_where_nobody_leaves_all_models_are_one_and_the_default_stays():
    rows = drawn(lambda n, _: never_leaves(n), 1)
    choice = choose_purchase_model(rows, rows["later"], days=300)
    assert choice.name == "bgnbd"
    assert choice.errors["paretonbd"] == pytest.approx(choice.errors["bgnbd"], rel=0.01)


def test_who_has_not_bought_yet_teaches_nothing():
    rows = drawn(lambda n, rng: leaves_by_purchase(n, 1.0, 1.0, rng, at_first=True), 2, 1_000)
    nobody = pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [np.nan], "monetary_value": [0.0]})
    both = pd.concat([rows, nobody.loc[[0] * 500]], ignore_index=True)
    later = np.append(rows["later"], np.full(500, 7.0))
    assert choose_purchase_model(both, later, days=300) == choose_purchase_model(rows, rows["later"], days=300)


def test_with_seasons_every_model_forecasts_by_their_clock():
    """Customers at the start of Christmas, when they buy three times as often: what comes is what the clock says.

    The window begins on 20 November 2023; of those at the end of the world, only what was bought before is known.
    """
    rows = bought(1_500, 5)
    now = float(day_number(dt.date(2023, 11, 20)))
    rows = rows[rows["T"] > 500].assign(**{AS_OF_DAY: now})
    came = NonContractualCLV("bgnbd", seasons=SEASONS).fit(rows)
    months = 30 / DAYS_PER_MONTH
    later = came.predict(rows, horizon_months=months, annual_discount_rate=0.0) / came.spend_.expected_spend(
        rows["frequency"], rows["monetary_value"]
    )
    by_clock = choose_purchase_model(rows, later, days=30, seasons=SEASONS)
    assert by_clock.name == "bgnbd"
    assert by_clock.errors["bgnbd"] < 1e-3 * choose_purchase_model(rows, later, days=30).errors["bgnbd"]


def test_too_little_to_choose_by_is_refused():
    rows = drawn(lambda n, _: never_leaves(n), 3, 100)
    with pytest.raises(DataError, match="got 40 and"):
        choose_purchase_model(rows.head(40), rows["later"].head(40), days=300)
    with pytest.raises(DataError, match="got 100 and 0; name one of bgnbd"):
        choose_purchase_model(rows, np.zeros(100), days=300)


def test_on_cdnow_the_choice_made_before_is_not_the_worst_after():
    """Chosen on weeks 20 to 39, judged on weeks 40 to 78, by both errors."""
    names = ["master", "customer_id", "day", "discs", "amount"]
    raw = pd.read_csv(f"{lifetimes.__path__[0]}/datasets/CDNOW_sample.txt", sep=r"\s+", header=None, names=names)
    rows = raw.assign(day=pd.to_datetime(raw["day"].astype(str)))
    known, at = rows[rows["day"] < AS_OF], AS_OF - pd.Timedelta(days=136)
    summary = summarise(known, at)
    later = known[known["day"] >= at].groupby("customer_id")["day"].nunique().reindex(summary.index).fillna(0)
    choice = choose_purchase_model(summary, later, days=136)
    reports = backtest(rows, as_of=AS_OF, horizon_days=273).purchases.reports
    for error in ("mae", "rmse"):
        errors = {name: getattr(reports[name], error) for name in choice.errors}
        assert errors[choice.name] < max(errors.values())
