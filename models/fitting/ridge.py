"""Ridge regression whose penalty is chosen by generalised cross-validation, from one decomposition of x'x."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...core.arrays import Floats
from ...core.short_repr import ShortRepr

__all__ = ["Spectrum", "ridge", "ridge_of_last", "spectrum_of"]

_ALPHAS = np.logspace(-1, 5, 25)
_CHUNK = 100_000


@dataclass(frozen=True)
class Spectrum(ShortRepr):
    """x'x of weighted centred rows, decomposed: eigenvalues ``d`` (k,) of 0 or more, and vectors ``v`` (p, k).

    Of fewer rows than columns only the eigenvalues above 0 are kept: nothing is left in the directions of the others.
    """

    d: Floats
    v: Floats


def spectrum_of(x: Floats, weight: Floats, centre: Floats | None = None) -> Spectrum:
    """Decompose x'x, summed in chunks, of ``x`` (n, p), centred or with its ``centre`` (p,); no outcome is in it."""
    if len(x) < x.shape[1]:
        return _of_few_rows(next(_blocks(x, _root(weight), centre))[0])
    gram = np.zeros((x.shape[1], x.shape[1]))
    for block, _ in _blocks(x, _root(weight), centre):
        gram += block.T @ block
    d, v = np.linalg.eigh(gram)
    return Spectrum(np.maximum(d, 0.0), v)


def _of_few_rows(rows: Floats) -> Spectrum:
    """Return the decomposition of x'x from that of xx', (n, n): both have the same eigenvalues above 0."""
    d, u = np.linalg.eigh(rows @ rows.T)
    kept = d > 1e-12 * max(float(d[-1]), 0.0)
    return Spectrum(d[kept], (rows.T @ u[:, kept]) / np.sqrt(d[kept]))


def _root(weight: Floats) -> Floats:
    return np.asarray(np.sqrt(weight / weight.mean())[:, None])


def _blocks(x: Floats, root: Floats, centre: Floats | None) -> Iterator[tuple[Floats, slice]]:
    """Yield weighted centred rows a chunk at a time, and where they stand."""
    for start in range(0, len(x), _CHUNK):
        part = slice(start, start + _CHUNK)
        yield (x[part] if centre is None else x[part] - centre) * root[part], part


def ridge(
    x: Floats,
    y: Floats,
    weight: Floats,
    *,
    alphas: Floats = _ALPHAS,
    centre: Floats | None = None,
    known: Spectrum | None = None,
) -> Floats:
    """Return ridge coefficients (p,) for ``x`` (n, p), centred or with its ``centre`` (p,), and centred ``y`` (n,).

    The penalty, one of ``alphas``, minimises generalised cross-validation (Golub, Heath & Wahba 1979), whose terms
    follow from one eigendecomposition of x'x: ``known``, where it is at hand.
    """
    return ridge_of_last(x, y[:, None], weight, alphas=alphas, centre=centre, known=known)[:, 0]


def ridge_of_last(
    x: Floats,
    y: Floats,
    weight: Floats,
    *,
    alphas: Floats = _ALPHAS,
    centre: Floats | None = None,
    known: Spectrum | None = None,
) -> Floats:
    """Return ridge coefficients (p, k) for ``x`` (n, p), centred or with its ``centre``, and k outcomes ``y`` (n, k).

    All have the penalty that generalised cross-validation finds best for the last, as in :func:`ridge`: what is
    predicted is then linear in the outcome.
    """
    root = _root(weight)
    yw = y * root
    spectrum = known or spectrum_of(x, weight, centre)
    d, v = spectrum.d, spectrum.v
    z = v.T @ sum(block.T @ yw[part] for block, part in _blocks(x, root, centre))
    kept = d[None, :] + alphas[:, None]
    last = yw[:, -1]
    rss = last @ last - (z[:, -1] ** 2 * (d + 2 * alphas[:, None]) / kept**2).sum(axis=1)
    freedom = np.maximum(len(y) - 1 - (d / kept).sum(axis=1), 1e-9)
    best = int(np.argmin(rss / freedom**2))
    return np.asarray(v @ (z / kept[best][:, None]))
