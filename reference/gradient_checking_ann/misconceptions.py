"""Known wrong implementations. Each loses a case, and no two of one function agree in values and evaluation points.

check_gradient is graded with the submission's own helpers, so a helper's mistake shows there, too: such mistakes are listed for
check_gradient as well, and cost little there. Edits of different aspects touch different texts of the reference.
"""

import textwrap
from fractions import Fraction
from pathlib import Path

from grader.bank import implementation
from grader.model import Misconception

_SOLUTION = Path(__file__).with_name("solution.py").read_text(encoding="utf-8")

NOTHING, LITTLE, HALF, MOST, NEARLY = Fraction(0), Fraction(3, 10), Fraction(1, 2), Fraction(7, 10), Fraction(9, 10)


def rows(function, aspect, *table):
    """Misconceptions of one function and aspect: id, credit, title, hint, the edits, and the helpers' mistakes that come through as it."""
    return [
        Misconception(key, function, title, hint, credit, aspect, edits, follows=tuple(follows))
        for key, credit, title, hint, edits, *follows in table
    ]


def norms(formula):
    """The edit that puts another formula in the place of the relative difference."""
    return {"relative_difference": f"(lambda grad, gradapprox, norm=np.linalg.norm: {formula})"}


_LAYER_ORDER = "The vector begins with all of W1, then all of B1, then W2, B2, and so on. Print the keys as you go through them."
_ANY_ORDER = "A dictionary keeps the order in which it was filled, and another one may be filled in another order. " + _LAYER_ORDER
_ROWS = "Take the matrix [[1, 2], [3, 4]]: row by row its numbers come as 1, 2, 3, 4. What does your expression give?"
_FLAT = "Print the shape of the vector: a flat one has a single axis, as in (47,)."
_BOTH = "Two things are asked for: the vector, and the dictionary of shapes, in this order."
_SHAPES = "The shapes are what the way back needs. For W1 of five rows and four columns the entry is 'W1': (5, 4)."
# An untouched notebook does the same: nothing is claimed of why.
_NONE = "The function hands back None. Is its line still to be filled in, or is the result only shown on the screen?"
_CONSTANT = "The inputs change from case to case, so no fixed value can be right. Compute the result from the arguments."
_ACTIVATIONS = "The entries dA0, dA1, … belong to no parameter. Print the keys that you use, and the length of the vector."
_CUT = "Print where each piece starts and stops: each begins where the one before it ended, and the last one ends with the vector."
_SIZE = "How many numbers does a matrix of shape (5, 4) hold? Print the length of each piece beside its shape."
_ORDER_BOTH = "Entry i of both vectors has to belong to the same parameter, and the order is W1, B1, W2, B2, … for both."
_RATIO = "Compare your last lines with the formula of the relative difference, term by term: what stands above the line, what below it?"
_EUCLID = "The formula asks for Euclidean norms. Take the vector (3, 4), whose norm is 5, and see what your expression makes of it."
_WIDTH = "How far apart are the two points at which you evaluate the cost? That distance is what the change of the cost is divided by."
_ONE_SIDE = "A difference to one side errs in proportion to epsilon. Look up on which sides of the vector the cost is to be evaluated."
_ONE_AT_A_TIME = "A partial derivative asks what happens when a single number moves and all the others keep their values."
_FRESH = "Print the vector at the start of every turn of the loop: each turn has to start from the values that were given."
_COUNT = "Count the entries of gradapprox that were computed, and compare with the number of parameters."
_PAIR = "Two things are asked for: the difference, a number, and gradapprox, a flat vector, in this order."


# params_to_vector

_KEYS = 'sorted(params, key=lambda key: (int(key[1:]), key[0] == "B"))'
_UNROLLED = "np.concatenate([params[key].ravel() for key in keys])"
_KEPT = "{key: params[key].shape for key in keys}"
_PAIR_TEXT = f"{_UNROLLED}, {_KEPT}"


def layer_by(key):
    """The edit that sorts the parameters by another key."""
    return {_KEYS: f"sorted(params, key=lambda key: {key})"}


