"""Public cases: what `check` runs and students may see whole. Together they weigh a tenth of each exercise at most.

Tolerances stand above the error model's bound (bounds.py beside the reference), which `grader assignment validate` recomputes; the
published difference is rounding noise, so there any value below the bound is right.
"""

from fractions import Fraction

import injections
from inputs import (
    PUBLISHED,
    TWELVE,
    draw_gradients,
    draw_inputs,
    draw_vector,
    rearranged,
    scaled,
    shapes_of,
    true_gradients,
    with_activations,
)

from grader.model import Below, Case, Close, Parts

COPIED = Close(1e-12, why="the numbers are copied, not computed")
NOISE = Below(1e-6, why="ε = 1e-7: rounding of log(1 - A3), u·√47/(3·ε·(1 - A3)·2‖g‖), below 5e-7")
NEAR = Close(0.0, 5e-6, why="ε = 1e-7: rounding of one component, u/(3·ε·(1 - A3)), below 4e-7")
RATIO = Close(1e-6, why="rounding u·|J|·√n/(ε·‖g‖) below 1e-8 at ε ≥ 1e-2")
SLOPES = Close(1e-7, 1e-9, why="rounding u·|J|/ε below 1e-11 at ε ≥ 1e-2")

STEEP = Parts((
    Close(1e-5, why="ε = 1e-7, J = Σ sin(1e7 θᵢ): rounding of θ, u·|θ|/ε, below 1e-7 of the value"),
    Close(1e-6, 1.0, why="the same rounding times the slope 1e7, below 0.1"),
))  # fmt: skip

_NETWORK = {"forward": "network", "compute_cost": "logistic"}
_WAVES = {"forward": "waves", "compute_cost": "uneven"}
_X, _Y, _PARAMS = draw_inputs(1, PUBLISHED)
_GRADS = with_activations(true_gradients(injections.network, injections.logistic, _X, _Y, _PARAMS), 1)
_SMALL_X, _SMALL_Y, _SMALL = draw_inputs(2, (2, 3, 1))
_WRONG = scaled(true_gradients(injections.waves, injections.uneven, _SMALL_X, _SMALL_Y, _SMALL), dW2=2.0, dB1=-1.0)


def vectors(case_id, function, title, *arguments, weight=1):
    """A case of an exercise that moves numbers from one place to another."""
    return Case(case_id, function, arguments, COPIED, weight=weight, title=title)


def check(case_id, title, expect, inject, *arguments):
    """A case of check_gradient: two of them weigh a tenth of all."""
    return Case(
        case_id, "check_gradient", arguments, expect, weight=Fraction(3, 2), title=title,
        inject=inject, observe={"forward": ("params",)},
    )  # fmt: skip


CASES = [
    vectors("published", "params_to_vector", "the published parameters, layers of 5, 3 and 1", _PARAMS),
    vectors("shuffled", "params_to_vector", "two layers, the keys in the order B2, W1, W2, B1", rearranged(_SMALL, "B2", "W1", "W2", "B1")),
    vectors("twelve-layers", "params_to_vector", "with twelve layers, where the keys have two digits", draw_inputs(4, TWELVE)[2], weight=0),
    vectors("published", "grads_to_vector", "gradients of the published shapes, with dA entries", draw_gradients(1, PUBLISHED)),
    vectors("no-activations", "grads_to_vector", "two layers, without dA entries", draw_gradients(2, (2, 3, 1), activations=False)),
    vectors("twelve-layers", "grads_to_vector", "with twelve layers, where the keys have two digits", draw_gradients(4, TWELVE), weight=0),
    vectors("published", "vector_to_dict", "the published shapes", draw_vector(1, PUBLISHED), shapes_of(PUBLISHED)),
    vectors("small", "vector_to_dict", "two layers, of 3 and 1", draw_vector(2, (2, 3, 1)), shapes_of((2, 3, 1))),
    check("published", "the published inputs and right gradients, ε = 1e-7", Parts((NOISE, NEAR)), _NETWORK, _X, _Y, _PARAMS, _GRADS, 1e-7),
    check("wrong-gradients", "a smooth cost; dW2 twice too large and dB1 of the wrong sign, ε = 0.01", Parts((RATIO, SLOPES)), _WAVES,
          _SMALL_X, _SMALL_Y, _SMALL, _WRONG, 0.01),
    Case(  # It costs nothing, since the caller gives epsilon: what is remarked is another default, or none.
        "no-epsilon", "check_gradient", (_SMALL_X, _SMALL_Y, _SMALL, injections.ripples_apart_slopes(_SMALL)), STEEP, weight=0,
        title="called without epsilon, which is 1e-7 then", inject={"forward": "ripples_apart", "compute_cost": "total"},
    ),
]  # fmt: skip
