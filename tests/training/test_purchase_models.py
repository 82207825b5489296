"""The purchase model of each line: named, or chosen by what came in the last window and nothing later."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.core.records import ClvInputs
from servicelift.features.outcomes.clv_inputs import clv_inputs
from servicelift.features.tables.tables import tables_from_frames
from servicelift.features.timeline.spine import customer_spine
from servicelift.models.purchases.value import PURCHASE_MODELS
from servicelift.training.clv import fit_unjudged
from servicelift.training.clv_landmarks import landmarks
from servicelift.training.purchase_models import purchase_models


def shop(n: int = 500, **line: object):
    """Customers of MBG/NBD, of whom half leave right after the first purchase; two years of days."""
    rng = np.random.default_rng(3)
    rows = []
    for customer in range(n):
        day, rate, leaves = rng.uniform(0, 500), rng.gamma(0.9, 1 / 40), rng.beta(1.0, 1.0)
        while day < 730:
            rows.append((customer, day))
            if rng.random() < leaves:
                break
            day += rng.exponential(1 / rate)
    bought = pd.DataFrame(rows, columns=["customer_id", "day"])
    at = pd.Timestamp("2022-01-01") + pd.to_timedelta(bought["day"], unit="D").dt.round("s")
    payments = pd.DataFrame({"payment_id": np.arange(len(bought)), "customer_id": bought["customer_id"], "paid_at": at})
    signed = payments.groupby("customer_id", as_index=False)["paid_at"].min().assign(channel="post")
    frames = {
        "customers": signed.rename(columns={"paid_at": "signed_up_at"}),
        "payments": payments.assign(amount=np.round(rng.gamma(4.0, 5.0, len(bought)), 2), method="card"),
    }
    config = {
        "tables": dict.fromkeys(frames, "-"),
        "data_until": "2024-01-01",
        "incremental": {"bootstrap": 10},
        "static": list(line.get("covariates", [])),
        "lines": {"shop": {"kind": "noncontractual", **line}},
    }
    return tables_from_frames(frames, Config.model_validate(config))


def test_a_named_model_is_taken_as_it_is():
    assert purchase_models(shop(20)) == {"shop": "bgnbd"}
    assert purchase_models(shop(20, purchase_model="paretonbd")) == {"shop": "paretonbd"}


@pytest.fixture(scope="module")
def chosen():
    said = []
    return shop(purchase_model="auto"), said


def test_auto_is_not_the_model_in_which_nobody_leaves_at_once_and_every_fit_has_it(chosen):
    tables, said = chosen
    model = fit_unjudged(tables, said.append, landmarks(tables))
    name = model.final.lines["shop"].purchase_model
    assert name in ("mbgnbd", "paretonbd")
    assert {draw.lines["shop"].purchase_model for draw in model.bootstrap} == {name}
    assert any(f"purchase model {name}; errors on the last 180 days: bgnbd" in line for line in said)


def test_auto_knows_the_seasons_of_the_line_and_chooses_nothing_else_where_they_never_came():
    seasons = {"christmas": ["11-20/12-24"], "fair": ["1991-01-01"]}
    said: list[str] = []
    assert purchase_models(shop(purchase_model="auto", seasons=seasons), said.append)["shop"] in PURCHASE_MODELS
    plain: list[str] = []
    tables = shop(purchase_model="auto", seasons={"fair": ["1991-01-01"]})
    assert purchase_models(tables, said.append) == purchase_models(shop(purchase_model="auto"), plain.append)
    assert said[1] == plain[0]
    assert said[0] != plain[0], "Christmas changes the errors"


def test_what_comes_after_the_end_of_the_data_chooses_nothing(chosen):
    tables, _ = chosen
    earlier = dataclasses.replace(tables, data_until=pd.Timestamp("2023-07-01"))
    cut = {name: tables.execute(tables[name]) for name in tables.frames}
    cut["payments"] = cut["payments"][cut["payments"]["paid_at"] < "2023-07-01"]
    config = tables.config.model_copy(update={"data_until": "2023-07-01"})
    said: list[list[str]] = [[], []]
    for lines, world in zip(said, (earlier, tables_from_frames(cut, config)), strict=True):
        purchase_models(world, lines.append)
    assert said[0] == said[1]


def test_too_short_a_history_is_said_with_its_line():
    with pytest.raises(DataError, match=r"lines: shop: purchase_model: auto: expected at least 50 customers"):
        purchase_models(shop(30, purchase_model="auto"))


def test_static_covariates_reach_every_fit_and_the_forecast():
    """Of two channels one buys three times as often; forecasts know it, and the flat frame carries it."""
    plain = shop(400, covariates=["channel"])
    frames = {name: plain.execute(plain[name]) for name in plain.frames}
    often = frames["payments"].groupby("customer_id").size() > 2
    frames["customers"]["channel"] = frames["customers"]["customer_id"].map(often).map({True: "web", False: "post"})
    config = plain.config.model_copy(update={"static": ("channel",)})
    tables = tables_from_frames(frames, config)
    training = landmarks(tables)
    said: list[str] = []
    model = fit_unjudged(tables, said.append, training)
    assert any("channel=" in line for line in said)
    assert all(draw.lines["shop"].covariates_ is not None for draw in model.bootstrap)
    inputs = clv_inputs(tables, customer_spine(tables, [tables.data_until]))
    web = (inputs.summaries["shop"]["channel"] == "web").to_numpy()
    value = model.final.predict(inputs, horizon_months=12)
    assert value[web].mean() > 2 * value[~web].mean()
    again = model.final.predict(ClvInputs.from_frame(inputs.to_frame()), horizon_months=12)
    np.testing.assert_array_equal(again, value)
