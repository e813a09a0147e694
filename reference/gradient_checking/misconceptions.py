"""Known wrong implementations. Each loses a case, and no two of one function agree in values and evaluation points.

Edits of different aspects touch different texts of the reference, so that two such mistakes can be made at once.
"""

from fractions import Fraction

from grader.model import Misconception

NOTHING, LITTLE, HALF, MOST, NEARLY = Fraction(0), Fraction(3, 10), Fraction(1, 2), Fraction(7, 10), Fraction(9, 10)
GRADIENT_CHECKS = ("gradient_check", "gradient_check_n")


def rows(function, aspect, *table):
    """Misconceptions of one function and aspect: id, credit, title, hint, and the edits or the whole source."""
    return [
        Misconception(key, function, title, hint, credit, aspect, **{"source" if isinstance(change, str) else "edits": change})
        for key, credit, title, hint, change in table
    ]


def twins(aspect, *table):
    """The same misconception of both gradient checks: id (with _n in n dimensions), credit, title, hint, the edits of either."""
    return [
        misconception
        for key, credit, title, hint, *both in table
        for function, suffix, change in zip(GRADIENT_CHECKS, ("", "_n"), both, strict=True)
        for misconception in rows(function, aspect, (key + suffix, credit, title, hint, change))
    ]


def norms(formula):
    """The edit that puts another formula in the place of the relative difference."""
    return {"relative_difference": f"(lambda grad, gradapprox, norm=np.linalg.norm: {formula})"}


def norm_twins(*table):
    """Misconceptions of how the difference is formed, given by their formula."""
    return twins("norm", *((key, credit, title, hint, norms(formula), norms(formula)) for key, credit, title, hint, formula in table))


def of_blocks(choose):
    """The formula that chooses among the relative differences of single parameters."""
    blocks = "zip(*(vector_to_dictionary(vector).values() for vector in (grad, gradapprox)))"
    return f"{choose}([norm(one - other) / (norm(one) + norm(other)) for one, other in {blocks}])"


def whole(returned):
    """Both gradient checks as stubs that return one thing."""
    arguments = ("x, theta", "parameters, gradients, X, Y")
    return tuple(
        f"def {name}({given}, epsilon=1e-7):\n    return {returned}\n" for name, given in zip(GRADIENT_CHECKS, arguments, strict=True)
    )


_BY_HAND = "Work out J by hand for x = 2 and theta = 4, then for x = 3 and theta = -0.5, and compare."
_VARIABLE = "Which of the two letters is the variable that J is differentiated by? The other one is a constant there."
_CONSTANT = "The inputs change from case to case, so no fixed number can be right. Compute the result from the arguments."
_RATIO = "Compare your last lines with the formula of the relative difference, term by term: what stands above the line, what below it?"
_EUCLID = "The formula asks for Euclidean norms. Take the vector (3, 4), whose norm is 5, and see what your expression makes of it."
_WIDTH = "How far apart are the two points at which you evaluate the cost? That distance is what the change of the cost is divided by."
_ONE_SIDE = "A difference to one side errs in proportion to epsilon. Look up on which sides of theta the cost is to be evaluated."
_ONE_AT_A_TIME = "A partial derivative asks what happens when a single number moves and all the others keep their values."
_FRESH = "Print theta at the start of every turn of the loop: each turn has to start from the values that were given."
_BOTH_SIDES = "Print both points: one has to lie above theta and one below it, each at the distance epsilon."
_FIXED = "The caller chooses epsilon, and 1e-7 is only its default: the value must not be fixed in the body."
_LINEAR = "The model of this exercise is linear: there is no activation."
_NO_LOSS = "J is the model's output itself in this exercise; no loss is applied to it."
_DECIMALS = "x and theta may be any real numbers, and so may J."
_FIRST_LINE = "Compare your call with the function's first line."
_SIGNS = "Two numbers may be equally large and of different signs. Which comes first, subtracting or taking the norm?"
_COUNT = "Count the entries of gradapprox that were computed, and compare with the number of parameters."
_OWN_NETWORK = """epsilon=1e-7):
    def forward_propagation_n(X, Y, parameters):
        A = X
        for layer in "12":
            A = np.maximum(0, parameters["W" + layer] @ A + parameters["b" + layer])
        A = 1 / (1 + np.exp(-(parameters["W3"] @ A + parameters["b3"])))
        return np.sum(-np.log(A) * Y - np.log(1 - A) * (1 - Y)) / X.shape[1], ()
"""
# An untouched notebook does the same: nothing is claimed of why.
_NONE = "The function hands back None. Is its line still to be filled in, or is the number only shown on the screen?"
_NOT_RETURNED = "What is shown on the screen does not reach the caller. The function has to hand back the number itself."
_ORDER = "Entry i of both vectors has to belong to the same parameter. There is a support function for each of the two vectors."
_WEIGHTS_ONLY = "nudge[i] = epsilon\n        if names[i][0] == 'b':\n            continue"
_NORMS_FIRST = "The formula is a ratio of norms of whole vectors. Take the norms first, then divide."
_IF_SMALL = "(lambda difference: difference if difference < 2e-7 else None)(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)))"
_IF_LARGE = _IF_SMALL.replace("<", ">")
_MASK = "The gradient passes a ReLU unchanged where the unit was active, and is stopped where it was not. Look up which array tells."
_MEAN = "The cost is a mean over the examples, so every gradient is one as well. Count the examples, and check every block for that factor."
_FITS = "Shapes that fit do not prove a formula. Which axis of the two factors has to be summed over?"
_SHAPE = "A gradient has the shape of the parameter that it belongs to. Print both shapes."

