"""Waiting with an end: what comes, what fails, and what is given up."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from servicelift.core.interrupt import stoppable
from servicelift.core.patience import Patience


def test_what_is_asked_comes_back_and_errors_are_raised_here():
    assert Patience().within(60, lambda: "answer") == "answer"
    with pytest.raises(ZeroDivisionError):
        Patience().within(60, lambda: 1 / 0)


def test_what_does_not_answer_is_given_up():
    never = threading.Event()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.01 s"):
        Patience().within(0.01, never.wait)
    never.set()


def test_ctrl_c_is_obeyed_while_another_waits():
    never, begun = threading.Event(), threading.Event()

    def work():
        begun.set()
        never.wait()

    threading.Thread(target=lambda: begun.wait() and os.kill(os.getpid(), signal.SIGINT)).start()
    with stoppable() as stop, pytest.raises(KeyboardInterrupt):
        Patience().within(600, work)
    assert stop.signal == signal.SIGINT
    never.set()


def test_one_thread_does_all_until_it_is_given_up():
    patience, never = Patience(), threading.Event()
    first = patience.within(60, threading.get_ident)
    assert patience.within(60, threading.get_ident) == first
    with pytest.raises(TimeoutError):
        patience.within(0.01, never.wait)
    assert patience.within(60, threading.get_ident) != first
    never.set()
