"""The error model that authors take the tolerances of numerical derivatives from."""

from __future__ import annotations

import math

UNIT_ROUNDOFF = 2.0**-53


def rounding_bound(*, value: float, slope: float, theta: float, epsilon: float, operations: int = 16) -> float:
    """Bound on the rounding error of a central difference (J(θ+ε) - J(θ-ε)) / 2ε in one component.

    value: largest |J| near θ; slope: largest |J'| there; theta: |θ|. Each J carries `operations` roundings of
    unit roundoff u = 2⁻⁵³, and θ±ε one each, which the slope carries on:

        |δĝ| ≤ u · (operations · |J| + |J'| · (|θ| + ε)) / ε

    Source: Press et al., Numerical Recipes, 5.7 (numerical derivatives); Higham, Accuracy and Stability, 1.14.
    """
    return UNIT_ROUNDOFF * (operations * abs(value) + abs(slope) * (abs(theta) + epsilon)) / epsilon


def ratio_tolerance(*, component_error: float, size: int, norms: float, difference: float) -> float:
    """Relative tolerance of d = ‖g-ĝ‖ / (‖g‖+‖ĝ‖) when each of `size` components of ĝ is off by `component_error` at most.

    norms: ‖g‖+‖ĝ‖. Both norms move by ‖δ‖ at most and d ≤ 1, so |δd| ≤ 2‖δ‖ / norms, ‖δ‖ ≤ √size · component_error;
    8 roundings of the norms themselves are added.
    """
    absolute = 2.0 * math.sqrt(size) * component_error / norms
    return absolute / difference + 8 * UNIT_ROUNDOFF * math.sqrt(size)