FORWARD = [
    *rows("forward_propagation", "formula",
        ("forward_sum", LITTLE, "theta and x are added", _BY_HAND, {"theta * x": "theta + x"}),
        ("forward_difference", LITTLE, "x is subtracted from theta", _BY_HAND, {"theta * x": "theta - x"}),
        ("forward_quotient", LITTLE, "theta is divided by x", _BY_HAND, {"theta * x": "theta / x"}),
        ("forward_power", LITTLE, "x is raised to the power of theta", "In Python ** is a power. " + _BY_HAND, {"theta * x": "x**theta"}),
        ("forward_power_of_theta", LITTLE, "theta is raised to the power of x", "In Python ** is a power. " + _BY_HAND,
         {"theta * x": "theta**x"}),
        ("forward_theta_squared", HALF, "theta is squared on the way", _BY_HAND, {"theta * x": "theta**2 * x"}),
        ("forward_x_squared", HALF, "x is squared on the way", _BY_HAND, {"theta * x": "theta * x**2"}),
        ("forward_squared", HALF, "the square of the model's output is returned",
         _NO_LOSS, {"theta * x": "(theta * x) ** 2"}),
        ("forward_half_squared", HALF, "half of the square of the model's output is returned", _NO_LOSS,
         {"theta * x": "(theta * x) ** 2 / 2"}),
        ("forward_sigmoid", HALF, "a sigmoid is applied to the model's output", _LINEAR, {"theta * x": "1 / (1 + np.exp(-theta * x))"}),
        ("forward_relu", HALF, "0 is returned where J is negative, as by a ReLU", _LINEAR, {"theta * x": "np.maximum(0, theta * x)"}),
        ("forward_absolute", HALF, "the sign of J is dropped", _BY_HAND, {"theta * x": "abs(theta * x)"}),
        ("forward_negative", HALF, "the sign of J is wrong", _BY_HAND, {"theta * x": "-theta * x"}),
        ("forward_truncated", MOST, "the decimals of J are cut off", _DECIMALS, {"theta * x": "int(theta * x)"}),
        ("forward_rounded", MOST, "J is rounded to a whole number", _DECIMALS, {"theta * x": "round(theta * x)"}),
    ),
    *rows("forward_propagation", "whole",
        ("forward_theta", NOTHING, "theta is returned as it came", "J depends on both arguments. " + _BY_HAND, {"theta * x": "theta"}),
        ("forward_x", NOTHING, "x is returned as it came", "J depends on both arguments. " + _BY_HAND, {"theta * x": "x"}),
        ("forward_constant", NOTHING, "the published 8 is returned whatever the inputs", _CONSTANT, {"theta * x": "8"}),
        ("forward_zero", NOTHING, "0 is returned whatever the inputs", _CONSTANT, {"theta * x": "0"}),
        ("forward_returns_nothing", NOTHING, "nothing is returned: J is None", _NONE, {"return theta": "J = theta"}),
    ),
]  # fmt: skip

BACKWARD = [
    *rows("backward_propagation", "formula",
        ("backward_theta", LITTLE, "the derivative with respect to x is returned", _VARIABLE, {"return x": "return theta"}),
        ("backward_product", LITTLE, "the cost is returned instead of its derivative",
         "J is a straight line in theta. What is the slope of a straight line, and where does theta occur in it?",
         {"return x": "return theta * x"}),
        ("backward_sum", LITTLE, "theta and x are added", _VARIABLE, {"return x": "return x + theta"}),
        ("backward_x_squared", LITTLE, "x is squared on the way", _VARIABLE, {"return x": "return x**2"}),
        ("backward_square_rule", LITTLE, "the derivative is that of a cost with theta squared",
         "To which power does theta occur in J? Apply the rule for that power.", {"return x": "return 2 * theta * x"}),
        ("backward_doubled", HALF, "the derivative is twice too large",
         "Where does your factor 2 come from? J holds no square.", {"return x": "return 2 * x"}),
        ("backward_halved", HALF, "the derivative is half as large as it should be",
         "Where does your factor 1/2 come from? J is theta times x, and nothing else.", {"return x": "return x / 2"}),
        ("backward_quotient", LITTLE, "x is divided by theta", _VARIABLE, {"return x": "return x / theta"}),
        ("backward_absolute", HALF, "the sign of the derivative is dropped",
         "Does J grow or fall when theta grows and x is negative?", {"return x": "return abs(x)"}),
        ("backward_relu", HALF, "0 is returned where the derivative is negative, as by a ReLU", _LINEAR,
         {"return x": "return np.maximum(0, x)"}),
        ("backward_truncated", MOST, "the decimals of the derivative are cut off",
         "x may be any real number, and so may the derivative.", {"return x": "return int(x)"}),
        ("backward_negative", HALF, "the sign of the derivative is wrong",
         "Does J grow or fall when theta grows and x is positive?", {"return x": "return -x"}),
        ("backward_cost_by_theta", NEARLY, "the cost is divided by theta, which fails where theta is 0",
         "The derivative exists at theta = 0 as well. Differentiate instead of dividing.", {"return x": "return theta * x / theta"}),
        ("backward_numerical", HALF, "the derivative is approximated by a difference quotient",
         "This function gives the exact derivative, which the check is later to confirm: differentiate J on paper.",
         {"return x": "return (forward_propagation(x, theta + 1e-7) - forward_propagation(x, theta - 1e-7)) / 2e-7"}),
    ),
    *rows("backward_propagation", "whole",
        ("backward_one", NOTHING, "1 is returned whatever the inputs",
         "1 is the derivative of theta alone. What becomes of the factor beside it?", {"return x": "return 1"}),
        ("backward_constant_2", NOTHING, "the published 2 is returned whatever the inputs", _CONSTANT, {"return x": "return 2"}),
        ("backward_constant_3", NOTHING, "the published 3 is returned whatever the inputs", _CONSTANT, {"return x": "return 3"}),
        ("backward_zero", NOTHING, "0 is returned whatever the inputs", _CONSTANT, {"return x": "return 0"}),
        ("backward_returns_nothing", NOTHING, "nothing is returned: the derivative is None", _NONE, {"return x": "dtheta = x"}),
    ),
]  # fmt: skip