PARAMS = [
    *rows("params_to_vector", "order",
        ("params_in_dictionary_order", MOST, "the parameters are joined in the dictionary's order", _ANY_ORDER, {_KEYS: "list(params)"}),
        ("params_sorted", MOST, "the parameters are joined in alphabetical order: all biases, then all weights", _LAYER_ORDER,
         {_KEYS: "sorted(params)"}),
        ("params_weights_then_biases", MOST, "all weights come first, then all biases", _LAYER_ORDER,
         layer_by("(key[0] == 'B', int(key[1:]))")),
        ("params_biases_first", MOST, "the biases of a layer come before its weights", _LAYER_ORDER,
         layer_by("(int(key[1:]), key[0] == 'W')")),
        ("params_last_layer_first", MOST, "the last layer comes first", _LAYER_ORDER, layer_by("(-int(key[1:]), key[0] == 'B')")),
        ("params_reversed", MOST, "the order is the reverse: the last layer's biases come first", _LAYER_ORDER,
         layer_by("(-int(key[1:]), key[0] == 'W')")),
        ("params_sorted_downwards", MOST, "the parameters are joined in alphabetical order from the end: weights of the last layer first",
         _LAYER_ORDER, {_KEYS: "sorted(params, reverse=True)"}),
        ("params_by_layer_alone", NEARLY, "within a layer the dictionary's order decides", _ANY_ORDER, layer_by("int(key[1:])")),
        ("three_layers_written_out", HALF, "the keys of three layers are written into the function",
         "A network may have any number of layers: take the keys from the dictionary.", {_KEYS: '["W1", "B1", "W2", "B2", "W3", "B3"]'}),
        ("two_layers_written_out", HALF, "the keys of two layers are written into the function",
         "A network may have any number of layers: take the keys from the dictionary.", {_KEYS: '["W1", "B1", "W2", "B2"]'}),
        ("weights_only", HALF, "the biases are left out", "Compare the length of your vector with the number of all parameters.",
         {_KEYS: 'sorted((key for key in params if key[0] == "W"), key=lambda key: int(key[1:]))'}),
        ("biases_only", LITTLE, "the weights are left out", "Compare the length of your vector with the number of all parameters.",
         {_KEYS: 'sorted((key for key in params if key[0] == "B"), key=lambda key: int(key[1:]))'}),
        ("last_key_left_out", MOST, "the last parameter is left out", "range() stops before its end. Print the keys that you go through.",
         {_KEYS: _KEYS + "[:-1]"}),
    ),
    *rows("params_to_vector", "vector",
        ("params_by_columns", MOST, "each matrix is unrolled by columns, not by rows", _ROWS,
         {_UNROLLED: _UNROLLED.replace("()", '("F")')}),
        ("params_as_column", NEARLY, "the vector is a column with two axes, not flat", _FLAT,
         {_UNROLLED: _UNROLLED.replace("ravel()", "reshape(-1, 1)")}),
        ("params_as_row", NEARLY, "the vector is a row with two axes, not flat", _FLAT,
         {_UNROLLED: "np.concatenate([params[key].reshape(1, -1) for key in keys], axis=1)"}),
        ("params_not_joined", HALF, "the pieces are kept in a list and never joined",
         "The vector is one array of numbers. Which function of NumPy joins several?",
         {_UNROLLED: "[params[key].ravel() for key in keys]"}),
        ("params_as_list", NEARLY, "the vector is a list of numbers, not an array",
         "Print the type of the vector: it has to be a NumPy array.",
         {_UNROLLED: _UNROLLED + ".tolist()"}),
        ("params_as_integers", LITTLE, "the decimals of the parameters are cut off",
         "Print the first numbers of the vector beside those of W1. Where do you make an array, and of which type?",
         {_UNROLLED: _UNROLLED + ".astype(int)"}),
        ("params_backwards", MOST, "the vector runs backwards", _LAYER_ORDER, {_UNROLLED: _UNROLLED + "[::-1]"}),
        ("params_last_piece_only", LITTLE, "the vector is overwritten in every turn, so only the last parameter is in it",
         "Print the length of the vector after every turn of the loop: it has to grow.", {_UNROLLED: "params[keys[-1]].ravel()"}),
    ),
    *rows("params_to_vector", "shapes",
        ("shapes_as_sizes", MOST, "the dictionary holds the numbers of entries, not the shapes", _SHAPES,
         {_KEPT: "{key: params[key].size for key in keys}"}),
        ("shapes_transposed", MOST, "rows and columns are swapped in the shapes", _SHAPES,
         {_KEPT: "{key: params[key].T.shape for key in keys}"}),
        ("shapes_of_pieces", MOST, "the shapes are those of the unrolled pieces",
         "Take the shape before you unroll: afterwards it is gone. " + _SHAPES, {_KEPT: "{key: (params[key].size,) for key in keys}"}),
        ("shapes_without_keys", MOST, "the shapes come as a list, without the parameters' names", _SHAPES,
         {_KEPT: "[params[key].shape for key in keys]"}),
        ("shapes_as_pairs", NEARLY, "the names and shapes come as a list of pairs, not as a dictionary", _SHAPES,
         {_KEPT: "[(key, params[key].shape) for key in keys]"}),
        ("keys_not_shapes", HALF, "the names are returned, and not the shapes", _SHAPES, {_KEPT: "keys"}),
        ("shapes_are_values", HALF, "the parameters themselves are returned in the place of their shapes", _SHAPES, {_KEPT: "params"}),
    ),
    *rows("params_to_vector", "whole",
        ("vector_only", MOST, "only the vector is returned, without the shapes", _BOTH, {_PAIR_TEXT: _UNROLLED}),
        ("shapes_only", LITTLE, "only the shapes are returned, without the vector", _BOTH, {_PAIR_TEXT: _KEPT}),
        ("vector_and_shapes_swapped", NEARLY, "the shapes come before the vector", _BOTH, {_PAIR_TEXT: f"{_KEPT}, {_UNROLLED}"}),
        ("keys_beside", NEARLY, "the names are returned beside the vector and the shapes", _BOTH, {_PAIR_TEXT: f"{_PAIR_TEXT}, keys"}),
        ("params_not_returned", NOTHING, "nothing is returned: the value is None", _NONE,
         {"return np.concatenate": "vector = np.concatenate"}),
        ("params_returned", NOTHING, "the dictionary is returned as it came",
         "Print what your function returns: it has to be a vector and a dictionary of shapes.",
         {"return " + _PAIR_TEXT: "return params"}),
        ("params_zeros", NOTHING, "zeros are returned in the place of the parameters", _CONSTANT,
         {_PAIR_TEXT: f"np.zeros(sum(params[key].size for key in keys)), {_KEPT}"}),
    ),
]  # fmt: skip

# grads_to_vector

_CHOSEN = '[key for key in grads if not key.startswith("dA")]'
_SORTED = 'sorted(keys, key=lambda key: (int(key[2:]), key[1] == "B"))'
_JOINED = "np.concatenate([grads[key].ravel()"


def gradients_by(key):
    """The edit that sorts the gradients by another key."""
    return {_SORTED: f"sorted(keys, key=lambda key: {key})"}


