"""Linear algebra on one thread: held within, given back after, and looked for once."""

from collections.abc import Iterator

import numpy as np
import pytest
import scipy.linalg
import threadpoolctl
from servicelift.core.one_thread import one_thread
from threadpoolctl import threadpool_info, threadpool_limits


def threads() -> set[int]:
    """Return how many threads linear-algebra libraries have."""
    return {int(library["num_threads"]) for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    """Give every library two threads, whatever the machine has."""
    np.linalg.det(np.eye(2))
    scipy.linalg.det(np.eye(2))
    with threadpool_limits(2, user_api="blas"):
        yield


def test_every_library_is_held_to_one_thread_and_given_back() -> None:
    assert threads() == {2}
    with one_thread():
        assert threads() == {1}
    assert threads() == {2}


def test_an_inner_limit_gives_nothing_back_to_the_outer_one() -> None:
    with one_thread():
        with one_thread():
            pass
        assert threads() == {1}


def test_an_error_gives_the_threads_back() -> None:
    with pytest.raises(ZeroDivisionError), one_thread():
        _ = 1 / 0
    assert threads() == {2}


def test_libraries_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with one_thread():
        pass
    monkeypatch.setattr(threadpoolctl, "ThreadpoolController", None)
    with one_thread():
        pass