# (a - b) / 2ε becomes (a - b) / ε in the form 2 · (a - b) / 2ε, which leaves the divisor to the aspect "approximation".
POINTS = [
    *twins("points",
        ("one_sided_forward", HALF, "the difference is one-sided, from theta upwards", _ONE_SIDE,
         {"x, theta - epsilon": "x, theta", "gradapprox = ": "gradapprox = 2 * "},
         {"values - nudge": "values", "gradapprox[i] = ": "gradapprox[i] = 2 * "}),
        ("one_sided_backward", HALF, "the difference is one-sided, from theta downwards", _ONE_SIDE,
         {"x, theta + epsilon": "x, theta", "gradapprox = ": "gradapprox = 2 * "},
         {"values + nudge": "values", "gradapprox[i] = ": "gradapprox[i] = 2 * "}),
        ("half_width", MOST, "theta is moved by half of epsilon, not by epsilon",
         "The difference is a central one, but narrower than asked for: check by how much theta is moved to either side.",
         {"x, theta + epsilon": "x, theta + epsilon / 2", "x, theta - epsilon": "x, theta - epsilon / 2",
          "gradapprox = ": "gradapprox = 2 * "},
         {"nudge[i] = epsilon": "nudge[i] = epsilon / 2", "gradapprox[i] = ": "gradapprox[i] = 2 * "}),
        ("double_width", MOST, "theta is moved by twice epsilon, not by epsilon",
         "The difference is a central one, but wider than asked for: check by how much theta is moved to either side.",
         {"x, theta + epsilon": "x, theta + 2 * epsilon", "x, theta - epsilon": "x, theta - 2 * epsilon",
          "gradapprox = ": "gradapprox = 0.5 * "},
         {"nudge[i] = epsilon": "nudge[i] = 2 * epsilon", "gradapprox[i] = ": "gradapprox[i] = 0.5 * "}),
        ("moved_twice", HALF, "theta is moved by twice epsilon, yet the difference is divided by 2 * epsilon", _WIDTH,
         {"x, theta + epsilon": "x, theta + 2 * epsilon", "x, theta - epsilon": "x, theta - 2 * epsilon"},
         {"nudge[i] = epsilon": "nudge[i] = 2 * epsilon"}),
        ("moved_by_half", HALF, "theta is moved by half of epsilon, yet the difference is divided by 2 * epsilon", _WIDTH,
         {"x, theta + epsilon": "x, theta + epsilon / 2", "x, theta - epsilon": "x, theta - epsilon / 2"},
         {"nudge[i] = epsilon": "nudge[i] = epsilon / 2"}),
        ("upper_moved_twice", HALF, "theta is moved by twice epsilon upwards, and by epsilon downwards", _BOTH_SIDES,
         {"x, theta + epsilon": "x, theta + 2 * epsilon"}, {"values + nudge": "values + 2 * nudge"}),
        ("proportional_step", HALF, "theta is multiplied by 1 + epsilon and 1 - epsilon instead of moved by epsilon",
         "The step must have the same size whatever theta is. Try theta = 100: how far do your two points lie from it?",
         {"x, theta + epsilon": "x, theta * (1 + epsilon)", "x, theta - epsilon": "x, theta * (1 - epsilon)"},
         {"nudge[i] = epsilon": "nudge[i] = epsilon * values[i]"}),
        ("never_moved", LITTLE, "both costs are those of theta itself, so they do not differ",
         "Print the two costs before you subtract them. Are the moved parameters the ones that you hand over?",
         {"x, theta + epsilon": "x, theta", "x, theta - epsilon": "x, theta"},
         {"vector_to_dictionary(values + nudge)": "parameters", "vector_to_dictionary(values - nudge)": "parameters"}),
        ("upper_not_moved", HALF, "J_plus is taken at theta itself, yet the difference is divided by 2 * epsilon",
         _BOTH_SIDES, {"x, theta + epsilon": "x, theta"}, {"values + nudge": "values"}),
        ("same_side_twice", HALF, "both costs are taken at theta plus epsilon, so they do not differ",
         "Print the two costs before you subtract them, and look at which variable each of the two calls is given.",
         {"x, theta - epsilon": "x, theta + epsilon"}, {"values - nudge": "values + nudge"}),
        ("own_epsilon", MOST, "theta is moved by 1e-7 whatever epsilon is given, as where epsilon is set inside the function", _FIXED,
         {"epsilon=1e-7):": "epsilon=1e-7):\n    epsilon = 1e-7"}, {"epsilon=1e-7):": "epsilon=1e-7):\n    epsilon = 1e-7"}),
    ),
    *rows("gradient_check", "points",
        ("theta_moved_back", HALF, "J_minus is taken at theta itself, yet the difference is divided by 2 * epsilon",
         "Print the two points. If theta was changed to form the upper one, the lower one has to start from the original again.",
         {"x, theta - epsilon": "x, theta"}),
        ("perturbs_x", HALF, "x is moved instead of theta", "Which of the two is the parameter that the derivative is taken by?",
         {"x, theta + epsilon": "x + epsilon, theta", "x, theta - epsilon": "x - epsilon, theta"}),
        ("forward_arguments_swapped", MOST, "forward_propagation is given theta and x in the wrong order",
         "A product does not show the order of its factors, another cost does. Compare your calls with the function's first line.",
         {"x, theta + epsilon": "theta + epsilon, x", "x, theta - epsilon": "theta - epsilon, x"}),
        ("forward_written_out", HALF, "the cost is written out as a product, and forward_propagation never called",
         "The check has to work for any cost: let it ask forward_propagation for both values.",
         {"epsilon=1e-7):": "epsilon=1e-7):\n    forward_propagation = np.multiply"}),
        ("costs_from_backward", HALF, "J_plus and J_minus are taken from backward_propagation, and forward_propagation never called",
         "One of the two functions gives the cost, the other its derivative.",
         {"epsilon=1e-7):": "epsilon=1e-7):\n    forward_propagation = backward_propagation"}),
        ("cost_not_computed", LITTLE, "the two moved thetas are subtracted, not their costs",
         "A step is missing between moving theta and subtracting: what is to be computed at each of the two points?",
         {"epsilon=1e-7):": "epsilon=1e-7):\n    forward_propagation = lambda x, theta: theta"}),
    ),
    *rows("gradient_check_n", "points",
        ("network_written_out", HALF, "the network's cost is computed in the check itself, and forward_propagation_n never called",
         "The check has to work for any cost: let it ask forward_propagation_n for both values of every parameter.",
         {"epsilon=1e-7):": _OWN_NETWORK}),
        ("theta_aliased", HALF, "J_minus is taken at theta itself, as where theta is not copied before a component is moved",
         "Assigning an array to a second name does not copy it, and J_minus does not start from theta_plus. "
         "Print both moved vectors in the first turn of the loop.",
         {"values + nudge": "values := values + nudge", "values - nudge": "values := values - nudge"}),
        ("theta_aliased_plus", HALF, "theta is moved upwards without a copy, so the moves pile up and J_minus is taken short of them",
         "Assigning an array to a second name does not copy it. " + _FRESH, {"values + nudge": "values := values + nudge"}),
        ("theta_not_restored", MOST, "a component that was moved downwards in place is not put back, so the moves pile up", _FRESH,
         {"values - nudge": "values := values - nudge"}),
        ("minus_after_loop", HALF, "J_minus is computed for the last component alone, as where its lines stand after the loop",
         "Look at the indentation of the lines that move theta downwards: both costs belong to every component.",
         {"below, _ = ": "if i + 1 < len(values):\n            continue\n        below, _ = "}),
        ("copied_once", HALF, "earlier components stay moved, as where the moved vectors are made once before the loop", _FRESH,
         {"nudge = np.zeros_like(values)": "nudge = nudge if i else np.zeros_like(values)"}),
        ("whole_vector_perturbed", LITTLE, "all components are moved at once", _ONE_AT_A_TIME,
         {"nudge[i] = epsilon": "nudge[:] = epsilon"}),
        ("block_perturbed", LITTLE, "a whole parameter (all of W1, say) is moved at once", _ONE_AT_A_TIME,
         {"nudge[i] = epsilon": "nudge[i] = epsilon\n        for block in vector_to_dictionary(nudge).values():\n"
                                "            block[:] = block.max()"}),
        ("row_perturbed", LITTLE, "a whole row of a parameter is moved at once", _ONE_AT_A_TIME + " A matrix needs two indices.",
         {"nudge[i] = epsilon": "nudge[i] = epsilon\n        for block in vector_to_dictionary(nudge).values():\n"
                                "            block[:] = block.max(axis=1, keepdims=True)"}),
        ("always_first", LITTLE, "it is always the first component that is moved",
         "Which index does each turn of the loop have to use? Print it.", {"nudge[i] = epsilon": "nudge[0] = epsilon"}),
        ("component_replaced", LITTLE, "a component is set to epsilon and -epsilon instead of moved by it",
         "Theta plus epsilon lies next to theta. Print a component before and after you change it.",
         {"values + nudge": "np.where(nudge > 0, nudge, values)", "values - nudge": "np.where(nudge > 0, -nudge, values)"}),
        ("first_skipped", MOST, "the loop leaves out the first component", "Python counts from 0. " + _COUNT,
         {"range(values.shape[0])": "range(1, values.shape[0])"}),
        ("last_skipped", MOST, "the loop leaves out the last component", "range() stops before its end. " + _COUNT,
         {"range(values.shape[0])": "range(values.shape[0] - 1)"}),
        ("one_turn_per_block", LITTLE, "only the first six components are moved, as where the loop runs over the keys of the dictionary",
         _COUNT, {"range(values.shape[0])": "range(len(parameters))"}),
        ("returns_in_loop", HALF, "the function returns inside the loop, after the first component",
         "Look at the indentation of the lines after the loop. " + _COUNT, {"    return ": "        return "}),
        ("biases_skipped", HALF, "the biases are never moved, only the weights",
         "The vector of gradients holds those of the biases as well. " + _COUNT,
         {"values, _ =": "values, names =", "nudge[i] = epsilon": _WEIGHTS_ONLY}),
        ("biases_left_out", HALF, "the biases are left out everywhere: they are not moved, and their gradients are not compared",
         "The network has six parameters, and three of them are biases. " + _COUNT,
         {"values, _ =": "values, names =", "nudge[i] = epsilon": _WEIGHTS_ONLY,
          "gradients_to_vector(gradients)": "gradients_to_vector({name: dW * (name[1] == 'W') for name, dW in gradients.items()})"}),
        ("own_parameters", MOST, "the parameters are those of the notebook's test case, whatever parameters are given",
         "The function has to work for any network: use the parameters that it is given.",
         {"epsilon=1e-7):": "epsilon=1e-7):\n    from testCases import gradient_check_n_test_case as given\n    parameters = given()[2]"}),
        ("own_labels", MOST, "the labels are written into the function, and the argument Y is ignored",
         "The function has to work for any data: use the X and Y that it is given.",
         {"epsilon=1e-7):": "epsilon=1e-7):\n    Y = np.array([1, 1, 0])"}),
        ("own_examples", MOST, "the examples and labels are those of the notebook's test case, whatever X and Y are given",
         "The function has to work for any data: use the X and Y that it is given.",
         {"epsilon=1e-7):": "epsilon=1e-7):\n    from testCases import gradient_check_n_test_case as given\n    X, Y, _ = given()"}),
        ("examples_and_labels_swapped", HALF, "forward_propagation_n is given Y and X in the wrong order", _FIRST_LINE,
         {"epsilon=1e-7):": "epsilon=1e-7):\n    X, Y = Y, X"}),
        ("labels_transposed", MOST, "the labels are transposed before forward_propagation_n gets them",
         "forward_propagation_n takes X and Y as they are given. Try labels of shape (1, 3), as one row.",
         {"epsilon=1e-7):": "epsilon=1e-7):\n    Y = Y.T"}),
    ),
]  # fmt: skip

