from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from servicelift.core.errors import ConfigError, DataError
from servicelift.features.sources.flat import read_flat
from servicelift.training.flat.table import FlatColumns, cost_columns, flat_table


def frame(**columns):
    base = {"CustomerID": [f"k{i}" for i in range(6)], "tenure": ["1", "2", "", "4", "5", "6"], "plan": list("aabbab")}
    return pd.DataFrame({**base, "Churn": ["Yes", "No"] * 3, **columns}).replace("", None)


def test_numbers_texts_label_and_name_are_told_apart():
    table = flat_table(frame(), FlatColumns("Churn"))
    assert table.identifier == "CustomerID"
    assert list(table.features) == ["tenure", "plan"]
    assert table.features["tenure"].isna().sum() == 1
    assert table.features["tenure"].sum() == 18
    assert table.left.tolist() == [1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("values", [["1", "0"], [1, 0], [1.0, 0.0], [True, False], ["oui", "non"], ["lost", "active"]])
def test_the_value_of_those_who_left_is_told_by_its_word(values):
    assert flat_table(frame(Churn=values * 3), FlatColumns("Churn")).left.tolist() == [1, 0] * 3


def test_a_word_nobody_knows_is_asked():
    with pytest.raises(ConfigError, match="which value of 'Churn' means who left, 'A', 'B'"):
        flat_table(frame(Churn=["A", "B"] * 3), FlatColumns("Churn"))
    assert flat_table(frame(Churn=["A", "B"] * 3), FlatColumns("Churn", left="B")).left.tolist() == [0, 1] * 3


def test_rows_without_a_label_are_left_out_and_counted():
    table = flat_table(frame(Churn=["Yes", "No", "", "No", "Yes", "No"]), FlatColumns("Churn"))
    assert len(table.left) == 5
    assert table.notes == ("1 rows without 'Churn' left out",)


def test_codes_with_zeros_in_front_stay_texts():
    table = flat_table(frame(zone=["01", "02"] * 3), FlatColumns("Churn"))
    assert table.features["zone"].tolist() == ["01", "02"] * 3


@pytest.mark.parametrize(
    ("columns", "more", "fault"),
    [
        (FlatColumns("Chrun"), {}, "did you mean 'Churn'"),
        (FlatColumns("Churn", drop=("x",)), {}, "expected a column 'x'"),
        (FlatColumns("Churn", identifier="plan"), {}, "one row a customer"),
        (FlatColumns("Churn"), {"mail": [f"a{i}@b.org" for i in range(6)]}, "looks like e-mail addresses"),
        (FlatColumns("Churn"), {"fee": ["1,5", "2,5"] * 3}, "decimal comma"),
    ],
)
def test_what_cannot_be_taken_is_refused(columns, more, fault):
    with pytest.raises((ConfigError, DataError), match=fault):
        flat_table(frame(**more), columns)


def test_what_is_no_feature_is_left_out_with_its_reason():
    n = 300
    wide = pd.DataFrame(
        {
            "Churn": ["Yes", "No"] * (n // 2),
            "text": [f"t{i}" for i in range(n)],
            "nr": range(n),
            "one": 1,
            "x": [1, 2, 3] * 100,
        }
    )
    table = flat_table(wide, FlatColumns("Churn", identifier="nr"))
    assert list(table.features) == ["x"]
    assert [note.partition(":")[0] for note in table.notes] == ["'text' left out", "'one' left out"]


def test_money_is_read_with_its_decimal_mark():
    columns = FlatColumns("Churn", costs=cost_columns(["clv=worth"]), decimal=",")
    assert flat_table(frame(worth=["1,5", "2"] * 3), columns).money["clv"].tolist() == [1.5, 2.0] * 3
    with pytest.raises(ConfigError, match="--cost-columns: expected clv=COLUMN"):
        cost_columns(["value=worth"])


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.xlsx"])
def test_every_kind_of_file_reads_alike(tmp_path: Path, name):
    rows = frame()
    if name.endswith("xlsx"):
        pytest.importorskip("openpyxl", reason="openpyxl is not installed: servicelift[excel]")
        rows.to_excel(tmp_path / name, index=False)
    elif name.endswith("parquet"):
        rows.to_parquet(tmp_path / name)
    else:
        rows.to_csv(tmp_path / name, index=False, sep=";")
    table = flat_table(read_flat(tmp_path / name), FlatColumns("Churn"))
    assert table.features["tenure"].sum() == 18
    assert table.left.sum() == 3


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(DataError, match="found none"):
        read_flat(tmp_path / "absent.csv")
