"""Hidden cases. Together they weigh nine tenths of each exercise, so that knowing the public ones by heart earns a tenth.

1-D: nonlinear costs with right, scaled, flipped and short derivatives, at widths where truncation gives a reproducible
number. n-D: smooth costs that cost less than the network, gradients right, scaled, permuted and flipped, ε from 1e-4 to 1e-1.
"""

from fractions import Fraction

import injections
from inputs import network_inputs, scaled, true_gradients

from grader.model import Case, Close, Relation, Visibility

ONE = Close(1e-6, why="1-D: rounding u·|J|/(ε·|g|) below 1e-8 at ε ≥ 1e-3")
MANY = Close(1e-5, why="n-D: rounding u·|J|·√47/(ε·‖g‖) below 1e-7 at ε ≥ 1e-3")
EXACT = Close(1e-12, why="one product of doubles")


def product(number, function, x, theta):
    """A case of forward or backward propagation: nine of them weigh nine times the two public ones, so that a constant that is right
    in one by chance, as x + θ is at θ = 0, earns a tenth."""
    return Case(f"h{number:02}", function, (x, theta), EXACT, weight=2, visibility=Visibility.HIDDEN)


def one(number, x, theta, epsilon, cost, slope, weight=Fraction(36, 7)):
    """A case of gradient_check: eight of them weigh nineteen times the four public ones."""
    return Case(
        f"h{number:02}", "gradient_check", (x, theta, epsilon), ONE, weight=weight, visibility=Visibility.HIDDEN,
        inject={"forward_propagation": cost, "backward_propagation": slope},
        observe={"forward_propagation": ("x", "theta"), "backward_propagation": ("x", "theta")},
    )  # fmt: skip


def many(number, seed, epsilon, change, cost, weight):
    """A case of gradient_check_n: three of them weigh nine times the two public ones. Each costs 94 evaluations of its cost.

    Where those are is observed in the public case alone: it is the same for all, and costs as much again as a case.
    """
    X, Y, parameters = network_inputs(seed)
    gradients = change(true_gradients(getattr(injections, cost), X, Y, parameters))
    return Case(
        f"h{number:02}", "gradient_check_n", (parameters, gradients, X, Y.reshape(1, 3), epsilon), MANY,
        weight=weight, visibility=Visibility.HIDDEN, inject={"forward_propagation_n": cost},
    )  # fmt: skip


def right(gradients):
    return gradients


def wrong(gradients):
    """W1's rows in another order, W3 scaled, b2 flipped, b1 zero."""
    return {**scaled(gradients, dW3=1.8, db2=-1.0, db1=0.0), "dW1": gradients["dW1"][[2, 0, 1, 4, 3]]}


POINTS = [
    (-1.75, 2.5), (0.123456789, -3.14159265), (12.6, 0.043), (1037.5, 1.234567891),
    (-0.31, 7.7), (44.0, -0.0625), (-0.0026, 815.0), (6.02, 1.9),
]  # fmt: skip

CASES = [
    *(product(number, "forward_propagation", x, theta) for number, (x, theta) in enumerate([*POINTS, (-17, -13)], 1)),
    *(product(number, "backward_propagation", x, theta) for number, (x, theta) in enumerate([*POINTS, (-17, 0.0)], 1)),
    one(1, 2.5, -1.25, 0.05, "cubic", "cubic_slope"),
    one(2, 2.5, -1.25, 0.025, "cubic", "cubic_slope"),
    one(3, -0.7, 3.0, 0.01, "cubic", "cubic_slope_flipped", weight=2),  # signs differ, so the answer is 1: a constant gets it
    one(4, 1.9, 0.8, 0.004, "cubic", "cubic_slope_scaled"),
    one(5, 2.3, 0.8, 0.004, "cubic_scaled", "cubic_slope_both_scaled"),  # x, too, is but a factor; no point of another cost's comes again
    one(6, 0.9, 1.3, 0.1, "wave", "wave_slope"),
    one(7, -1.4, 1.1, 0.001, "quartic", "quartic_slope_short"),
    one(8, -2.2, -2.6, 0.08, "exponential", "exponential_slope"),
    many(1, 11, 0.1, right, "waves", 5),
    many(2, 11, 0.05, right, "waves", 5),
    many(3, 5, 1e-3, wrong, "waves_of_examples", 8),
]  # fmt: skip

_ORDER = {2.0: "that is the order of a one-sided difference", 1.0: "the value hardly depends on epsilon"}
_HALVING = "halving epsilon divides a central difference's error by 4"
RELATIONS = [
    Relation("epsilon_order", "gradient_check", "h01", "h02", 4.0, 0.02, _HALVING, _ORDER),
    Relation("cost_scale", "gradient_check", "h04", "h05", 1.0, 1e-6, "cost and gradient times the same factor leave the difference"),
    Relation("epsilon_order", "gradient_check_n", "h01", "h02", 4.0, 0.02, _HALVING, _ORDER),
]
