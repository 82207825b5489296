"""Columns of randomised rows that borrow: whose they are, and what mature decisions add to them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from servicelift.core.records import RowKind
from servicelift.models.effects.inference import EffectEstimate
from servicelift.scoring.statement.combined_columns import combined_columns


def estimate(value, error=1.0):
    return EffectEstimate(
        value, error, value - 1.96 * error, value + 1.96 * error, "treated", 99, 99, 99, 99, 0.0, 0.0, 1.0
    )


class Row(SimpleNamespace):
    """The fields of an estimate that borrowing reads."""

    @property
    def key(self):
        return self.trial.action, None


def row(action, randomised, value, error, known=None, draws=0):
    effect = SimpleNamespace(
        uncorrected=estimate(value, error), rectification=known, draws=np.random.default_rng(0).normal(size=draws)
    )
    return Row(kind=RowKind.ACTION, randomised=randomised, trial=SimpleNamespace(action=action), effect=effect)


def report(known=None):
    offers = [row("offer", True, 12.0, 2.0, known), row("offer", False, 10.0, 1.0)]
    others = [row("call", True, 3.0, 2.0), row("call", False, 3.5, 1.0), row("gift", True, 1.0, 2.0)]
    return [*offers, *others], [None, estimate(-2.0, 1.8), None, estimate(0.5, 1.8), None]


def test_randomised_rows_with_an_observational_twin_borrow_and_no_other():
    rows, controls = report()
    found = combined_columns(rows, [4.0] * 5, controls)
    assert [np.isfinite(one["combined_per_treated"]) for one in found] == [True, False, True, False, False]
    first = found[0]
    assert 10.0 < first["combined_per_treated"] < 12.0
    assert first["combined_per_treated_high"] - first["combined_per_treated_low"] < 2 * 1.96 * 2.0
    assert first["combined_verdict"] == "pays"
    assert found[2]["combined_verdict"] == "not proven"
    assert found[4]["combined_verdict"] is None


def test_what_mature_decisions_add_is_added():
    (rows, controls), (corrected, _) = report(), report(SimpleNamespace(correction=1.5, error=3.0))
    plain, more = (combined_columns(each, [4.0] * 5, controls)[0] for each in (rows, corrected))
    assert more["combined_per_treated"] == pytest.approx(plain["combined_per_treated"] + 1.5)
    assert more["combined_per_treated_high"] - more["combined_per_treated_low"] > 2 * 1.96 * 3.0


def test_without_a_negative_control_the_error_comes_from_shared_draws():
    pair = [row("call", True, 3.0, 2.0, draws=20), row("call", False, 3.5, 1.0, draws=20)]
    assert np.isfinite(combined_columns(pair, [4.0] * 2, [None] * 2)[0]["combined_weight"])
    few = [row("call", True, 3.0, 2.0, draws=3), row("call", False, 3.5, 1.0, draws=3)]
    assert np.isnan(combined_columns(few, [4.0] * 2, [None] * 2)[0]["combined_weight"])
