"""The effect at a cut on a score, where the cut decided who was treated (regression discontinuity).

Just above and just below the cut customers are alike, so a jump of the outcome there is the effect of a jump of the
treatment. Each side is fitted by a line within the bandwidth of least mean squared error, the bias of the line is
estimated by a parabola and taken off, and the error of that is in the interval (Calonico, Cattaneo & Titiunik 2014).
Where the cut moves only the chance of treatment, the effect is the jump of the outcome over that of the treatment; its
interval holds the effects that the data do not refute (Feir, Lemieux & Marmer 2016), so it is right where few comply.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Arrays, Floats
from ...core.errors import ModelError
from ...core.refusals import refusal
from ..effects.crossfit import check_units
from ..effects.inference import clustered_std_error
from .density import DensityJump, density_jump
from .local import LocalFit, local_fit, plug_in

__all__ = ["ThresholdEffect", "threshold_effect"]

_LEAST = 20


@dataclass(frozen=True)
class ThresholdEffect:
    """An average effect on customers whose score is at the cut, and only on them, in units of the outcome.

    Parameters
    ----------
    estimate, std_error, low, high
        Effect of treatment with its 95% interval, the bias of the fit taken off.
    conventional
        The same from lines alone, bias and all.
    bandwidth, bias_bandwidth
        Distance from the cut within which lines, and the parabolas of the bias, are fitted, in units of the score.
    n_left, n_right
        Units within the bandwidth below and above the cut.
    treated_jump
        By how much the share treated rises from below the cut to above it; 1 or -1 where the cut alone decided.
    sharp
        Whether the cut alone decided.
    density
        Whether scores bunch on one side of the cut.
    cut
        Where it was.

    Examples
    --------
    >>> smooth = DensityJump(left=1.0, right=1.1, std_error=0.1, p_value=0.32, bandwidth=0.2)
    >>> effect = ThresholdEffect(2.0, 0.5, 1.0, 3.0, 2.1, 0.1, 0.2, 400, 420, 1.0, True, smooth, 0.35)
    >>> effect.shown, effect.density_p
    (True, 0.32)
    """

    estimate: float
    std_error: float
    low: float
    high: float
    conventional: float
    bandwidth: float
    bias_bandwidth: float
    n_left: int
    n_right: int
    treated_jump: float
    sharp: bool
    density: DensityJump
    cut: float

    @property
    def shown(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0

    @property
    def density_p(self) -> float:
        """Chance of a jump in the density of scores as large as seen, where nobody moved scores over the cut."""
        return self.density.p_value


def threshold_effect(
    score: ArrayLike,
    treated: ArrayLike,
    outcome: ArrayLike,
    cut: float,
    *,
    groups: ArrayLike | None = None,
    bandwidth: tuple[float, float] | None = None,
    level: float = 0.95,
) -> ThresholdEffect:
    """Return the effect of a treatment at the cut on a score that decided who got it.

    Parameters
    ----------
    score
        What the cut was made on, (n,): known before treatment, and nearly continuous. Of a list with a budget: the
        score it was ranked by.
    treated
        0 or 1 of each unit. Where all above the cut and none below are treated (or the other way round) the cut alone
        decided; else the effect is that on those whom it moved.
    outcome
        What is measured, (n,).
    cut
        The value of the score from which units count as above.
    groups
        Customer of each unit, where one customer comes several times (a list a month): errors are clustered by it.
    bandwidth
        Of the lines and of the parabolas, in units of the score; chosen from the data by default.
    level
        Of the interval.

    Raises
    ------
    ModelError
        Values are missing, fewer than 20 different scores lie near the cut on either side, or the cut hardly changes
        who is treated.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> score = rng.beta(2, 4, 4_000)
    >>> treated = score >= 0.4
    >>> money = 50 - 30 * score + 8 * treated + rng.normal(0, 5, 4_000)
    >>> effect = threshold_effect(score, treated, money, 0.4)
    >>> effect.low < 8 < effect.high, effect.density.suspicious
    (True, False)
    """
    s = np.asarray(score, dtype=float)
    d, y, _ = check_units(s.size, treated, outcome, None)
    if s.ndim != 1 or not np.isfinite(s).all():
        raise ModelError("score: expected one finite value a unit; drop units without")
    if not 0 < level < 1:
        raise ModelError(f"level: expected a number between 0 and 1, got {level:g}")
    ids = np.arange(s.size) if groups is None else np.asarray(groups)
    if ids.shape != s.shape:
        raise ModelError(f"groups: expected {s.size} values, one a unit, got shape {ids.shape}")
    distance, arm = s - cut, d.astype(float)
    _check_support(distance, np.inf, cut)
    sharp = all(len(np.unique(arm[side])) == 1 for side in (distance >= 0, distance < 0))
    if bandwidth is None:
        found = [_bandwidths(distance, values, ids) for values in ([y] if sharp else [y, arm])]
        h, b = min(f[0] for f in found), min(f[1] for f in found)
    else:
        h, b = bandwidth
        if not (np.isfinite([h, b]).all() and min(h, b) > 0):
            raise ModelError(f"bandwidth: expected two distances above 0, got {h:g} and {b:g}")
    inside = _check_support(distance, h, cut)
    _check_support(distance, b, cut)
    near = [local_fit(distance, side, 1, h) for side in (distance >= 0, distance < 0)]
    wide = [local_fit(distance, side, 2, b) for side in (distance >= 0, distance < 0)]
    plain, jump, moves = _jump(near, wide, y)
    plain_arm, arm_jump, arm_moves = _jump(near, wide, arm)
    if sharp:
        plain_arm = arm_jump = float(round(arm_jump))
    z = float(stats.norm.ppf(0.5 + level / 2))
    if abs(arm_jump) <= z * clustered_std_error(arm_moves, [ids]) or abs(arm_jump) < 1e-9:
        raise refusal(ModelError, "no_jump", rise=arm_jump, cut=cut)
    effect = jump / arm_jump
    low, high = _not_refuted((jump, arm_jump), (moves, arm_moves), ids, z)
    error = clustered_std_error(moves - effect * arm_moves, [ids]) / abs(arm_jump)
    return ThresholdEffect(
        effect, error, low, high, plain / plain_arm, h, b, *inside, arm_jump, sharp, density_jump(distance), cut
    )


def _check_support(distance: Floats, width: float, cut: float) -> tuple[int, int]:
    """Return how many units lie within a width below and above the cut; refuse where scores are too few."""
    counts = []
    for name, side in (("below", distance < 0), ("above", distance >= 0)):
        inside = distance[side & (np.abs(distance) < width)]
        different = len(np.unique(inside))
        if different < _LEAST:
            if np.isinf(width):
                raise refusal(ModelError, "few_scores", least=_LEAST, side=name, cut=cut, n=different)
            raise refusal(ModelError, "few_scores_near", least=_LEAST, side=name, cut=cut, width=width, n=different)
        counts.append(len(inside))
    return counts[0], counts[1]


def _bandwidths(distance: Floats, outcome: Floats, ids: Arrays) -> tuple[float, float]:
    """Return the bandwidth of the lines and that of the parabolas that tell their bias."""

    def variance(fits: list[LocalFit], weights: list[Floats]) -> float:
        moves = np.zeros(len(outcome))
        for fit, weight in zip(fits, weights, strict=True):
            moves[fit.inside] += weight * fit.residuals(outcome)
        return clustered_std_error(moves, [ids]) ** 2

    widest = float(np.abs(distance).max()) * (1 + 1e-9)
    quartiles = np.subtract(*np.percentile(distance, [75, 25])) / 1.349
    spread = min(float(distance.std()), float(quartiles)) or float(distance.std())
    closest = max(np.sort(np.abs(np.unique(distance[side])))[_LEAST - 1] for side in (distance >= 0, distance < 0))
    least = float(closest) * (1 + 1e-9)
    start = min(max(2.576 * spread * len(distance) ** -0.2, least), widest)
    wide = plug_in(distance, outcome, 3, 3, (start, widest), variance, regularised=False)
    bias = plug_in(distance, outcome, 2, 2, (start, float(np.clip(wide, least, widest))), variance)
    bias = float(np.clip(bias, least, widest))
    return float(np.clip(plug_in(distance, outcome, 1, 0, (start, bias), variance), least, widest)), bias


def _jump(near: list[LocalFit], wide: list[LocalFit], values: Floats) -> tuple[float, float, Floats]:
    """Return the jump by lines, the jump without their bias, and what every unit adds to the latter's error."""
    plain, jump, moves = 0.0, 0.0, np.zeros(len(values))
    for sign, line, parabola in zip((1.0, -1.0), near, wide, strict=True):
        weight = np.zeros(len(values))
        weight[line.inside] = line.smoother[0]
        plain += sign * float(weight @ values)
        weight[parabola.inside] -= line.remainder[0] * parabola.smoother[2]
        jump += sign * float(weight @ values)
        # Where lines reach beyond the parabolas, the residuals there are those of the lines.
        residuals = np.zeros(len(values))
        residuals[line.inside] = line.residuals(values)
        residuals[parabola.inside] = parabola.residuals(values)
        moves += sign * weight * residuals
    return plain, jump, moves


def _not_refuted(
    jumps: tuple[float, float], moves: tuple[Floats, Floats], ids: Arrays, z: float
) -> tuple[float, float]:
    """Return the least and the largest effect t with |outcome jump - t treatment jump| within z of its error."""
    (a, d), (ma, md) = jumps, moves
    va, vd, both = (clustered_std_error(m, [ids]) ** 2 for m in (ma, md, ma + md))
    cov = (both - va - vd) / 2
    square, linear, constant = d**2 - z**2 * vd, -2 * (a * d - z**2 * cov), a**2 - z**2 * va
    root = float(np.sqrt(max(linear**2 - 4 * square * constant, 0.0)))
    return (-linear - root) / (2 * square), (-linear + root) / (2 * square)
