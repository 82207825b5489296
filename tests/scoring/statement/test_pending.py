"""An estimate as a piece of work: what is said when it begins, and why there is none."""

from __future__ import annotations

import dataclasses

import pytest
from servicelift.core.records import RowKind, StudyDesign
from servicelift.scoring.statement.pending import LeftOut, Pending, estimate_one


@pytest.fixture
def offer(fitted_world, statement_model):
    return Pending(RowKind.ACTION, None, True, fitted_world(0.0)[0].trial, statement_model[1])


def test_what_is_said_when_it_begins(offer):
    assert offer.stage == "effect: offer (randomised)"
    assert dataclasses.replace(offer, initiative="may").stage == "effect: offer (randomised) of may"
    assert dataclasses.replace(offer, kind=RowKind.CONTRAST).stage == "contrast: offer"


def test_without_controls_the_row_is_left_out_with_its_reason(offer, statement_model):
    alone = dataclasses.replace(offer, trial=offer.trial.take(offer.trial.treated == 1))
    left = estimate_one(statement_model[0], alone)
    assert isinstance(left, LeftOut)
    assert (left.name, left.design, left.initiative) == ("offer", StudyDesign.RANDOMISED, None)
    contrast = estimate_one(statement_model[0], dataclasses.replace(alone, kind=RowKind.CONTRAST))
    assert isinstance(contrast, LeftOut)
    assert contrast.design is None
