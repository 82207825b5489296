"""What is fitted for several estimates together, and what is left out: with its design, initiative and reason."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cloudpickle import register_pickle_by_value
from servicelift.core.errors import DataError, ModelError
from servicelift.core.messages import Message
from servicelift.core.parallel import in_parallel
from servicelift.core.records import RowKind, StudyDesign
from servicelift.scoring.statement import estimate, pending
from servicelift.scoring.statement.estimate import fit_statement, negative_controls, observational_of
from servicelift.scoring.statement.pending import LeftOut

SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-07-01")


def test_held_out_customers_of_mixed_actions_alone_are_negative_controls(fitted_world):
    estimated = fitted_world(1.0)
    controls = negative_controls(estimated, ["offer"], seed=5)
    assert [control is None for control in controls] == [True, False, True]
    assert controls[1].shown
    assert negative_controls(estimated, [], seed=5) == [None] * 3
    assert not negative_controls(fitted_world(0.0), ["offer"], seed=5)[1].shown


def test_the_observational_estimate_beside_another(fitted_world):
    randomised, observed, switch = fitted_world(0.0)
    assert observational_of(randomised, [randomised, observed, switch]) is observed
    assert observational_of(switch, [randomised, observed]) is None


@pytest.fixture
def fits(monkeypatch, fitted_world):
    """Trials of two actions and a contrast, without tables behind them; what cannot be estimated raises."""
    ready = fitted_world(0.0)[0]

    def study(tables, action, *, since, until, design, seed, decomposition):
        if design == StudyDesign.OBSERVATIONAL:
            raise DataError("too few")
        units = ready.trial.units.assign(initiative=np.where(np.arange(len(ready.trial.treated)) % 2, "spring", "may"))
        return replace(ready.trial, action=action, design=design, units=units)

    def contrast(tables, name, *, since, until, seed):
        raise DataError("no table")

    def effect(trial, clv, settings, decomposition=True):
        if set(trial.units["initiative"]) == {"may"}:
            raise ModelError("no overlap")
        return ready.effect

    monkeypatch.setattr(estimate, "designs", lambda tables, action: tuple(StudyDesign))
    monkeypatch.setattr(estimate, "action_study", study)
    monkeypatch.setattr(estimate, "contrast_study", contrast)
    monkeypatch.setattr(estimate, "follow_each", lambda tables, studies: studies)
    monkeypatch.setattr(pending, "estimate_action", effect)
    monkeypatch.setattr(estimate, "completed", lambda tables, clv, done, left_out: (done, left_out))


def test_what_cannot_be_estimated_is_left_out_by_itself(fits, small_tables):
    contrasts = {"moved": {"exposure": "payment_method", "to": "iban"}}
    tables = small_tables(incremental={"actions": {"call": {}}, "contrasts": contrasts}, engine={"threads": 1})
    done, left_out = fit_statement(tables, None, SINCE, UNTIL)
    assert [(one.kind, one.trial.action, one.initiative, one.headline) for one in done] == [
        (RowKind.ACTION, "call", "spring", True)
    ]
    assert sorted(left_out, key=lambda one: str(one.reason.figures)) == [
        LeftOut("call", StudyDesign.RANDOMISED, Message.of("other", text="no overlap"), "may"),
        LeftOut("moved", None, Message.of("other", text="no table")),
        LeftOut("call", StudyDesign.OBSERVATIONAL, Message.of("other", text="too few")),
    ]


def _estimate_with_its_model(_, pair):
    return pending.estimate_one(*pair)


def test_effects_are_the_same_bytes_in_processes_of_their_own(fitted_world, statement_model, processes):
    """Processes cannot import this folder: what its files define travels as it stands."""
    clv, settings = statement_model
    for module in (sys.modules[__name__], sys.modules[type(clv.final).__module__]):
        register_pickle_by_value(module)
    pieces = [
        pending.Pending(one.kind, None, one.headline, one.trial, replace(settings, seed=seed))
        for seed, one in enumerate(fitted_world(0.0)[:2])
    ]
    one, two = (
        in_parallel(_estimate_with_its_model, None, [(clv, p) for p in pieces], threads=threads) for threads in (1, 2)
    )
    for alone, beside in zip(one, two, strict=True):
        assert alone.effect == beside.effect
        assert alone.draws.tobytes() == beside.draws.tobytes()
        assert alone.fitted.propensity_.tobytes() == beside.fitted.propensity_.tobytes()
        assert (
            alone.fitted.with_outcome(alone.outcome).estimate() == beside.fitted.with_outcome(beside.outcome).estimate()
        )
