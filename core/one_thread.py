"""Linear algebra on one thread: small systems are solved faster, and sums add up in one order."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import get_cached_controller

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[object]:
    """Hold the linear-algebra libraries of this process to one thread.

    Looking for them takes longer than most of what is solved: it is done anew only when modules have come.

    Examples
    --------
    >>> import numpy as np
    >>> with one_thread():
    ...     float(np.linalg.det(np.eye(2)))
    1.0
    """
    limit: AbstractContextManager[object] = get_cached_controller().limit(limits=1, user_api="blas")
    return limit