APPROXIMATION = [
    *twins("approximation",
        ("divides_by_epsilon", HALF, "the difference of the costs is divided by epsilon, not by 2 * epsilon", _WIDTH,
         {"(2 * epsilon)": "epsilon"}, {"(2 * epsilon)": "epsilon"}),
        ("precedence", HALF, "/ 2 * epsilon divides by 2 and then multiplies by epsilon",
         "Python works through * and / from left to right. Say with parentheses what belongs below the line.",
         {"/ (2 * epsilon)": "/ 2 * epsilon"}, {"/ (2 * epsilon)": "/ 2 * epsilon"}),
        ("not_divided", LITTLE, "the difference of the costs is not divided by anything", _WIDTH,
         {" / (2 * epsilon)": ""}, {" / (2 * epsilon)": ""}),
        ("divides_by_two", HALF, "the difference of the costs is divided by 2, and epsilon left out", _WIDTH,
         {"(2 * epsilon)": "2"}, {"(2 * epsilon)": "2"}),
        ("divides_by_epsilon_squared", HALF, "the difference of the costs is divided by the square of epsilon", _WIDTH,
         {"(2 * epsilon)": "epsilon**2"}, {"(2 * epsilon)": "epsilon**2"}),
        ("multiplies_by_width", HALF, "the difference of the costs is multiplied by 2 * epsilon, not divided by it", _WIDTH,
         {"/ (2 * epsilon)": "* (2 * epsilon)"}, {"/ (2 * epsilon)": "* (2 * epsilon)"}),
        ("fixed_width", MOST, "the difference of the costs is divided by 2e-7, whatever epsilon is", _FIXED,
         {"(2 * epsilon)": "2e-7"}, {"(2 * epsilon)": "2e-7"}),
        ("parentheses_missing", HALF, "only J_minus is divided, because the parentheses around J_plus - J_minus are missing",
         "Division comes before subtraction in Python. Say with parentheses what belongs above the line.",
         {") / (2 * epsilon)": ")", ") - f": ") - 0.5 / epsilon * f"}, {"(above - below) /": "above - below /"}),
        ("sign_flipped", HALF, "a sign is wrong: J_plus is subtracted from J_minus, or gradapprox added to grad",
         "Equal gradients should give 0. If the cost grows with theta, does your gradapprox come out positive, as the derivative is?",
         {"(2 * epsilon)": "(-2 * epsilon)"}, {"(above - below)": "(below - above)"}),
        ("costs_added", LITTLE, "the two costs are added, not subtracted",
         "A slope is a change of the cost over a distance. What is the change between the two points?",
         {") - f": ") + f"}, {"above - below": "above + below"}),
        ("slope_without_sign", HALF, "the sign of gradapprox is dropped",
         "A derivative may be negative, and then both gradients have to be. Where do you take an absolute value?",
         {", gradapprox)": ", abs(gradapprox))"}, {", gradapprox)": ", abs(gradapprox))"}),
    ),
    *rows("gradient_check_n", "approximation",
        ("gradapprox_never_filled", LITTLE, "gradapprox is all zeros, although the cost is evaluated on both sides",
         "Print both costs in the first turn of the loop, and gradapprox after it. Which costs are subtracted, and where is each "
         "result stored?",
         {", gradapprox)": ", 0 * gradapprox)"}),
        ("gradapprox_overwritten", HALF, "gradapprox is overwritten in every turn, so one number is compared with the whole gradient",
         "Print the shape of gradapprox after the loop: every turn has to fill an entry of its own.",
         {", gradapprox)": ", gradapprox[-1])"}),
        ("last_entry_only", HALF, "only the last entry of gradapprox is filled, as where its line stands after the loop",
         "Look at the indentation of the line that fills gradapprox. Print gradapprox after the loop: no entry is to be left as it was.",
         {", gradapprox)": ", gradapprox * (gradapprox == gradapprox[-1]))"}),
        ("gradapprox_summed", LITTLE, "the approximations are added up instead of stored one by one",
         "Print the first entries of gradapprox after the loop: every turn has to fill an entry of its own.",
         {", gradapprox)": ", np.full_like(gradapprox, gradapprox.sum()))"}),
        ("averaged_over_examples", HALF, "gradapprox is divided by the number of examples, too",
         "forward_propagation_n gives a mean over the examples already. What else do the two costs have to be divided by?",
         {", gradapprox)": ", gradapprox / X.shape[1])"}),
        ("parameters_by_columns", MOST, "each matrix of parameters is gone through by columns, its gradients by rows", _ORDER,
         {", gradapprox)": ", gradients_to_vector({'d' + name: block.ravel('F') "
                           "for name, block in vector_to_dictionary(gradapprox).items()}))"}),
        ("parameters_sorted", MOST, "the parameters are gone through in alphabetical order: all weights, then all biases", _ORDER,
         {", gradapprox)": ", np.concatenate([block.reshape(-1, 1) "
                           "for _, block in sorted(vector_to_dictionary(gradapprox).items())]))"}),
        ("gradapprox_flat", MOST, "grad and gradapprox differ in shape, so their difference is a table of all pairs",
         "One is a column, the other is flat or a row. Print the shape of their difference: it has to have as many entries as there are "
         "parameters.",
         {", gradapprox)": ", gradapprox.ravel())"}),
    ),
]  # fmt: skip

