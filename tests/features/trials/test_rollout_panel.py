"""The panel of a rollout: who is in it, when their unit was reached, and each month's money, by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.trials import rollout_panel as module
from servicelift.features.trials.rollout_panel import rollout_panel

MONTHS = pd.date_range("2023-01-01", "2023-06-01", freq="MS")
SINCE, UNTIL = pd.Timestamp("2023-03-01"), pd.Timestamp("2023-07-01")
STARTS = {"north": "2023-03-15", "2": "2023-05-01", "early": "2023-02-01", "late": "2023-08-01"}


def tables(**more: object) -> Tables:
    """Seven customers: each pays 10 a month, the one in the north 5 more from April on; the last came in February."""
    people = pd.DataFrame(
        {
            "customer_id": range(7),
            "signed_up_at": pd.to_datetime(["2022-01-01"] * 6 + ["2023-02-10"]),
            "region": ["north", "2", "early", "late", "south", None, "north"],
        }
    )
    rows = [
        {
            "payment_id": f"{who}-{month:%m}",
            "customer_id": who,
            "paid_at": month + pd.Timedelta(days=4),
            "amount": 10.0 + 5.0 * (who == 0 and month >= pd.Timestamp("2023-04-01")),
            "method": "iban",
        }
        for who in range(7)
        for month in MONTHS
    ]
    rollout = {"by": "region", "starts": STARTS, "months_before": 2}
    config = {
        "tables": {"customers": "-", "payments": "-"},
        "static": ["region"],
        "data_until": "2023-06-20",
        "value": {"margin_rate": 0.5, "cost_per_contact": 0},
        "incremental": {"rollouts": {"help": rollout | more}},
    }
    frames = {
        "customers": people,
        "payments": pd.DataFrame([r for r in rows if r["paid_at"] < pd.Timestamp("2023-06-20")]),
    }
    return tables_from_frames(frames, Config.model_validate(config))


def panel_of(found: Tables, since: pd.Timestamp = SINCE, until: pd.Timestamp = UNTIL) -> module.RolloutPanel:
    return rollout_panel(found, found.config.incremental.rollouts["help"], since, until)


def test_customers_months_and_money_are_those_of_the_tables() -> None:
    panel = panel_of(tables())
    assert panel.months == tuple(MONTHS[:5])  # two before March, and June is not over
    assert (panel.customers, panel.drawn, panel.reached_before) == (4, 4, 1)
    wide = panel.rows.pivot_table(index="customer_id", columns="month", values="value")
    assert wide.index.tolist() == [0, 1, 3, 4]  # without the early one, the one of no region, and who came later
    assert wide.loc[0].tolist() == [5.0, 5.0, 5.0, 7.5, 7.5]
    assert (wide.drop(index=0) == 5.0).all(axis=None)
    started = panel.rows.groupby("unit")["started"].first()
    assert started["north"] == "2023-03"
    assert started["2"] == "2023-05"
    assert started[["late", "south"]].isna().all()


def test_of_many_customers_a_part_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    panel = panel_of(tables())
    assert 0 <= panel.drawn < panel.customers == 4
    assert panel.rows["customer_id"].nunique() == panel.drawn


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(DataError, match=r"^expected a start from 2024-01-01 until before 2024-02-01, got none$"):
        panel_of(tables(), pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01"))
    with pytest.raises(DataError, match=r"expected a whole month after 2023-06-10, the first start, within the data"):
        panel_of(tables(starts={"north": "2023-06-10"}))
    with pytest.raises(DataError, match=r"expected customers who were there on 2021-03-01, found none"):
        panel_of(tables(months_before=24))
    with pytest.raises(ConfigError, match=r"expected a column of customers under static:, got 'site'"):
        panel_of(tables(by="site"))
