"""Stages are timed; what an earlier run took says how long the rest will."""

from __future__ import annotations

import pytest
from servicelift.core.progress import Step
from servicelift.training.stages import Stages, read_durations


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def heard():
    return []


@pytest.fixture
def stages(heard):
    clock = Clock()
    made = Stages(heard.append, clock=clock)
    made.wait = lambda seconds: setattr(clock, "now", clock.now + seconds)
    return made


def test_a_first_run_says_no_time_and_remembers_its_own(stages, heard):
    stages("read 10 rows")
    stages.wait(2)
    stages("fit")
    stages.wait(3)
    stages.finish()
    assert heard == ["read 10 rows", "fit"]
    assert not any(isinstance(step, Step) for step in heard)
    assert read_durations(stages.text()) == [("read 10 rows", 2.0), ("fit", 3.0)]


def test_the_next_run_knows_what_is_left_whatever_the_numbers(stages, heard):
    stages.expect([("read 10 rows", 20.0), ("twin 1 of 2", 30.0), ("twin 2 of 2", 30.0), ("register", 20.0)])
    stages("read 1,234 rows")
    assert (heard[-1].done, heard[-1].remaining) == (0.0, 100.0)
    stages.wait(40)
    stages("twin 1 of 2")
    assert heard[-1].remaining == pytest.approx(160), "twice as slow as last time"
    assert heard[-1].done == pytest.approx(0.2)
    stages.wait(60)
    stages("twin 2 of 2")
    assert heard[-1].remaining == pytest.approx(100)
    stages.wait(60)
    stages("register")
    assert heard[-1].remaining == pytest.approx(40)
    assert heard[-1].done == pytest.approx(0.8)


def test_a_stage_nobody_knows_is_shown_as_it_is_and_a_skipped_one_taken_off(stages, heard):
    stages.expect([("read", 10.0), ("fit A", 500.0), ("fit B", 10.0)])
    stages("read")
    stages.wait(10)
    stages("look about")
    assert heard[-1] == "look about"
    assert not isinstance(heard[-1], Step)
    stages("fit B")
    assert heard[-1].remaining == pytest.approx(10)


def test_shares_rise_from_zero_to_one(stages, heard):
    earlier = [(f"step {letter}", float(n + 1)) for n, letter in enumerate("abcdefgh")]
    stages.expect(earlier)
    for text, seconds in earlier:
        stages(text)
        stages.wait(seconds * 1.7)
    shares = [step.done for step in heard]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] < 1


def test_what_was_told_as_done_does_not_become_less(stages, heard):
    """A short stage that took long tells nothing yet; the next one shows how much slower the rest is."""
    stages.expect([("read", 1.0), ("fit", 13.0), ("judge", 13.0), ("register", 13.0)])
    for name, seconds in (("read", 40.0), ("fit", 10.0), ("judge", 10.0), ("register", 1.0)):
        stages(name)
        stages.wait(seconds)
    done = [step.done for step in heard]
    assert done == sorted(done)
    assert done[1] == pytest.approx(40 / 79)
    assert heard[2].remaining == pytest.approx(26 * 50 / 14)