GRADIENT = [
    *rows("gradient_check", "gradient",
        ("grad_is_x", MOST, "grad is set to x, and backward_propagation never called",
         "The check is there to test backward_propagation, so it has to ask it for the gradient, whatever that should be here.",
         {"backward_propagation(x, theta)": "x"}),
        ("grad_is_gradapprox", LITTLE, "grad is set to gradapprox, and backward_propagation never called",
         "A number always agrees with itself. Which function computes the gradient that is to be checked?",
         {"backward_propagation(x, theta)": "gradapprox"}),
        ("backward_given_gradapprox", HALF, "backward_propagation is given gradapprox in the place of x",
         "Both gradients belong to the same x and theta. Compare your call with the function's first line.",
         {"backward_propagation(x, theta)": "backward_propagation(gradapprox, theta)"}),
        ("backward_arguments_swapped", MOST, "backward_propagation is given theta and x in the wrong order", _FIRST_LINE,
         {"backward_propagation(x, theta)": "backward_propagation(theta, x)"}),
        ("grad_at_theta_plus", MOST, "backward_propagation is called at theta plus epsilon, not at theta",
         "The central difference approximates the derivative at the middle of its two points.",
         {"backward_propagation(x, theta)": "backward_propagation(x, epsilon + theta)"}),
        ("grad_at_theta_minus", MOST, "backward_propagation is called at theta minus epsilon, not at theta",
         "The central difference approximates the derivative at the middle of its two points. If theta was changed to form them, it has "
         "to be put back.", {"backward_propagation(x, theta)": "backward_propagation(x, -epsilon + theta)"}),
        ("grad_is_the_cost", HALF, "grad is taken from forward_propagation",
         "One of the two functions gives the cost, the other its derivative.",
         {"backward_propagation(x, theta)": "forward_propagation(x, theta)"}),
    ),
    *rows("gradient_check_n", "gradient",
        ("grad_is_gradapprox_n", LITTLE, "grad or gradapprox is a copy of the other one, so nothing is compared",
         "A vector always agrees with itself. The gradients that are to be checked come in as an argument.",
         {"gradients_to_vector(gradients)": "gradapprox"}),
        ("gradients_in_dictionary_order", MOST, "the gradients are joined in the dictionary's order, not in that of the parameters", _ORDER,
         {"gradients_to_vector(gradients)": "np.concatenate([block.reshape(-1, 1) for block in gradients.values()])"}),
        ("gradients_sorted", MOST, "the gradients are joined in alphabetical order: all weights, then all biases", _ORDER,
         {"gradients_to_vector(gradients)": "np.concatenate([gradients[name].reshape(-1, 1) for name in sorted(gradients)])"}),
        ("gradients_biases_first", MOST, "in every layer the gradients of the biases are joined before those of the weights", _ORDER,
         {"gradients_to_vector(gradients)":
          "np.concatenate([gradients[kind + layer].reshape(-1, 1) for layer in '123' for kind in ('db', 'dW')])"}),
        ("gradients_by_columns", MOST, "each matrix of gradients is unrolled by columns, the parameters by rows", _ORDER,
         {"gradients_to_vector(gradients)": 'gradients_to_vector({name: dW.ravel("F") for name, dW in gradients.items()})'}),
    ),
]  # fmt: skip