GRADS = [
    *rows("grads_to_vector", "chosen",
        ("activations_included", HALF, "the entries that begin with dA are put in, too", _ACTIVATIONS, {_CHOSEN: "list(grads)"}),
        ("activations_first", HALF, "the entries that begin with dA are put in, too, each before its layer", _ACTIVATIONS,
         {_CHOSEN: "list(grads)", _SORTED: "sorted(keys, key=lambda key: (int(key[2:]), 'AWB'.index(key[1])))"}),
        ("activations_last", HALF, "the entries that begin with dA are put in, too, each behind the layer of its number", _ACTIVATIONS,
         {_CHOSEN: "list(grads)", _SORTED: "sorted(keys, key=lambda key: (int(key[2:]), 'WBA'.index(key[1])))"}),
        ("activations_among_biases", HALF, "the entries that begin with dA are put in, too, among the biases", _ACTIVATIONS,
         {_CHOSEN: "list(grads)", _SORTED: "sorted(keys, key=lambda key: (int(key[2:]), key[1] != 'W'))"}),
        ("everything_as_it_comes", HALF, "all entries are joined as they come, those that begin with dA too", _ACTIVATIONS,
         {_CHOSEN: "list(grads)", _SORTED: "keys"}),
        ("everything_sorted", HALF, "all entries are joined in alphabetical order, those that begin with dA too", _ACTIVATIONS,
         {_CHOSEN: "list(grads)", _SORTED: "sorted(keys)"}),
        ("grads_weights_only", HALF, "only the gradients of the weights are put in",
         "Compare the length of your vector with the number of all parameters.",
         {_CHOSEN: '[key for key in grads if key.startswith("dW")]'}),
        ("grads_biases_only", LITTLE, "only the gradients of the biases are put in",
         "Compare the length of your vector with the number of all parameters.",
         {_CHOSEN: '[key for key in grads if key.startswith("dB")]'}),
        ("activations_only", LITTLE, "only the entries that begin with dA are put in", _ACTIVATIONS,
         {_CHOSEN: '[key for key in grads if key.startswith("dA")]'}),
        ("grads_of_three_layers", HALF, "the keys of three layers are written into the function",
         "A network may have any number of layers: take the keys from the dictionary.",
         {_CHOSEN: '["dW1", "dB1", "dW2", "dB2", "dW3", "dB3"]'}),
        ("grads_of_two_layers", HALF, "the keys of two layers are written into the function",
         "A network may have any number of layers: take the keys from the dictionary.", {_CHOSEN: '["dW1", "dB1", "dW2", "dB2"]'}),
        ("first_activations_only_dropped", MOST, "of the entries that begin with dA only dA0 is left out", _ACTIVATIONS,
         {_CHOSEN: '[key for key in grads if key != "dA0"]'}),
    ),
    *rows("grads_to_vector", "order",
        ("grads_in_dictionary_order", MOST, "the gradients are joined in the dictionary's order, not in that of the parameters",
         _ANY_ORDER, {_SORTED: "keys"}),
        ("grads_in_reversed_dictionary_order", MOST, "the gradients are joined in the reverse of the dictionary's order", _ANY_ORDER,
         {_SORTED: "reversed(keys)"}),
        ("grads_sorted", MOST, "the gradients are joined in alphabetical order: all biases, then all weights", _LAYER_ORDER,
         {_SORTED: "sorted(keys)"}),
        ("grads_weights_then_biases", MOST, "all weights come first, then all biases", _LAYER_ORDER,
         gradients_by("(key[1] == 'B', int(key[2:]))")),
        ("grads_biases_first", MOST, "the biases of a layer come before its weights", _LAYER_ORDER,
         gradients_by("(int(key[2:]), key[1] == 'W')")),
        ("grads_last_layer_first", MOST, "the last layer comes first", _LAYER_ORDER, gradients_by("(-int(key[2:]), key[1] == 'B')")),
        ("grads_reversed", MOST, "the order is the reverse: the last layer's biases come first", _LAYER_ORDER,
         gradients_by("(-int(key[2:]), key[1] == 'W')")),
        ("grads_sorted_downwards", MOST, "the gradients are joined in alphabetical order from the end: weights of the last layer first",
         _LAYER_ORDER,
         {_SORTED: "sorted(keys, reverse=True)"}),
        ("grads_by_layer_alone", NEARLY, "within a layer the dictionary's order decides", _ANY_ORDER, gradients_by("int(key[2:])")),
        ("grads_last_key_left_out", MOST, "the last gradient is left out",
         "range() stops before its end. Print the keys that you go through.",
         {_SORTED: _SORTED + "[:-1]"}),
    ),
    *rows("grads_to_vector", "vector",
        ("grads_by_columns", MOST, "each matrix is unrolled by columns, not by rows", _ROWS, {_JOINED: _JOINED.replace("()", '("F")')}),
        ("grads_as_column", NEARLY, "the vector is a column with two axes, not flat", _FLAT,
         {_JOINED: _JOINED.replace("ravel()", "reshape(-1, 1)")}),
        ("grads_not_joined", HALF, "the pieces are kept in a list and never joined",
         "The vector is one array of numbers. Which function of NumPy joins several?",
         {_JOINED: "list([grads[key].ravel()"}),
        ("grads_absolute", HALF, "the signs of the gradients are dropped",
         "A derivative may be negative. Where do you take an absolute value?",
         {_JOINED: _JOINED.replace("np.", "abs(np.", 1) + " * 1.0", "== \"B\"))])": "== \"B\"))]))"}),
    ),
    *rows("grads_to_vector", "whole",
        ("grads_as_row", NEARLY, "the vector is a row with two axes, not flat", _FLAT,
         {"return np.concatenate": "return np.atleast_2d(np.concatenate", "== \"B\"))])": "== \"B\"))]))"}),
        ("grads_as_list", NEARLY, "the vector is a list of numbers, not an array",
         "Print the type of the vector: it has to be a NumPy array.",
         {"== \"B\"))])": "== \"B\"))]).tolist()"}),
        ("grads_with_shapes", NEARLY, "the shapes are returned beside the vector, which is all that is asked for",
         "One thing is to be returned, the vector, and nothing beside it.",
         {"== \"B\"))])": "== \"B\"))]), {key: grads[key].shape for key in keys}"}),
        ("grads_not_returned", NOTHING, "nothing is returned: the value is None", _NONE, {"return np": "vector = np"}),
        ("grads_returned", NOTHING, "the dictionary is returned as it came",
         "Print what your function returns: it has to be a flat vector.",
         {"return np": "return grads\n    return np"}),
        ("grads_zeros", NOTHING, "zeros are returned in the place of the gradients", _CONSTANT, {"return np": "return 0 * np"}),
    ),
]  # fmt: skip

