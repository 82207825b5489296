"""Action values: actions for running customers are valued for those, actions for lapsed ones for the others."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import ModelError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.timeline.spine import running_spine
from servicelift.scoring.scores.action_values import Priced, action_values
from servicelift.scoring.scores.champions import Champions
from servicelift.tracking import Loaded

AS_OF = pd.Timestamp("2023-06-01")


class Known:
    """A model that values each action by how long ago the subscription began."""

    columns = ("tenure_days",)

    def __init__(self, **states: str) -> None:
        evidence = SimpleNamespace(value="randomised")
        self.final = {name: SimpleNamespace(state=state, evidence=evidence) for name, state in states.items()}

    def costs(self):
        return dict.fromkeys(self.final, 2.0)

    def predict_frame(self, frame, rows):
        effect = frame["tenure_days"].to_numpy(dtype=float)
        ends = {"": 0.0, "_low": -1.0, "_high": 1.0}
        return pd.DataFrame(
            {
                f"{a}.incremental_clv{e}": np.where(rows[a], effect + s, np.nan)
                for a in self.final
                for e, s in ends.items()
            },
            index=frame.index,
        )


def tables_of(**actions: dict[str, object]) -> Tables:
    """Customers 0 to 4: two run, two lapsed (one may not be contacted), one never had a subscription."""
    frames = {
        "customers": pd.DataFrame(
            {
                "customer_id": range(5),
                "signed_up_at": pd.to_datetime(["2022-01-01", "2022-02-01", "2022-03-01", "2022-04-01", "2022-05-01"]),
                "contactable": [True, True, True, False, True],
            }
        ),
        "subscriptions": pd.DataFrame(
            {
                "subscription_id": range(4),
                "customer_id": range(4),
                "started_at": pd.Timestamp("2022-06-01"),
                "ended_at": pd.to_datetime([None, None, "2023-01-01", "2023-01-01"]),
                "product": "paper",
                "term_months": 1,
                "price": 9.0,
            }
        ),
    }
    config = {"tables": dict.fromkeys(frames, "-"), "data_until": "2023-06-01", "incremental": {"actions": actions}}
    return tables_from_frames(frames, Config.model_validate(config))


def valued(tables: Tables, model: Known | None) -> pd.DataFrame:
    spine = running_spine(tables, [AS_OF])
    running = Priced(spine, build_features(tables, spine), None, np.array([True, False]))
    loaded = None if model is None else Loaded(model, "press-incremental", 3)
    champions = Champions({"churn": None, "clv": None, "incremental": loaded}, {}, "")
    return action_values(tables, AS_OF, champions, running, {})


def test_each_action_is_valued_for_customers_in_its_state() -> None:
    tables = tables_of(offer={}, win_back={"state": "lapsed"})
    values = valued(tables, Known(win_back="lapsed", offer="running"))
    assert values[["action", "customer_id"]].to_numpy().tolist() == [["win_back", 2], ["offer", 0]]
    signed_up = pd.to_datetime(["2022-03-01", "2022-01-01"])
    assert values["incremental_clv"].tolist() == [(AS_OF - at).days for at in signed_up]
    assert (values["net_value"] == values["incremental_clv"] - 2.0).all()
    assert (values["as_of"] == AS_OF).all()
    assert (values["evidence"] == "randomised").all()


def test_where_nobody_is_in_the_state_there_are_no_rows() -> None:
    rule = "days_since_subscription_end > 9999"
    tables = tables_of(offer={}, win_back={"state": "lapsed", "eligible": rule})
    values = valued(tables, Known(win_back="lapsed", offer="running"))
    assert values["action"].tolist() == ["offer"]


def test_a_model_of_customers_in_the_other_state_is_refused() -> None:
    with pytest.raises(
        ModelError, match=r"learnt action 'win_back' from running customers, .* state: lapsed; train again"
    ):
        valued(tables_of(win_back={"state": "lapsed"}), Known(win_back="running"))


def test_without_a_champion_there_are_columns_alone() -> None:
    values = valued(tables_of(offer={}), None)
    assert values.empty
    assert {"customer_id", "action", "net_value", "evidence"} <= set(values.columns)
