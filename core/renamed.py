"""Objects that were saved before their attributes got today's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["RenamedAttributes"]


class RenamedAttributes:
    """Reads the state of an object pickled under older names of its attributes.

    ``_old_names`` maps each old name to today's; whatever is not in it is taken as it stands. It stands before
    other bases, so that their own ``__setstate__`` sees today's names only.

    Examples
    --------
    >>> class Model(RenamedAttributes):
    ...     _old_names = {"point": "final"}
    >>> model = Model()
    >>> model.__setstate__({"point": 1.5, "seed": 7})
    >>> model.final, model.seed
    (1.5, 7)
    """

    _old_names: ClassVar[Mapping[str, str]] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a pickled state."""
        today = {self._old_names.get(name, name): value for name, value in state.items()}
        base = getattr(super(), "__setstate__", None)
        if base is None:
            self.__dict__.update(today)
        else:
            base(today)