# vector_to_dict

BACK = [
    *rows("vector_to_dict", "place",
        ("start_never_moved", HALF, "every piece begins at the start of the vector", _CUT, {"start = stop": "start = 0"}),
        ("pieces_overlap", HALF, "each piece begins with the last number of the one before it", _CUT, {"start = stop": "start = stop - 1"}),
        ("pieces_from_the_end", HALF, "the pieces are cut from the end of the vector", _CUT,
         {"vector[start:stop]": "vector[::-1][start:stop]"}),
        ("first_piece_only", LITTLE, "the function returns inside the loop, after the first parameter",
         "Look at the indentation of the lines after the loop.",
         {"    return params": "        return params"}),
        ("first_number_only", LITTLE, "each parameter is filled with one and the same number", _SIZE,
         {"vector[start:stop].reshape(shape)": "np.full(shape, vector[start])"}),
    ),
    *rows("vector_to_dict", "keys",
        ("shapes_sorted", MOST, "the pieces are given out in alphabetical order of the names",
         "The vector holds W1, then B1, then W2: give the pieces out in the order of the dictionary of shapes.",
         {"shapes.items()": "sorted(shapes.items())"}),
        ("shapes_backwards", MOST, "the pieces are given out to the last parameter first",
         "The vector holds W1, then B1, then W2: give the pieces out in the order of the dictionary of shapes.",
         {"shapes.items()": "reversed(shapes.items())"}),
        ("last_shape_left_out", MOST, "the last parameter is left out", "range() stops before its end. Print the keys that you go through.",
         {"shapes.items()": "list(shapes.items())[:-1]"}),
        ("weights_then_biases_back", MOST, "the vector is cut as if all weights came before all biases",
         "The vector holds W1, then B1, then W2: give the pieces out in the order of the dictionary of shapes.",
         {"shapes.items()": "sorted(shapes.items(), key=lambda item: (item[0][0] == 'B', int(item[0][1:])))"}),
        ("biases_before_weights_back", MOST, "the vector is cut as if the biases of a layer came before its weights",
         "The vector holds W1, then B1, then W2: give the pieces out in the order of the dictionary of shapes.",
         {"shapes.items()": "sorted(shapes.items(), key=lambda item: (int(item[0][1:]), item[0][0] == 'W'))"}),
    ),
    *rows("vector_to_dict", "shape",
        ("filled_by_columns", MOST, "the matrices are filled by columns, not by rows", _ROWS,
         {"reshape(shape)": 'reshape(shape, order="F")'}),
        ("back_transposed", MOST, "the matrices are transposed", _SHAPES, {"reshape(shape)": "reshape(shape).T"}),
        ("rows_and_columns_swapped", MOST, "rows and columns of the shapes are swapped", _SHAPES,
         {"reshape(shape)": "reshape(shape[::-1])"}),
        ("pieces_left_flat", MOST, "the pieces stay flat, because they are not given their shapes", _SHAPES, {".reshape(shape)": ""}),
        ("pieces_as_columns", MOST, "the pieces are columns, not matrices of their shapes", _SHAPES, {"reshape(shape)": "reshape(-1, 1)"}),
        ("pieces_as_lists", NEARLY, "the parameters are lists, not arrays", "Print the type of W1: it has to be a NumPy array.",
         {"reshape(shape)": "reshape(shape).tolist()"}),
        ("biases_flat", NEARLY, "the biases have lost an axis", "A bias of five units has the shape (5, 1). " + _SHAPES,
         {"reshape(shape)": "reshape(shape if shape[1] > 1 else shape[:1])"}),
        ("back_as_integers", LITTLE, "the decimals of the parameters are cut off",
         "Print the first numbers of the vector beside those of W1. Where do you make an array, and of which type?",
         {"reshape(shape)": "reshape(shape).astype(int)"}),
    ),
    *rows("vector_to_dict", "whole",
        ("list_not_dictionary", MOST, "the parameters are returned in a list, without their names",
         "The names are the keys of the dictionary of shapes. The parameters are to be found under them.",
         {"return params": "return list(params.values())"}),
        ("gradient_names", MOST, "the names have a d before them, as those of gradients",
         "The keys are those of the dictionary of shapes, as they are.",
         {"params[key]": 'params["d" + key]'}),
        ("back_not_returned", NOTHING, "nothing is returned: the value is None", _NONE,
         {"return params": "result = params"}),
        ("shapes_returned", NOTHING, "the dictionary of shapes is returned as it came",
         "Print what your function returns: arrays that are cut from the vector belong into the dictionary.",
         {"return params": "return shapes"}),
        ("vector_returned", NOTHING, "the vector is returned as it came",
         "Print what your function returns: arrays that are cut from the vector belong into a dictionary.",
         {"return params": "return vector"}),
        ("back_empty", NOTHING, "an empty dictionary is returned", "Print what your function returns. Where are the pieces stored?",
         {"return params": "return {}"}),
        ("back_zeros", NOTHING, "zeros are returned in the shapes of the parameters", _CONSTANT,
         {"vector[start:stop].reshape(shape)": "np.zeros(shape)"}),
    ),
]  # fmt: skip

# check_gradient

_MADE = "values, shapes = params_to_vector(params)"
_GRAD = "grads_to_vector(grads)"


