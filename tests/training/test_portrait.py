"""A model's portrait: what it looks at moves it, what it does not leaves it, and no customer stands in it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.core.locale import Locale
from servicelift.training.card.portrait import SAMPLE, VALUES, portrait_of, portray
from servicelift.training.card.portrait_plots import importance_plot, partial_dependence_plot

N = 1_000
RNG = np.random.default_rng(3)
FRAME = pd.DataFrame(
    {
        "tenure": RNG.normal(size=N),
        "noise": RNG.normal(size=N),
        "plan": RNG.choice(["basic", "plus"], N),
        "count": RNG.integers(0, 3, N),
    }
)
FRAME.loc[0, "plan"] = "only one has it"


def linear(frame: pd.DataFrame) -> pd.DataFrame:
    risk = 3.0 * frame["tenure"].fillna(0) + 1.0 * (frame["plan"] == "plus") + 0.5 * frame["count"]
    return pd.DataFrame({"risk": risk, "double": 2 * risk})


def test_importance_is_the_mean_distance_that_an_exchange_moves_predictions():
    """Of two independent draws of a normal the mean distance is 2 / sqrt(pi) standard deviations."""
    table = portrait_of(linear, FRAME, ["risk"], seed=1).importance.set_index("feature")["importance"]
    assert list(table.index) == ["tenure", "plan", "count", "noise"]
    assert table["noise"] == 0
    assert table["tenure"] == pytest.approx(3 * 2 / np.sqrt(np.pi), rel=0.2)


def test_partial_dependence_of_a_linear_model_is_its_line():
    drawn = portrait_of(linear, FRAME, ["risk"], seed=1).dependence
    tenure = drawn[drawn["feature"] == "tenure"]
    assert 3 <= len(tenure) <= VALUES
    assert np.polyfit(tenure["at"], tenure["prediction"], 1)[0] == pytest.approx(3.0)
    plan = drawn[drawn["feature"] == "plan"].set_index("value")["prediction"]
    assert plan["plus"] - plan["basic"] == pytest.approx(1.0)
    assert set(plan.index) == {"basic", "plus"}, "a word that one customer alone has is not shown"


def test_several_outputs_have_a_column_each_and_their_mean_ranks():
    drawn = portrait_of(linear, FRAME, ["risk", "double"], seed=1)
    first = drawn.importance.iloc[0]
    assert first["double"] == pytest.approx(2 * first["risk"])
    assert first["importance"] == pytest.approx(1.5 * first["risk"])
    assert set(drawn.dependence["output"]) == {"risk", "double"}


def test_few_rows_are_asked_and_the_same_seed_draws_the_same():
    asked = []

    def counted(frame: pd.DataFrame) -> pd.DataFrame:
        asked.append(len(frame))
        return linear(frame)

    first = portrait_of(counted, FRAME, ["risk"], seed=1)
    assert first.rows == SAMPLE
    assert sum(asked) < 20_000
    pd.testing.assert_frame_equal(first.importance, portrait_of(linear, FRAME, ["risk"], seed=1).importance)
    with pytest.raises(ModelError, match=r"expected rows"):
        portrait_of(linear, FRAME.iloc[:0], ["risk"], seed=1)


def test_pictures_show_features_and_one_line_an_output():
    drawn = portrait_of(linear, FRAME, ["risk", "double"], seed=1)
    assert importance_plot(drawn.importance, "EUR").axes[0].get_xlabel() == "predictions move by (EUR)"
    figure = partial_dependence_plot(drawn.dependence, "EUR")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["tenure", "plan", "count"]
    assert all(len(axes.lines) == 2 for axes in figure.axes)


def test_columns_of_one_thing_are_exchanged_together():
    """A model that refuses ends before its beginning: exchanged apart, nothing of the contract could be told."""
    frame = pd.DataFrame({"contract.start": [1.0, 5.0, 9.0] * 20, "contract.end": [2.0, 6.0, 10.0] * 20, "x": 1.0})

    def strict(rows: pd.DataFrame) -> pd.DataFrame:
        if (rows["contract.end"] < rows["contract.start"]).any():
            raise ModelError("expected an end after the start")
        return pd.DataFrame({"risk": rows["contract.end"]})

    def part_of(name: str) -> str:
        return name.partition(".")[0]

    drawn = portrait_of(strict, frame, ["risk"], seed=1, part_of=part_of)
    assert drawn.importance["feature"].tolist() == ["contract", "x"]
    assert drawn.dependence.empty, "what has several columns has no one value"
    run = SimpleNamespace(facts={}, locale=Locale("en"))
    assert portray(run, strict, frame, ["risk"], unit="EUR", seed=1) is None
    assert "not drawn: expected an end" in run.facts["Importance and partial dependence"]


def test_what_is_the_same_for_all_rows_is_not_asked_about_and_has_no_importance():
    asked = []

    def predict(frame):
        asked.append(len(frame))
        # Rounding depends on how many rows are multiplied at once: no importance of what did not move.
        return linear(frame) + 1e-12 * len(frame)

    frame = FRAME.drop(columns="plan").assign(plan="basic", empty=np.nan)
    table = portrait_of(predict, frame, ["risk"], seed=1).importance.set_index("feature")["importance"]
    assert (table[["plan", "empty"]] == 0).all()
    assert asked[:2] == [SAMPLE, 3 * SAMPLE]
