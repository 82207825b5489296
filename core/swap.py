"""Two names of one file system that change places at one instant: nobody ever finds one of them missing."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

__all__ = ["swap"]

_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux, see renameat2(2)."""


def swap(first: Path, second: Path) -> bool:
    """Exchange what two names stand for, at one instant; return False where the system or the file system cannot.

    Parameters
    ----------
    first, second
        Files or folders on one file system; both exist.
    """
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):  # another system, or a C library that does not know it
        return False
    return bool(exchange(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0)