def consistent(keys):
    """The edits that put both vectors in another order, so that they still belong together."""
    return {
        _MADE: f"keys = sorted(params, key=lambda key: {keys})\n"
        "    values, shapes = np.concatenate([params[key].ravel() for key in keys]), {key: params[key].shape for key in keys}",
        _GRAD: 'np.concatenate([grads["d" + key].ravel() for key in keys])',
    }


def reordered(keys):
    """The edit that puts the vector of the parameters in another order."""
    return {_MADE: consistent(keys)[_MADE]}


def joined(keys, unrolled="ravel()"):
    """The edit that joins the gradients in another order."""
    return {_GRAD: f"np.concatenate([grads[key].{unrolled} for key in {keys}])"}


_PICKED = '(key for key in grads if not key.startswith("dA"))'
_TURNED = '{{key: block.ravel().reshape(block.shape, order="F") for key, block in vector_to_dict(values {} nudge, shapes).items()}}'
_MASKED = "nudge[i] = epsilon\n        for key, block in vector_to_dict(nudge, shapes).items():\n            block[:] = "

POINTS = rows("check_gradient", "points",
    ("one_sided_forward", HALF, "the difference is one-sided, from the vector upwards", _ONE_SIDE,
     {"values - nudge": "values", "gradapprox[i] = ": "gradapprox[i] = 2 * "}),
    ("one_sided_backward", HALF, "the difference is one-sided, from the vector downwards", _ONE_SIDE,
     {"values + nudge": "values", "gradapprox[i] = ": "gradapprox[i] = 2 * "}),
    ("half_width", MOST, "the parameters are moved by half of epsilon, not by epsilon",
     "The difference is a central one, but narrower than asked for: check by how much a parameter is moved to either side.",
     {"nudge[i] = epsilon": "nudge[i] = epsilon / 2", "gradapprox[i] = ": "gradapprox[i] = 2 * "}),
    ("proportional_step", HALF, "the parameters are multiplied by 1 + epsilon and 1 - epsilon instead of moved by epsilon",
     "The step must have the same size whatever the parameter is. Try a parameter of 100: how far do your two points lie from it?",
     {"nudge[i] = epsilon": "nudge[i] = epsilon * values[i]"}),
    ("never_moved", LITTLE, "both costs are those of the parameters as they came, so they do not differ",
     "Print the two costs before you subtract them. Are the moved parameters the ones that you hand over?",
     {"vector_to_dict(values + nudge, shapes)": "params", "vector_to_dict(values - nudge, shapes)": "params"}),
    ("same_side_twice", HALF, "both costs are taken on the upper side, so they do not differ",
     "Print the two costs before you subtract them, and look at which variable each of the two calls is given.",
     {"values - nudge": "values + nudge"}),
    ("own_epsilon", MOST, "theta is moved by 1e-7 whatever epsilon is given, as where epsilon is set inside the function",
     "The caller chooses epsilon, and 1e-7 is only its default: the value must not be fixed in the body.",
     {"epsilon=1e-7):": "epsilon=1e-7):\n    epsilon = 1e-7"}),
    ("vector_aliased", HALF, "J_minus is taken at the vector itself, as where the vector is not copied before a component is moved",
     "Assigning an array to a second name does not copy it. Print both moved vectors in the first turn of the loop.",
     {"values + nudge": "values := values + nudge", "values - nudge": "values := values - nudge"}),
    ("vector_aliased_plus", HALF, "the vector is moved upwards without a copy, so the moves pile up and J_minus is taken short of them",
     "Assigning an array to a second name does not copy it. " + _FRESH, {"values + nudge": "values := values + nudge"}),
    ("vector_not_restored", MOST, "a component that was moved downwards in place is not put back, so the moves pile up", _FRESH,
     {"values - nudge": "values := values - nudge"}),
    ("copied_once", HALF, "earlier components stay moved, as where the moved vectors are made once before the loop", _FRESH,
     {"nudge = np.zeros(values.size)": "nudge = nudge if i else np.zeros(values.size)"}),
    ("whole_vector_moved", LITTLE, "all components are moved at once", _ONE_AT_A_TIME, {"nudge[i] = epsilon": "nudge[:] = epsilon"}),
    ("block_moved", LITTLE, "a whole parameter (all of W1, say) is moved at once", _ONE_AT_A_TIME,
     {"nudge[i] = epsilon": _MASKED + "block.max()"}),
    ("row_moved", LITTLE, "a whole row of a parameter is moved at once", _ONE_AT_A_TIME + " A matrix needs two indices.",
     {"nudge[i] = epsilon": _MASKED + "block.max(axis=1, keepdims=True)"}),
    ("always_first", LITTLE, "it is always the first component that is moved",
     "Which index does each turn of the loop have to use? Print it.", {"nudge[i] = epsilon": "nudge[0] = epsilon"}),
    ("component_replaced", LITTLE, "a component is set to epsilon and -epsilon instead of moved by it",
     "The vector plus epsilon lies next to the vector. Print a component before and after you change it.",
     {"values + nudge": "np.where(nudge > 0, nudge, values)", "values - nudge": "np.where(nudge > 0, -nudge, values)"}),
    ("first_skipped", MOST, "the loop leaves out the first component", "Python counts from 0. " + _COUNT,
     {"range(values.size)": "range(1, values.size)"}),
    ("last_skipped", MOST, "the loop leaves out the last component", "range() stops before its end. " + _COUNT,
     {"range(values.size)": "range(values.size - 1)"}),
    ("one_turn_per_block", LITTLE, "only as many components are moved as the dictionary has keys, as where the loop runs over these",
     _COUNT, {"range(values.size)": "range(len(params))"}),
    ("one_turn_per_layer", LITTLE, "only as many components are moved as there are layers, as where the loop runs over these", _COUNT,
     {"range(values.size)": "range(len(params) // 2)"}),
    ("returns_in_loop", HALF, "the function returns inside the loop, after the first component",
     "Look at the indentation of the lines after the loop. " + _COUNT, {"    return ": "        return "}),
    ("biases_skipped", HALF, "the biases are never moved, only the weights",
     "The vector of gradients holds those of the biases as well. " + _COUNT, {"nudge[i] = epsilon": _MASKED + "block * (key[0] == 'W')"}),
    ("own_labels", MOST, "the labels are written into the function, and the argument Y is ignored",
     "The function has to work for any data: use the X and Y that it is given.",
     {"epsilon=1e-7):": "epsilon=1e-7):\n    Y = np.resize([1, 1, 0], Y.shape)"}),
)  # fmt: skip

