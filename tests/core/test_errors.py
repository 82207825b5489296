"""Errors of the package: what they are, what they carry, and that they travel."""

from __future__ import annotations

import copy
import pickle

import pytest
from servicelift.core.errors import (
    ConfigError,
    DataError,
    LeakageError,
    ModelError,
    ServiceliftError,
    TableError,
    did_you_mean,
)
from servicelift.core.refusals import refusal, within


@pytest.mark.parametrize("kind", [ConfigError, DataError, LeakageError, ModelError])
def test_input_errors_are_value_errors_too(kind):
    """Estimators raise them, and scikit-learn's checks expect a ValueError."""
    assert issubclass(kind, ServiceliftError)
    assert issubclass(kind, ValueError)


@pytest.mark.parametrize("travel", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"])
def test_an_error_keeps_its_parts_on_the_way(travel):
    table = travel(TableError("tables.payments", "expected a file, found none"))
    assert (str(table), table.where, table.fault) == (
        "tables.payments: expected a file, found none",
        "tables.payments",
        "expected a file, found none",
    )
    coded = travel(refusal(ModelError, "few_customers", folds=5, n=3))
    assert (coded.code, dict(coded.figures)) == ("few_customers", {"folds": 5, "n": 3})
    assert str(coded) == "expected at least 5 customers for 5 folds, got 3"


def test_what_leads_a_table_error_does_not_change_the_error_itself():
    error = TableError("payments", "no columns")
    led = within(error, "action 'gift'")
    assert str(led) == "action 'gift': payments: no columns"
    assert str(error) == "payments: no columns"
    assert led.fault == "no columns"


def test_an_error_without_code_has_no_figures():
    assert (DataError("x").code, dict(DataError("x").figures)) == ("", {})


@pytest.mark.parametrize(
    ("word", "said"),
    [("payment", "; did you mean 'payments'?"), ("paymets", "; did you mean 'payments'?"), ("zebra", ""), ("", "")],
)
def test_a_near_word_is_proposed_and_a_far_one_is_not(word, said):
    assert did_you_mean(word, ["customers", "payments"]) == said
