"""Public cases: what `check` runs and students may see whole. Together they weigh a tenth of each exercise at most.

Tolerances (rtol) stand at least ten times above the error model's bound (grader.seeds), which a test recomputes; the
published differences of right code are rounding noise, so there any value below the bound is right.
"""

from fractions import Fraction

import injections
from inputs import BLOCKS, central_differences, network_inputs, scaled, true_gradients

from grader.model import Below, BlockFigure, Blocks, Case, Close, Sweep

ONE = Close(1e-6, why="1-D: rounding u·|J|/(ε·|g|) below 1e-8 at ε ≥ 1e-3")
PUBLISHED = Close(1e-5, why="n-D at ε = 1e-7: rounding below 3e-7 of the value, below 3e-6 with the cancellation in log(1 - A3)")
NOISE_1 = Below(1e-7, why="J is linear: no truncation, u·|J|/(ε·|g|) below 1e-8")
NOISE_N = Below(5e-7, why="ε = 1e-7: rounding of log(1 - A3), u·√47/(3·ε·(1 - A3)·2‖g‖), below 4e-7")
EXACT = Close(1e-12, why="one product of doubles")
STEEP = Close(1e-5, why="ε = 1e-7, J = sin(1e7 θ): rounding of θ, u·|θ|/ε, below 1e-7 of the value")

_LINE = {"forward_propagation": "line", "backward_propagation": "line_slope"}
_X, _Y, _PARAMETERS = network_inputs(1)
_TRUE = true_gradients(injections.network, _X, _Y, _PARAMETERS)
_UNTOLD = "called without epsilon, which is 1e-7 then"
_PLANTED = scaled(_TRUE, dW2=2.0, db1=4.0)
_, _CACHE = injections.network(_X, _Y, _PARAMETERS)


def one(case_id, function, title, expect, *arguments, **inject):
    """A case of a one-dimensional exercise."""
    observe = dict.fromkeys(inject, ("x", "theta"))
    weight = Fraction(1, 2) if inject else 1
    return Case(case_id, function, arguments, expect, weight=weight, title=title, inject=inject, observe=observe)


def untold(function, *arguments, **inject):
    """A case without epsilon. It costs nothing, since the caller gives it: what is remarked is another default, or none."""
    return Case("no-epsilon", function, arguments, STEEP, weight=0, title=_UNTOLD, inject=inject)


def published(case_id, title, expect, gradients, **observe):
    """A case of gradient_check_n at the published inputs."""
    return Case(
        case_id, "gradient_check_n", (_PARAMETERS, gradients, _X, _Y, 1e-7), expect, title=title,
        inject={"forward_propagation_n": "network"}, observe=observe,
    )  # fmt: skip


CASES = [
    one("published-2-4", "forward_propagation", "J at x = 2, θ = 4", EXACT, 2, 4),
    one("product-3-half", "forward_propagation", "J at x = 3, θ = -0.5", EXACT, 3, -0.5),
    one("published-2-4", "backward_propagation", "dJ/dθ at x = 2, θ = 4", EXACT, 2, 4),
    one("published-3-4", "backward_propagation", "dJ/dθ at x = 3, θ = 4", EXACT, 3, 4),
    one("published-2-4", "gradient_check", "J = θx at x = 2, θ = 4", NOISE_1, 2, 4, 1e-7, **_LINE),
    one("published-3-4", "gradient_check", "J = θx at x = 3, θ = 4", NOISE_1, 3, 4, 1e-7, **_LINE),
    one("cubic-right", "gradient_check", "J = xθ³ with its right derivative, ε = 0.1", ONE, 1.5, 2.0, 0.1,
        forward_propagation="cubic", backward_propagation="cubic_slope"),
    one("cubic-doubled", "gradient_check", "J = xθ³ with twice its derivative, ε = 0.01", ONE, -2.0, 1.5, 0.01,
        forward_propagation="cubic", backward_propagation="cubic_slope_doubled"),
    untold("gradient_check", 1e7, 0.7, forward_propagation="ripple", backward_propagation="ripple_slope"),
    published("published-planted", "the published inputs, gradients with the planted mistakes", PUBLISHED, _PLANTED,
              forward_propagation_n=("parameters",)),
    published("published-right", "the published inputs, right gradients", NOISE_N, _TRUE),
    untold("gradient_check_n", _PARAMETERS, injections.ripples_slopes(_PARAMETERS), _X, _Y, forward_propagation_n="ripples"),
    Case("published-cache", "backward_propagation_n", (_X, _Y.reshape(1, 3), _CACHE), Blocks(BLOCKS, 1e-6),
         title="the published inputs"),
]  # fmt: skip

FIGURES = [
    Sweep(
        "gradient_check", "cubic-right", "epsilon", tuple(10.0**-power for power in range(14, -1, -1)),
        title="The difference against ε, for J = xθ³ with its right derivative",
        text="A wide ε is bent by the curve of J (truncation), a narrow one drowns in the rounding of J: the best ε lies between.",
    ),
    BlockFigure(
        "backward_propagation_n", "published-cache", central_differences(injections.network, _X, _Y, _PARAMETERS, 1e-5),
        title="Your gradients against the numerical approximation, block by block",
        text="Where backpropagation is right, the two agree and every dot lies on the line.",
    ),
]  # fmt: skip