APPROXIMATION = rows("check_gradient", "approximation",
    ("divides_by_epsilon", HALF, "the difference of the costs is divided by epsilon, not by 2 * epsilon", _WIDTH,
     {"(2 * epsilon)": "epsilon"}),
    ("precedence", HALF, "/ 2 * epsilon divides by 2 and then multiplies by epsilon",
     "Python works through * and / from left to right. Say with parentheses what belongs below the line.",
     {"/ (2 * epsilon)": "/ 2 * epsilon"}),
    ("not_divided", LITTLE, "the difference of the costs is not divided by anything", _WIDTH, {" / (2 * epsilon)": ""}),
    ("parentheses_missing", HALF, "only J_minus is divided, because the parentheses around J_plus - J_minus are missing",
     "Division comes before subtraction in Python. Say with parentheses what belongs above the line.",
     {"(compute_cost(above": "compute_cost(above", "Y)) / ": "Y) / "}),
    ("sign_flipped", HALF, "a sign is wrong: J_plus is subtracted from J_minus",
     "Equal gradients should give 0. If the cost grows with a parameter, does your gradapprox come out positive, as the derivative is?",
     {"(2 * epsilon)": "(-2 * epsilon)"}),
    ("costs_added", LITTLE, "the two costs are added, not subtracted",
     "A slope is a change of the cost over a distance. What is the change between the two points?", {"Y) - compute": "Y) + compute"}),
    ("slope_without_sign", HALF, "the sign of gradapprox is dropped",
     "A derivative may be negative, and then both gradients have to be. Where do you take an absolute value?",
     {"gradapprox[i] = (compute": "gradapprox[i] = abs(compute"}),
    ("cost_arguments_swapped", MOST, "compute_cost is given the labels and the outputs in the wrong order",
     "Compare your calls with the first line of compute_cost: which of the two comes first?",
     {"compute_cost(above, Y)": "compute_cost(Y, above)", "compute_cost(below, Y)": "compute_cost(Y, below)"}),
    ("cost_not_computed", LITTLE, "the network's outputs are subtracted, not their costs",
     "A step is missing between the outputs and the slope: what does compute_cost make of outputs and labels?",
     {"compute_cost(above, Y)": "np.mean(above)", "compute_cost(below, Y)": "np.mean(below)"}),
    ("gradapprox_never_filled", LITTLE, "gradapprox is all zeros, although the cost is evaluated on both sides",
     "Print both costs in the first turn of the loop, and gradapprox after it. Which costs are subtracted, and where is each "
     "result stored?",
     {"gradapprox[i] = (": "gradapprox[i] = 0 * ("}),
    ("gradapprox_overwritten", HALF, "gradapprox is overwritten in every turn, so one number is compared with the whole gradient",
     "Print the shape of gradapprox after the loop: every turn has to fill an entry of its own.", {"gradapprox[i] = (": "gradapprox = ("}),
    ("gradapprox_summed", LITTLE, "the approximations are added up instead of stored one by one",
     "Print the first entries of gradapprox after the loop: every turn has to fill an entry of its own.",
     {"gradapprox[i] = (": "gradapprox += ("}),
)  # fmt: skip