NORM = [
    *norm_twins(
        ("no_denominator", HALF, "the distance of the gradients is not divided by their norms", _RATIO, "norm(grad - gradapprox)"),
        ("product_denominator", MOST, "the norms are multiplied in the denominator", _RATIO,
         "norm(grad - gradapprox) / (norm(grad) * norm(gradapprox))"),
        ("gradapprox_norm_only", MOST, "the denominator is the norm of gradapprox alone", _RATIO,
         "norm(grad - gradapprox) / norm(gradapprox)"),
        ("grad_norm_twice", MOST, "the denominator has the norm of grad twice", _RATIO,
         "norm(grad - gradapprox) / (norm(grad) + norm(grad))"),
        ("gradapprox_norm_twice", MOST, "the denominator has the norm of gradapprox twice", _RATIO,
         "norm(grad - gradapprox) / (norm(gradapprox) + norm(gradapprox))"),
        ("mean_of_norms", MOST, "the result is twice too large, as where the mean of the norms stands in the denominator", _RATIO,
         "norm(grad - gradapprox) / ((norm(grad) + norm(gradapprox)) / 2)"),
        ("norm_of_both", MOST, "the denominator is the norm of both gradients joined, not the sum of their norms", _RATIO,
         "norm(grad - gradapprox) / norm([norm(grad), norm(gradapprox)])"),
        ("denominator_subtracted", MOST, "the norms are subtracted in the denominator", _RATIO,
         "norm(grad - gradapprox) / (norm(grad) - norm(gradapprox))"),
        ("denominator_parentheses_missing", HALF, "only the first norm divides, because the parentheses around the denominator are missing",
         "Division comes before addition in Python. Say with parentheses what belongs below the line.",
         "norm(grad - gradapprox) / norm(grad) + norm(gradapprox)"),
        ("epsilon_in_denominator", NEARLY, "epsilon is added to the denominator",
         "A guard against division by zero must not change the result, and epsilon need not be small. " + _RATIO,
         "norm(grad - gradapprox) / (norm(grad) + norm(gradapprox) + epsilon)"),
        ("ratio_inverted", HALF, "the ratio is upside down", "Equal gradients should give 0. " + _RATIO,
         "(norm(grad) + norm(gradapprox)) / norm(grad - gradapprox)"),
        ("norms_subtracted", HALF, "the numerator is the difference of the norms, not the norm of the difference",
         "Two gradients may have equal norms and point in different directions. Which comes first, subtracting or taking the norm?",
         "(norm(grad) - norm(gradapprox)) / (norm(grad) + norm(gradapprox))"),
        ("numerator_without_norm", HALF, "no norm is taken of the difference of the gradients",
         "The result is a single number that is never negative. What makes such a number of the difference of the gradients?",
         "(grad - gradapprox) / (norm(grad) + norm(gradapprox))"),
        ("squared_norms", MOST, "squares stand in the place of all the norms: the square root is forgotten", _EUCLID,
         "norm(grad - gradapprox) ** 2 / (norm(grad) ** 2 + norm(gradapprox) ** 2)"),
        ("numerator_squared", MOST, "the numerator is the square of the norm: a square root is forgotten", _EUCLID,
         "norm(grad - gradapprox) ** 2 / (norm(grad) + norm(gradapprox))"),
        ("denominator_squared", MOST, "the denominator has the squares of the norms: a square root is forgotten", _EUCLID,
         "norm(grad - gradapprox) / (norm(grad) ** 2 + norm(gradapprox) ** 2)"),
        ("difference_rooted", MOST, "the square root of the relative difference is returned", _RATIO,
         "(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox))) ** 0.5"),
        ("difference_squared", MOST, "the relative difference is squared", _RATIO,
         "(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox))) ** 2"),
    ),
    *rows("gradient_check", "norm",
        ("grad_norm_only", MOST, "the denominator is the norm of grad alone", _RATIO, norms("norm(grad - gradapprox) / norm(grad)")),
        ("larger_norm", MOST, "the denominator is the larger of the norms, not their sum", _RATIO,
         norms("norm(grad - gradapprox) / max(norm(grad), norm(gradapprox))")),
        ("smaller_norm", MOST, "the denominator is the smaller of the norms, not their sum", _RATIO,
         norms("norm(grad - gradapprox) / min(norm(grad), norm(gradapprox))")),
        ("denominator_without_norms", NEARLY, "the denominator has the gradients themselves in the place of their norms",
         "The denominator must not depend on signs. Which of its terms can be negative?",
         norms("norm(grad - gradapprox) / (grad + gradapprox)")),
        ("norm_of_gradapprox_missing", NEARLY, "the denominator has gradapprox itself in the place of its norm",
         "The denominator must not depend on signs. Which of its terms can be negative?",
         norms("norm(grad - gradapprox) / (norm(grad) + gradapprox)")),
        ("signs_dropped", MOST, "the numerator is the difference of the absolute values, so that a wrong sign goes unnoticed",
         _SIGNS, norms("abs(norm(grad) - norm(gradapprox)) / (norm(grad) + norm(gradapprox))")),
        ("norm_of_sum", NEARLY, "the denominator is the norm of the sum, not the sum of the norms", _RATIO,
         norms("norm(grad - gradapprox) / norm(grad + gradapprox)")),
        ("no_norms", HALF, "no norms are taken at all, so the signs of the gradients decide the result",
         "The result must not be negative. Which of your terms can be?", norms("(grad - gradapprox) / (grad + gradapprox)")),
        ("compares_grad_with_itself", LITTLE, "grad is compared with itself, and gradapprox not used",
         "A number always agrees with itself. Check that both gradients occur in the numerator.", norms("norm(grad - grad) / norm(grad)")),
    ),
    *rows("gradient_check_n", "norm",
        ("grad_norm_only_n", MOST, "the denominator is the norm of grad alone, or the larger of the norms", _RATIO,
         norms("norm(grad - gradapprox) / norm(grad)")),
        ("norm_of_sum_n", MOST, "the denominator is the norm of the sum, not the sum of the norms", _RATIO,
         norms("norm(grad - gradapprox) / norm(grad + gradapprox)")),
        ("signs_dropped_n", MOST, "the numerator compares absolute values, so that a wrong sign goes unnoticed", _SIGNS,
         norms("norm(abs(grad) - abs(gradapprox)) / (norm(grad) + norm(gradapprox))")),
        ("one_minus_cosine", HALF, "1 minus the cosine of the angle between the gradients is returned",
         "Two vectors may point the same way and differ in length. " + _RATIO,
         norms("1 - (grad * gradapprox).sum() / (norm(grad) * norm(gradapprox))")),
        ("divided_by_count", HALF, "the distance of the gradients is divided by the number of parameters", _RATIO,
         norms("norm(grad - gradapprox) / len(grad)")),
        ("absolute_sums", MOST, "sums or means of absolute values stand in the place of the norms", _EUCLID,
         norms("abs(grad - gradapprox).sum() / (abs(grad).sum() + abs(gradapprox).sum())")),
        ("largest_components", MOST, "the largest absolute values stand in the place of the norms", _EUCLID,
         norms("abs(grad - gradapprox).max() / (abs(grad).max() + abs(gradapprox).max())")),
        ("signed_sums", LITTLE, "the components are summed with their signs instead of taking norms", _EUCLID,
         norms("(grad - gradapprox).sum() / (grad.sum() + gradapprox.sum())")),
        ("summed_before_squared", HALF, "the components are summed before they are squared, so that their signs cancel", _EUCLID,
         norms("abs((grad - gradapprox).sum()) / (abs(grad.sum()) + abs(gradapprox.sum()))")),
        ("vector_of_ratios", HALF, "a ratio is formed for every component, and the vector of them returned",
         "The formula has one norm above the line and two below it, each of a whole vector; the result is one number.",
         norms("abs(grad - gradapprox) / (abs(grad) + abs(gradapprox))")),
        ("flat_vector_of_ratios", HALF, "a ratio is formed for every component, and the vector of them returned",
         "The formula has one norm above the line and two below it, each of a whole vector; the result is one number.",
         norms("(abs(grad - gradapprox) / (abs(grad) + abs(gradapprox))).ravel()")),
        ("sum_of_ratios", HALF, "a ratio is formed for every component, and the sum of them returned", _NORMS_FIRST,
         norms("(abs(grad - gradapprox) / (abs(grad) + abs(gradapprox))).sum()")),
        ("mean_of_ratios", HALF, "a ratio is formed for every component, and the mean of them returned", _NORMS_FIRST,
         norms("(abs(grad - gradapprox) / (abs(grad) + abs(gradapprox))).mean()")),
        ("largest_ratio", HALF, "a ratio is formed for every component, and the largest of them returned", _NORMS_FIRST,
         norms("(abs(grad - gradapprox) / (abs(grad) + abs(gradapprox))).max()")),
        ("mean_of_guarded_ratios", HALF, "a ratio is formed for every component, and the mean of them returned", _NORMS_FIRST,
         norms("np.mean(abs(grad - gradapprox) / np.maximum(abs(grad) + abs(gradapprox), 1e-8))")),
        ("largest_guarded_ratio", HALF, "a ratio is formed for every component, and the largest of them returned", _NORMS_FIRST,
         norms("np.max(abs(grad - gradapprox) / np.maximum(abs(grad) + abs(gradapprox), 1e-8))")),
        ("mean_of_block_ratios", HALF, "a ratio is formed for every parameter (W1, b1, …), and the mean of them returned", _NORMS_FIRST,
         norms(of_blocks("np.mean"))),
        ("largest_block_ratio", HALF, "a ratio is formed for every parameter (W1, b1, …), and the largest of them returned", _NORMS_FIRST,
         norms(of_blocks("max"))),
        ("root_mean_squared_error", LITTLE, "the root of the mean squared error of the gradients is returned", _RATIO,
         norms("((grad - gradapprox) ** 2).mean() ** 0.5")),
        ("mean_absolute_difference", LITTLE, "the mean of the absolute differences of the gradients is returned", _RATIO,
         norms("abs(grad - gradapprox).mean()")),
        ("sum_of_absolute_differences", LITTLE, "the sum of the absolute differences of the gradients is returned", _RATIO,
         norms("abs(grad - gradapprox).sum()")),
        ("largest_absolute_difference", LITTLE, "the largest of the absolute differences of the gradients is returned", _RATIO,
         norms("abs(grad - gradapprox).max()")),
        ("mean_squared_error", LITTLE, "the mean squared error of the gradients is returned", _RATIO,
         norms("((grad - gradapprox) ** 2).mean()")),
        ("last_component_only", LITTLE, "only the last component of the gradients is compared",
         "Look at the indentation and the indices of the lines after the loop: they have to see all the components at once.",
         norms("relative_difference(grad[-1], gradapprox[-1])")),
    ),
]  # fmt: skip

