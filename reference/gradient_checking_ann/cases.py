"""Hidden cases. Together they weigh nine tenths of each exercise, so that knowing the public ones by heart earns a tenth.

Vectors: seeded numbers, several depths, square matrices, keys in many orders. Round trips: the vector that is to become a dictionary
is one that was unrolled from it, so what is expected is known without the reference, too. check_gradient: gradients right, scaled,
permuted and flipped, with dA entries and without, on a network and on a smooth cost, ε from 3e-3 to 1e-1.
"""

from fractions import Fraction

import injections
import numpy as np
from inputs import draw_gradients, draw_inputs, rearranged, scaled, shapes_of, true_gradients, with_activations

from grader.model import Case, Close, Parts, Relation, Visibility

COPIED = Close(1e-12, why="the numbers are copied, not computed")
BOTH = Parts((
    Close(1e-6, why="rounding u·|J|·√n/(ε·‖g‖) below 1e-7 at ε ≥ 3e-3"),
    Close(1e-7, 1e-9, why="rounding u·|J|/ε below 1e-10 at ε ≥ 3e-3"),
))  # fmt: skip
SQUARE, DEEP = (3, 3, 3, 2), (2, 3, 2, 4, 2, 1)


def unrolled(params):
    """The vector of the parameters and the shapes that lead back."""
    keys = list(shapes_of(range(1, len(params) // 2 + 2)))
    return np.hstack([params[key].flat for key in keys]), {key: params[key].shape for key in keys}


def vectors(number, function, *arguments, weight):
    """A case of an exercise that moves numbers from one place to another."""
    return Case(f"h{number:02}", function, arguments, COPIED, weight=weight, visibility=Visibility.HIDDEN)


def params_case(number, seed, sizes, *keys, weight=4):
    """A case of params_to_vector: the parameters in the order of `keys`, or as they are drawn."""
    params = draw_inputs(seed, sizes)[2]
    return vectors(number, "params_to_vector", rearranged(params, *keys) if keys else params, weight=weight)


def grads_case(number, seed, sizes, *keys, weight=4, activations=True):
    """A case of grads_to_vector: the gradients in the order of `keys`, or as they are drawn."""
    grads = draw_gradients(seed, sizes, activations)
    return vectors(number, "grads_to_vector", rearranged(grads, *keys) if keys else grads, weight=weight)


def back_case(number, seed, sizes, weight=4):
    """A case of vector_to_dict: the way back from parameters that were unrolled."""
    return vectors(number, "vector_to_dict", *unrolled(draw_inputs(seed, sizes)[2]), weight=weight)


def check(number, seed, sizes, epsilon, change, cost, weight, activations=True, examples=3):
    """A case of check_gradient: five of them weigh nine times the two public ones."""
    X, Y, params = draw_inputs(seed, sizes, examples)
    forward, compute_cost = {
        "network": (injections.logits, _logistic), "tenfold": (injections.logits, _logistic_tenfold),
        "smooth": (injections.ripples, injections.lopsided),
    }[cost]  # fmt: skip
    grads = change(true_gradients(forward, compute_cost, X, Y, params))
    inject = {
        "network": {"forward": "logits", "compute_cost": "logistic"}, "tenfold": {"forward": "logits", "compute_cost": "logistic_tenfold"},
        "smooth": {"forward": "ripples", "compute_cost": "lopsided"},
    }[cost]  # fmt: skip
    return Case(
        f"h{number:02}", "check_gradient", (X, Y, params, with_activations(grads, seed) if activations else grads, epsilon), BOTH,
        weight=weight, visibility=Visibility.HIDDEN, inject=inject,
    )  # fmt: skip


def _logistic(Y_pred, Y):
    """The cost of logits in a form that the complex step can differentiate (logaddexp takes no complex numbers)."""
    return (np.log(1 + np.exp(Y_pred)).sum() - np.vdot(Y, Y_pred)) / Y_pred.shape[1]


def _logistic_tenfold(Y_pred, Y):
    return 10 * _logistic(Y_pred, Y)


def right(grads):
    return grads


def wrong(grads):
    """W1's rows in another order, W2 scaled, B1 flipped."""
    return {**scaled(grads, dW2=1.7, dB1=-1.0), "dW1": np.roll(grads["dW1"], 1, axis=0)}


def flipped(grads):
    return scaled(grads, **dict.fromkeys(grads, -0.6))


def doubled(grads):
    return scaled(grads, dW1=2.0, dB2=0.5)


def tidied(grads):
    """The order of the keys that a loop over the layers would give."""
    return {key: grads[key] for key in sorted(grads, key=lambda key: (int(key[2:]), key[1] == "B"))}


CASES = [
    params_case(1, 11, SQUARE, "W3", "B1", "W2", "B3", "W1", "B2"),
    params_case(2, 12, DEEP, weight=4),
    params_case(3, 13, DEEP, "B5", "W5", "B4", "W4", "B3", "W3", "B2", "W2", "B1", "W1"),
    params_case(4, 14, (3, 2), "B1", "W1", weight=3),
    params_case(5, 15, (2, 2, 2), "W1", "W2", "B1", "B2", weight=3),
    grads_case(1, 21, SQUARE, "dB2", "dA1", "dW1", "dA0", "dW3", "dB1", "dB3", "dA2", "dW2"),
    grads_case(2, 22, DEEP, weight=4),
    grads_case(3, 23, (2, 3, 1), "dW1", "dB1", "dW2", "dB2", "dA0", "dA1", weight=3),
    grads_case(4, 24, (3, 2), "dA0", "dB1", "dW1", weight=3),
    grads_case(5, 25, DEEP, activations=False),
    back_case(1, 31, SQUARE),
    back_case(2, 32, DEEP),
    back_case(3, 33, (3, 2), weight=3),
    back_case(4, 34, (2, 2, 2), weight=3),
    back_case(5, 35, (1, 4, 4, 1)),
    check(1, 41, (2, 3, 1), 0.1, right, "smooth", 6),
    check(2, 41, (2, 3, 1), 0.05, right, "smooth", 5),
    check(3, 43, (3, 3, 2, 1), 0.02, wrong, "network", 6, examples=4),
    check(4, 44, (2, 2, 2), 0.003, lambda grads: tidied(doubled(grads)), "smooth", 5, activations=False, examples=2),
    check(5, 44, (2, 2, 2), 0.01, flipped, "smooth", 2),
    check(6, 46, (3, 2, 1), 0.03, doubled, "network", Fraction(3, 2)),
    check(7, 46, (3, 2, 1), 0.03, doubled, "tenfold", Fraction(3, 2)),
]  # fmt: skip

_ORDER = {2.0: "that is the order of a one-sided difference", 1.0: "the value hardly depends on epsilon"}
_HALVING = "halving epsilon divides a central difference's error by 4"
RELATIONS = [
    Relation("epsilon_order", "check_gradient", "h01", "h02", 4.0, 0.02, _HALVING, _ORDER),
    Relation("cost_scale", "check_gradient", "h06", "h07", 1.0, 1e-6, "cost and gradient times the same factor leave the difference"),
]