GRADIENT = [
    *rows("check_gradient", "gradient",
        ("check_includes_activations", NEARLY, "the entries that begin with dA are among the gradients, so the vectors differ in length",
         _ACTIVATIONS,
         joined("sorted(grads, key=lambda key: (int(key[2:]), key[1] != 'A', key[1] == 'B'))"),
         "activations_included", "activations_first", "activations_last", "activations_among_biases", "first_activations_only_dropped"),
        ("check_joins_everything", NEARLY, "all entries of the gradients are joined as they come, those that begin with dA too",
         _ACTIVATIONS,
         joined("grads"), "everything_as_it_comes"),
        ("check_grads_in_dictionary_order", NEARLY, "the gradients are joined in the dictionary's order, not in that of the parameters",
         _ORDER_BOTH, joined(_PICKED), "grads_in_dictionary_order"),
        ("check_grads_sorted", NEARLY, "the gradients are joined in alphabetical order, the parameters are not", _ORDER_BOTH,
         joined(f"sorted{_PICKED}"), "grads_sorted"),
        ("check_grads_weights_then_biases", NEARLY, "of the gradients all weights come before all biases, of the parameters they do not",
         _ORDER_BOTH,
         joined(f"sorted({_PICKED}, key=lambda key: (key[1] == 'B', int(key[2:])))"), "grads_weights_then_biases"),
        ("check_grads_biases_first", NEARLY, "of the gradients the biases of a layer come first, of the parameters they do not",
         _ORDER_BOTH,
         joined(f"sorted({_PICKED}, key=lambda key: (int(key[2:]), key[1] == 'W'))"), "grads_biases_first"),
        ("check_grads_last_layer_first", NEARLY, "of the gradients the last layer comes first, of the parameters it does not", _ORDER_BOTH,
         joined(f"sorted({_PICKED}, key=lambda key: (-int(key[2:]), key[1] == 'B'))"), "grads_last_layer_first"),
        ("check_params_sorted", NEARLY, "the parameters are joined in alphabetical order, the gradients are not", _ORDER_BOTH,
         reordered("key"), "params_sorted"),
        ("check_params_weights_then_biases", NEARLY, "of the parameters all weights come before all biases, of the gradients they do not",
         _ORDER_BOTH,
         reordered("(key[0] == 'B', int(key[1:]))"), "params_weights_then_biases"),
        ("check_params_biases_first", NEARLY, "of the parameters the biases of a layer come first, of the gradients they do not",
         _ORDER_BOTH,
         reordered("(int(key[1:]), key[0] == 'W')"), "params_biases_first"),
        ("check_params_last_layer_first", NEARLY, "of the parameters the last layer comes first, of the gradients it does not", _ORDER_BOTH,
         reordered("(-int(key[1:]), key[0] == 'B')"), "params_last_layer_first"),
        ("check_params_by_columns", NEARLY, "each matrix of parameters is unrolled by columns, and filled by rows", _ROWS,
         {_MADE: _MADE + '\n    values = np.concatenate([params[key].ravel("F") for key in shapes])'}, "params_by_columns"),
        ("check_filled_by_columns", NEARLY, "the matrices are filled by columns, and were unrolled by rows", _ROWS,
         {"vector_to_dict(values + nudge, shapes)": _TURNED.format("+"), "vector_to_dict(values - nudge, shapes)": _TURNED.format("-")},
         "filled_by_columns"),
        ("check_grads_by_columns", NEARLY, "each matrix of gradients is unrolled by columns, the parameters by rows", _ROWS,
         joined(f"sorted({_PICKED}, key=lambda key: (int(key[2:]), key[1] == 'B'))", 'ravel("F")'), "grads_by_columns"),
        ("both_by_columns", NEARLY, "parameters and gradients are unrolled by columns, not by rows", _ROWS,
         {"gradapprox = np.zeros(values.size)": "gradapprox = np.zeros(values.size)\n    turned = lambda vector: np.concatenate("
          '[block.ravel("F") for block in vector_to_dict(vector, shapes).values()])',
          "relative_difference(grad, gradapprox), gradapprox": "relative_difference(grad, gradapprox), turned(gradapprox)"}),
        ("both_weights_then_biases", NEARLY, "both vectors have all weights before all biases", _ORDER_BOTH,
         consistent("(key[0] == 'B', int(key[1:]))")),
        ("both_sorted", NEARLY, "both vectors are in alphabetical order: all biases, then all weights", _ORDER_BOTH, consistent("key")),
        ("both_biases_first", NEARLY, "both vectors have the biases of a layer before its weights", _ORDER_BOTH,
         consistent("(int(key[1:]), key[0] == 'W')")),
        ("both_last_layer_first", NEARLY, "both vectors begin with the last layer", _ORDER_BOTH,
         consistent("(-int(key[1:]), key[0] == 'B')")),
    ),
]  # fmt: skip

NORM = rows("check_gradient", "norm",
    ("no_denominator", HALF, "the distance of the gradients is not divided by their norms", _RATIO, norms("norm(grad - gradapprox)")),
    ("product_denominator", MOST, "the norms are multiplied in the denominator", _RATIO,
     norms("norm(grad - gradapprox) / (norm(grad) * norm(gradapprox))")),
    ("gradapprox_norm_only", MOST, "the denominator is the norm of gradapprox alone", _RATIO,
     norms("norm(grad - gradapprox) / norm(gradapprox)")),
    ("grad_norm_only", MOST, "the denominator is the norm of grad alone", _RATIO, norms("norm(grad - gradapprox) / norm(grad)")),
    ("grad_norm_twice", MOST, "the denominator has the norm of grad twice", _RATIO,
     norms("norm(grad - gradapprox) / (norm(grad) + norm(grad))")),
    ("gradapprox_norm_twice", MOST, "the denominator has the norm of gradapprox twice", _RATIO,
     norms("norm(grad - gradapprox) / (norm(gradapprox) + norm(gradapprox))")),
    ("larger_norm", MOST, "the denominator is the larger of the norms, not their sum", _RATIO,
     norms("norm(grad - gradapprox) / max(norm(grad), norm(gradapprox))")),
    ("denominator_subtracted", MOST, "the norms are subtracted in the denominator", _RATIO,
     norms("norm(grad - gradapprox) / (norm(grad) - norm(gradapprox))")),
    ("denominator_parentheses_missing", HALF, "only the first norm divides, because the parentheses around the denominator are missing",
     "Division comes before addition in Python. Say with parentheses what belongs below the line.",
     norms("norm(grad - gradapprox) / norm(grad) + norm(gradapprox)")),
    ("epsilon_in_denominator", NEARLY, "epsilon is added to the denominator",
     "A guard against division by zero must not change the result, and epsilon need not be small. " + _RATIO,
     norms("norm(grad - gradapprox) / (norm(grad) + norm(gradapprox) + epsilon)")),
    ("ratio_inverted", HALF, "the ratio is upside down", "Equal gradients should give 0. " + _RATIO,
     norms("(norm(grad) + norm(gradapprox)) / norm(grad - gradapprox)")),
    ("norms_subtracted", HALF, "the numerator is the difference of the norms, not the norm of the difference",
     "Two gradients may have equal norms and point in different directions. Which comes first, subtracting or taking the norm?",
     norms("(norm(grad) - norm(gradapprox)) / (norm(grad) + norm(gradapprox))")),
    ("norm_of_sum", MOST, "the denominator is the norm of the sum, not the sum of the norms", _RATIO,
     norms("norm(grad - gradapprox) / norm(grad + gradapprox)")),
    ("squared_norms", MOST, "squares stand in the place of all the norms: the square root is forgotten", _EUCLID,
     norms("norm(grad - gradapprox) ** 2 / (norm(grad) ** 2 + norm(gradapprox) ** 2)")),
    ("numerator_squared", MOST, "the numerator is the square of the norm: a square root is forgotten", _EUCLID,
     norms("norm(grad - gradapprox) ** 2 / (norm(grad) + norm(gradapprox))")),
    ("difference_squared", MOST, "the relative difference is squared", _RATIO,
     norms("(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox))) ** 2")),
    ("absolute_sums", MOST, "sums or means of absolute values stand in the place of the norms", _EUCLID,
     norms("abs(grad - gradapprox).sum() / (abs(grad).sum() + abs(gradapprox).sum())")),
    ("largest_components", MOST, "the largest absolute values stand in the place of the norms", _EUCLID,
     norms("abs(grad - gradapprox).max() / (abs(grad).max() + abs(gradapprox).max())")),
    ("signed_sums", LITTLE, "the components are summed with their signs instead of taking norms", _EUCLID,
     norms("(grad - gradapprox).sum() / (grad.sum() + gradapprox.sum())")),
    ("numerator_without_norm", HALF, "no norm is taken of the difference of the gradients",
     "The result is a single number that is never negative. What makes such a number of the difference of the gradients?",
     norms("(grad - gradapprox) / (norm(grad) + norm(gradapprox))")),
    ("mean_squared_error", LITTLE, "the mean squared error of the gradients is returned", _RATIO,
     norms("((grad - gradapprox) ** 2).mean()")),
    ("last_component_only", LITTLE, "only the last component of the gradients is compared",
     "Look at the indentation and the indices of the lines after the loop: they have to see all the components at once.",
     norms("relative_difference(grad[-1:], gradapprox[-1:])")),
)  # fmt: skip

