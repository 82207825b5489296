import pandas as pd
import pytest
from servicelift.core.errors import ConfigError
from servicelift.features.catalogue.catalogue import build_features, feature_names


def test_tenure_runs_from_sign_up(features_at):
    assert features_at({}, "2020-01-02 12:00", "tenure_days") == [1.5]
    assert features_at({}, "2020-01-01", "tenure_days") == [None]


def test_static_columns_are_as_they_are_once_the_customer_is_known(tables_of):
    rows = {"customers": [{"signed_up_at": "2024-01-01", "region": "north", "birth_year": 1970, "contactable": True}]}
    tables = tables_of(rows, static=("region", "birth_year", "contactable"))
    spine = pd.DataFrame({"customer_id": 1, "as_of": pd.to_datetime(["2024-01-01", "2024-01-02"])})
    found = build_features(tables, spine, ["region", "birth_year", "contactable"])
    assert found["region"].isna().tolist() == [True, False]
    assert found.iloc[1].tolist() == ["north", 1970.0, 1.0]
    assert found.dtypes.astype(str).tolist() == ["str", "float64", "float64"]


def test_a_static_column_cannot_take_the_name_of_a_feature(tables_of):
    tables = tables_of({"subscriptions": []}, static=("product",))
    with pytest.raises(ConfigError, match="'product' would stand for two things"):
        feature_names(tables)


def test_what_winning_a_customer_cost_is_a_feature_listed_as_static_or_not(features_at):
    rows = {"customers": [{"signed_up_at": "2024-01-01", "acquisition_cost": 12.34}]}
    for static in ((), ("acquisition_cost",)):
        assert features_at(rows, "2024-01-01", "acquisition_cost", static=static) == [None]
        assert features_at(rows, "2024-01-02", "acquisition_cost", static=static) == [12.34]
