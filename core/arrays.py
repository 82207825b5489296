"""The array types of every room, in one place: what the elements are; shapes stand in the docstrings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Arrays", "Bools", "Floats", "Instants", "Ints", "Objects", "Positions", "SmallFloats"]

Floats = NDArray[np.float64]
SmallFloats = NDArray[np.float32]
"""As the trees read features."""
Ints = NDArray[np.int64]
Positions = NDArray[np.intp]
"""Places in another array."""
Bools = NDArray[np.bool_]
Instants = NDArray[np.datetime64]
Objects = NDArray[np.object_]
Arrays = NDArray[Any]
"""Elements of any type."""