_RETURNED = "relative_difference(grad, gradapprox), gradapprox"
WHOLE = rows("check_gradient", "whole",
    ("difference_only", MOST, "only the difference is returned, without gradapprox", _PAIR,
     {_RETURNED: "relative_difference(grad, gradapprox)"}),
    ("gradapprox_only", LITTLE, "only gradapprox is returned, without the difference", _PAIR, {_RETURNED: "gradapprox"}),
    ("pair_swapped", NEARLY, "gradapprox comes before the difference", _PAIR,
     {_RETURNED: "gradapprox, relative_difference(grad, gradapprox)"}),
    ("grad_beside", NEARLY, "grad is returned beside the difference and gradapprox", _PAIR, {_RETURNED: _RETURNED + ", grad"}),
    ("grad_not_gradapprox", MOST, "grad is returned in the place of gradapprox", _PAIR,
     {_RETURNED: "relative_difference(grad, gradapprox), grad"}),
    ("returns_boolean", LITTLE, "whether the gradients agree is returned, not how far they are apart",
     "The message may say whether the difference is small. The caller gets the difference itself.",
     {_RETURNED: "relative_difference(grad, gradapprox) < 2e-7, gradapprox"}),
    ("gradapprox_as_column", NEARLY, "gradapprox is a column with two axes, not flat", _FLAT,
     {_RETURNED: "relative_difference(grad, gradapprox), gradapprox.reshape(-1, 1)"}),
    ("column_minus_flat", MOST, "gradapprox is a column and grad is flat, so their difference is a matrix",
     "Print the shape of grad - gradapprox: a column minus a flat vector gives a matrix.",
     {"gradapprox = np.zeros(values.size)": "gradapprox = np.zeros((values.size, 1))"}),
    ("gradapprox_as_dictionary", MOST, "gradapprox is returned as a dictionary, not as a vector", _PAIR,
     {_RETURNED: "relative_difference(grad, gradapprox), vector_to_dict(gradapprox, shapes)"}),
    ("gradapprox_as_list", NEARLY, "gradapprox is a list of numbers, not an array",
     "Print the type of gradapprox: it has to be a NumPy array.",
     {_RETURNED: "relative_difference(grad, gradapprox), gradapprox.tolist()"}),
    ("pair_not_returned", NOTHING, "nothing is returned: the value is None", _NONE,
     {"return relative": "result = relative"}),
    ("constant_zero", NOTHING, "0 and zeros are returned, and the cost never evaluated", _CONSTANT,
     {_GRAD: f"{_GRAD}\n    return 0.0, np.zeros(values.size)"}),
    ("grad_for_gradapprox", NOTHING, "grad is taken for gradapprox, and the cost never evaluated",
     "What is compared has to come from the cost: evaluate it on both sides of the vector.",
     {_GRAD: f"{_GRAD}\n    return 0.0, grad"}),
    ("published_constant", NOTHING, "the published difference is returned with zeros, and the cost never evaluated", _CONSTANT,
     {_GRAD: f"{_GRAD}\n    return 1.1890417878730741e-07, np.zeros(values.size)"}),
)  # fmt: skip

# Helpers' mistakes that come through with values of their own. Where all that is left is an exception, it could have other causes.
CARRIED = {
    "params_reversed", "params_sorted_downwards", "params_as_integers", "params_backwards",
    "grads_in_reversed_dictionary_order", "grads_reversed", "grads_sorted_downwards", "grads_as_column", "grads_absolute",
    "start_never_moved", "pieces_overlap", "pieces_from_the_end", "first_number_only", "shapes_sorted", "shapes_backwards",
    "weights_then_biases_back", "biases_before_weights_back", "back_transposed", "back_as_integers",
}  # fmt: skip


def carried(item):
    """What check_gradient does where its helper has a mistake, as a mistake of its own: the helper is written into it as it is wrong."""
    helper = textwrap.indent(implementation(_SOLUTION, (item,)), "    ")
    edits = {_MADE: f"{helper.lstrip()}    {_MADE}"}
    return Misconception(f"check_{item.id}", "check_gradient", item.title, item.hint, NEARLY, "helper", edits, follows=(item.id,))


FOLLOWING = [carried(item) for item in (*PARAMS, *GRADS, *BACK) if item.id in CARRIED]
MISCONCEPTIONS = [*PARAMS, *GRADS, *BACK, *POINTS, *APPROXIMATION, *GRADIENT, *NORM, *WHOLE, *FOLLOWING]
