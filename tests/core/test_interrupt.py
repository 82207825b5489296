"""Signals: noticed once, held back while something must not be cut in two."""

from __future__ import annotations

import signal

import pytest
from servicelift.core.interrupt import interrupted, stoppable, uninterrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noticed_and_raises(number):
    before = signal.getsignal(number)
    with stoppable() as stop:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert stop.signal == number
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_belongs_together_is_finished_first(number):
    done = []

    def work():
        with uninterrupted():
            signal.raise_signal(number)
            done.append("second half")
        done.append("too late")

    with stoppable() as stop:
        with pytest.raises(KeyboardInterrupt):
            work()
        assert stop.signal == number
    assert done == ["second half"]


def test_only_what_goes_back_to_ctrl_c_is_an_interruption():
    wrapped = RuntimeError("Query interrupted")
    wrapped.__cause__ = KeyboardInterrupt()
    assert interrupted(wrapped)
    assert not interrupted(RuntimeError("Query interrupted"))
    circle = ValueError()
    circle.__context__ = other = ValueError()
    other.__context__ = circle
    assert not interrupted(circle)
