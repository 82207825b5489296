"""Short ``repr`` of records that hold rows: shapes instead of values, so that no customer's row is ever printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import PurePath
from typing import Any

__all__ = ["ShortRepr", "short_repr"]

_LONGEST = 60
"""Characters of a text that are shown."""


class ShortRepr:
    """Base of dataclasses with frames or arrays among their fields: their ``repr`` tells shapes, never rows.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import pandas as pd
    >>> @dataclass(frozen=True)
    ... class Visits(ShortRepr):
    ...     site: str
    ...     rows: pd.DataFrame
    >>> Visits("Lyon", pd.DataFrame({"customer_id": [1, 2, 3]}))
    Visits(site='Lyon', rows=DataFrame(3 x 1))
    """

    __slots__ = ()

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Give the class its ``repr`` first: ``dataclass`` writes none where there is one."""
        super().__init_subclass__(**keywords)
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = _record  # type: ignore[method-assign]


def short_repr(value: Any) -> str:
    """Return a value in a few characters: the shape of what holds rows, the number of what holds several.

    Parameters
    ----------
    value
        Anything.

    Examples
    --------
    >>> import numpy as np
    >>> short_repr(np.zeros((2, 3))), short_repr({"a": 1}), short_repr(4.5)
    ('ndarray(2 x 3)', 'dict(1)', '4.5')
    """
    kind = type(value).__name__
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{kind}({' x '.join(f'{size:,}' for size in shape)})" if shape else str(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}...")
    if isinstance(value, ShortRepr | int | float | complex | PurePath | type(None)):
        return repr(value)
    if isinstance(value, Mapping | tuple | list | set | frozenset):
        return f"{kind}({len(value):,})"
    return _moment(value) or kind


def _moment(value: Any) -> str | None:
    """Return a date, an instant or a length of time; None of anything else."""
    return str(value) if hasattr(value, "isoformat") else None


def _record(record: Any) -> str:
    """Return the ``repr`` of a dataclass."""
    shown = ", ".join(f"{f.name}={short_repr(getattr(record, f.name, None))}" for f in fields(record) if f.repr)
    return f"{type(record).__name__}({shown})"
