"""Randomness that belongs to a customer: the same identifier and salt give the same number, whoever asks."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from .arrays import Floats

__all__ = ["customer_weights", "uniform_hash"]


def uniform_hash(identifiers: Any, salt: str) -> Floats:
    """Return one number in (0, 1) for each identifier: uniform over identifiers, fixed by the salt.

    Parameters
    ----------
    identifiers
        Array-like of n identifiers, numbers or text; 5 and "5" are the same identifier.
    salt
        Any text; another salt gives independent numbers.
    """
    key = hashlib.blake2b(salt.encode(), digest_size=8).hexdigest()
    words = pd.Series(identifiers).astype(str).to_numpy(dtype=object)
    hashed = pd.util.hash_array(words, hash_key=key)
    return np.asarray(((hashed >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53)


def customer_weights(customers: Any, seed: int, draw: int) -> Floats:
    """Return exponential(1) bootstrap weights, one for each row and equal within a customer.

    Weights depend on the identifier only, so a model refitted in one place and a score reweighted in
    another share the same bootstrap draw (Rubin 1981; Newton & Raftery 1994).
    """
    return np.asarray(-np.log(uniform_hash(customers, f"bootstrap/{seed}/{draw}")))