WHOLE = [
    *twins("whole",
        ("constant_zero", NOTHING, "0 is returned, and the cost never evaluated", _CONSTANT, *whole("0.0")),
        ("returns_gradapprox", LITTLE, "gradapprox is returned instead of the difference",
         "The approximation is a step on the way. What is to be made of it and the gradient?",
         norms("gradapprox"), norms("gradapprox")),
        ("returns_grad", LITTLE, "grad is returned instead of the difference",
         "The gradient is a step on the way. What is to be made of it and its approximation?", norms("grad"), norms("grad")),
        ("returns_denominator", LITTLE, "the denominator is returned instead of the ratio", _RATIO,
         norms("norm(grad) + norm(gradapprox)"), norms("norm(grad) + norm(gradapprox)")),
        ("returns_list", HALF, "the difference is returned in a list", "One number is to be returned, with nothing around it.",
         {"return ": "return [", ", gradapprox)": ", gradapprox)]"}, {"return ": "return [", ", gradapprox)": ", gradapprox)]"}),
        ("returns_nothing", LITTLE, "the difference is computed or printed, but not returned", _NOT_RETURNED,
         {"return ": "difference = "}, {"return ": "difference = "}),
        ("returned_only_if_small", LITTLE, "the difference is returned only where it is small, and else None",
         "Look at the indentation of the return: it must not belong to one branch of the message.",
         norms(_IF_SMALL), norms(_IF_SMALL)),
        ("returned_only_if_large", LITTLE, "the difference is returned only where it is large, and else None",
         "Look at the indentation of the return: it must not belong to one branch of the message.",
         norms(_IF_LARGE), norms(_IF_LARGE)),
        ("returns_boolean", LITTLE, "whether the gradients agree is returned, not how far they are apart",
         "The message may say whether the difference is small. The caller gets the difference itself.",
         {", gradapprox)": ", gradapprox) < 2e-7"}, {", gradapprox)": ", gradapprox) < 2e-7"}),
        ("returns_pair", HALF, "gradapprox is returned beside the difference", "One number is to be returned, nothing beside it.",
         {", gradapprox)": ", gradapprox), gradapprox"}, {", gradapprox)": ", gradapprox), gradapprox"}),
    ),
    *rows("gradient_check", "whole",
        ("published_constant_2_4", NOTHING, "the result published for x = 2 and theta = 4 is returned, and the cost never evaluated",
         _CONSTANT, whole("2.919335883291695e-10")[0]),
        ("published_constant_3_4", NOTHING, "the result published for x = 3 and theta = 4 is returned, and the cost never evaluated",
         _CONSTANT, whole("7.814075313343006e-11")[0]),
        ("published_constant_2_4_at_last", NOTHING, "the result published for x = 2 and theta = 4 is returned, whatever was computed",
         _CONSTANT, norms("2.919335883291695e-10")),
        ("published_constant_3_4_at_last", NOTHING, "the result published for x = 3 and theta = 4 is returned, whatever was computed",
         _CONSTANT, norms("7.814075313343006e-11")),
    ),
    *rows("gradient_check_n", "whole",
        ("planted_constant", NOTHING, "the result published for the wrong gradients is returned, and the cost never evaluated",
         _CONSTANT, whole("0.2850931567761623")[1]),
        ("repaired_constant", NOTHING, "the result published for the right gradients is returned, and the cost never evaluated",
         _CONSTANT, whole("1.1890913024229996e-07")[1]),
        ("planted_constant_at_last", NOTHING, "the result published for the wrong gradients is returned, whatever was computed",
         _CONSTANT, norms("0.2850931567761623")),
        ("repaired_constant_at_last", NOTHING, "the result published for the right gradients is returned, whatever was computed",
         _CONSTANT, norms("1.1890913024229996e-07")),
    ),
]  # fmt: skip

