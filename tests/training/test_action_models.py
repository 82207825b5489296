"""What is learnt of one action: too little to learn from is told, and never stops the others."""

from __future__ import annotations

import pytest
from servicelift.core.action_cost import DecisionCounts, action_cost
from servicelift.core.config.business import Config
from servicelift.core.errors import ModelError
from servicelift.core.parallel import Lazy, in_parallel
from servicelift.models.portfolio import ClvModel, PortfolioCLV
from servicelift.training import action_models
from servicelift.training.action_models import ActionDecisions, ActionJob, hold_action, learn_action
from servicelift.training.incremental import left_out


@pytest.fixture(scope="module")
def job() -> ActionJob:
    config = Config.model_validate({"tables": {"customers": "c.csv", "payments": "p.csv"}, "data_until": "2024-07-01"})
    nothing = PortfolioCLV(None, {}, 0.4, 0.1)
    return ActionJob(config, ClvModel(nothing, (), nothing, 36, 7), ("tenure_days",))


@pytest.mark.parametrize("work", [learn_action, hold_action])
@pytest.mark.parametrize("threads", [1, 2])
def test_actions_without_decisions_say_why_whatever_the_threads(job, work, threads, processes):
    items = Lazy(3, lambda place: ActionDecisions(f"action {place}", None, lacking=f"no decisions of {place}"))
    learnt = in_parallel(work, job, items, threads=threads)
    assert [one.lacking for one in learnt] == ["no decisions of 0", "no decisions of 1", "no decisions of 2"]
    assert all(one.final is one.evaluation is one.held is None for one in learnt)


@pytest.mark.parametrize("work", [learn_action, hold_action])
def test_an_effect_that_cannot_be_estimated_is_told(job, work, monkeypatch):
    def refuse(*_):
        raise ModelError("expected 10 controls, got 3; wait for more")

    for name in ("average_outcome", "checked_effect"):
        monkeypatch.setattr(action_models, name, refuse)
    monkeypatch.setattr(action_models, "settings_of", lambda *_: None)

    class Trial:
        action = "call"

    cost = action_cost(DecisionCounts(), cost=2.0, cost_if_accepted=0.0, configured=True)
    learnt = work(job, ActionDecisions("call", Trial(), cost))
    assert learnt.final is None
    assert learnt.lacking == "expected 10 controls, got 3; wait for more"


def test_decisions_that_a_sample_left_out_are_told(job):
    told = left_out(job.config, "call", 131_992)
    assert told.startswith("call: 131,992 of its decisions left out")
    assert "about 80,000" in told
    assert "models.max_rows" in told