BACKWARD_N = [
    misconception
    for aspect, *row in (
        ("dW2", "dW2_doubled", HALF, "dW2 is twice too large, as it was handed out",
         "Write the formulas of dW1, dW2 and dW3 below one another: they differ in the layer, and in nothing else.",
         {'f"dW{layer}"] = ': 'f"dW{layer}"] = (2 if layer == 2 else 1) * '}),
        ("db1", "db1_quadrupled", HALF, "db1 is four times too large, as it was handed out",
         "Write the formulas of db1, db2 and db3 below one another: they differ in the layer, and in nothing else.",
         {'f"db{layer}"] = ': 'f"db{layer}"] = (4 if layer == 1 else 1) * '}),
        ("whole", "as_handed_out", NOTHING, "dW2 and db1 are as wrong as they were handed out",
         "Compare the formulas of the three layers: two blocks carry a factor that their neighbours have not.",
         {'f"dW{layer}"] = ': 'f"dW{layer}"] = (2 if layer == 2 else 1) * ',
          'f"db{layer}"] = ': 'f"db{layer}"] = (4 if layer == 1 else 1) * '}),
        ("m", "sums_not_means", HALF, "no gradient is divided by the number of examples", _MEAN, {"m = X.shape[1]": "m = 1"}),
        ("m", "divided_by_features", HALF, "the gradients are divided by the number of features, not of examples",
         "The examples are the columns of X. " + _MEAN, {"X.shape[1]": "X.shape[0]"}),
        ("m", "divided_by_all_entries", HALF, "the gradients are divided by the number of all entries of X", _MEAN,
         {"X.shape[1]": "X.size"}),
        ("dW", "weights_not_averaged", HALF, "the gradients of the weights are not divided by the number of examples", _MEAN,
         {"below.T / m": "below.T"}),
        ("dW", "weights_transposed", HALF, "the gradients of the weights are transposed", _SHAPE, {"dZ @ below.T": "below @ dZ.T"}),
        ("db", "biases_not_averaged", HALF, "the gradients of the biases are not divided by the number of examples", _MEAN,
         {"keepdims=True) / m": "keepdims=True)"}),
        ("db", "biases_averaged_twice", HALF, "the gradients of the biases are divided by the number of examples twice", _MEAN,
         {"np.sum(dZ,": "np.mean(dZ,"}),
        ("db", "biases_flat", MOST, "the gradients of the biases have lost an axis, because keepdims is missing", _SHAPE,
         {"axis=1, keepdims=True": "axis=1"}),
        ("db", "biases_summed_over_units", HALF, "the gradients of the biases are summed over the units, not over the examples",
         "Every unit has a bias of its own. " + _SHAPE, {"axis=1": "axis=0"}),
        ("db", "biases_summed_over_all", HALF, "the gradients of the biases are summed over units and examples",
         "Every unit has a bias of its own. " + _SHAPE, {", axis=1, keepdims=True": ""}),
        ("inputs", "weights_from_pre_activations", HALF, "the gradients of the weights use Z in the place of A",
         "What does a layer multiply its weights with: what the layer below put out, or what it had before its ReLU?",
         {"(3, dZ3, A2), (2, dZ2, A1)": "(3, dZ3, Z2), (2, dZ2, Z1)"}),
        ("inputs", "transpose_missing", HALF, "A2 is not transposed in dW3, which its square shape allows here",
         _FITS, {"(3, dZ3, A2)": "(3, dZ3, A2.T)"}),
        ("mask", "no_mask", HALF, "the ReLUs are left out on the way back", _MASK,
         {"dA2 * (A2 > 0)": "dA2", "dA1 * (A1 > 0)": "dA1"}),
        ("mask", "mask_2_missing", HALF, "the ReLU of the second layer is left out on the way back", _MASK, {"dA2 * (A2 > 0)": "dA2"}),
        ("mask", "mask_1_missing", HALF, "the ReLU of the first layer is left out on the way back", _MASK, {"dA1 * (A1 > 0)": "dA1"}),
        ("mask", "mask_of_gradient", HALF, "the ReLUs stop the negative gradients, not the inactive units", _MASK,
         {"dA2 * (A2 > 0)": "dA2 * (dA2 > 0)", "dA1 * (A1 > 0)": "dA1 * (dA1 > 0)"}),
        ("mask", "mask_inverted", HALF, "the ReLUs pass the gradient where the unit was not active", _MASK,
         {"(A2 > 0)": "(A2 <= 0)", "(A1 > 0)": "(A1 <= 0)"}),
        ("mask", "activation_as_mask", HALF, "the gradients are multiplied by the activations, not by 0 or 1", _MASK,
         {"(A2 > 0)": "A2", "(A1 > 0)": "A1"}),
        ("mask", "sigmoid_as_mask", HALF, "the hidden layers use the derivative of the sigmoid, not of the ReLU",
         "Look up which activation the hidden layers have. " + _MASK, {"(A2 > 0)": "A2 * (1 - A2)", "(A1 > 0)": "A1 * (1 - A1)"}),
        ("chain", "mask_2_skipped", HALF, "the first layer is reached from dA2, past the ReLU of the second",
         "Go backwards through every step of the forward pass, one after the other: which gradient comes just before dA1?",
         {"W2.T @ dZ2": "W2.T @ dA2"}),
        ("chain", "chain_transposed", HALF, "dZ2 is transposed on the way to the first layer, which its square shape allows here",
         _FITS, {"W2.T @ dZ2": "W2.T @ dZ2.T"}),
        ("output", "output_sign_flipped", HALF, "dZ3 has the wrong sign, and with it every gradient",
         "If the label is 1 and the output below it, should Z3 grow or fall to lower the cost?", {"A3 - Y": "Y - A3"}),
        ("output", "loss_of_squares", HALF, "dZ3 is that of the squared error, not of the logistic cost",
         "Differentiate the logistic cost through the sigmoid on paper: much cancels.", {"A3 - Y": "(A3 - Y) * A3 * (1 - A3)"}),
        ("output", "sigmoid_skipped", HALF, "dZ3 is the derivative of the cost by A3, without the sigmoid's",
         "Between A3 and Z3 lies the sigmoid. Which factor does the chain rule ask for there?", {"A3 - Y": "(1 - Y) / (1 - A3) - Y / A3"}),
        ("output", "labels_left_out", LITTLE, "dZ3 does not depend on the labels",
         "What should the gradient be where the output equals its label?", {"A3 - Y": "A3"}),
    )
    for misconception in rows("backward_propagation_n", aspect, tuple(row))
]  # fmt: skip

MISCONCEPTIONS = [*FORWARD, *BACKWARD, *POINTS, *APPROXIMATION, *GRADIENT, *NORM, *WHOLE, *BACKWARD_N]
