"""Right implementations in other words. Each gets full marks: numbers are copied exactly, and slopes right to seven digits."""

import textwrap

from grader.model import Equivalent

CHECK = "def check_gradient(X, Y, params, grads, epsilon=1e-7):\n"


def rewritten(function, *table):
    """Equivalents of one function: id, and the edits or the whole source."""
    return [Equivalent(key, function, **{"source" if isinstance(change, str) else "edits": change}) for key, change in table]


def source(text):
    """A definition, and what it needs beside it."""
    return textwrap.dedent(text).lstrip("\n")


def norm(formula):
    """The edit that writes the relative difference in another way."""
    return {"relative_difference": f"(lambda grad, gradapprox, norm=np.linalg.norm: {formula})"}


def sized(formula):
    """The edit that computes the norm of a `vector` in another way."""
    size = f"size = lambda vector: {formula}"
    return {"return relative_difference": f"{size}\n    return (lambda g, a: size(g - a) / (size(g) + size(a)))"}


def looped(loop, ending="relative_difference(grad, gradapprox), gradapprox"):
    """check_gradient with another way to fill gradapprox; `cost` takes a vector."""
    body = f"""
values, shapes = params_to_vector(params)
grad = grads_to_vector(grads)
def cost(vector):
    return compute_cost(forward(X, vector_to_dict(vector, shapes))[0], Y)
{source(loop).rstrip()}
return {ending}
"""
    return CHECK + textwrap.indent(body.lstrip("\n"), "    ")


_KEYS = 'sorted(params, key=lambda key: (int(key[1:]), key[0] == "B"))'
_UNROLLED = "np.concatenate([params[key].ravel() for key in keys])"
_KEPT = "{key: params[key].shape for key in keys}"

PARAMS = rewritten(
    "params_to_vector",
    ("layers_counted", {_KEYS: '[f"{kind}{layer}" for layer in range(1, len(params) // 2 + 1) for kind in "WB"]'}),
    ("sorted_downwards_and_reversed", {_KEYS: "sorted(params, key=lambda key: (-int(key[1:]), key[0]), reverse=True)"}),
    ("sorted_by_letter_rank", {_KEYS: 'sorted(params.keys(), key=lambda key: 2 * int(key[1:]) + "WB".index(key[0]))'}),
    ("sorted_twice", {_KEYS: "sorted(sorted(params, reverse=True), key=lambda key: int(key[1:]))"}),
    ("flattened", {_UNROLLED: _UNROLLED.replace("ravel", "flatten")}),
    ("reshaped", {_UNROLLED: _UNROLLED.replace("ravel()", "reshape(-1)")}),
    ("hstack", {_UNROLLED: "np.hstack([params[key].flat for key in keys])"}),
    ("columns_then_flat", {_UNROLLED: "np.vstack([params[key].reshape(-1, 1) for key in keys]).ravel()"}),
    ("rows_then_squeezed", {_UNROLLED: "np.concatenate([params[key].reshape(1, -1) for key in keys], axis=1).squeeze()"}),
    ("appended", source("""
        def params_to_vector(params):
            vector, shapes = np.array([]), {}
            for layer in range(1, len(params) // 2 + 1):
                for name in (f"W{layer}", f"B{layer}"):
                    vector = np.append(vector, params[name])
                    shapes[name] = params[name].shape
            return vector, shapes
    """)),
    ("concatenated_in_turn", source("""
        def params_to_vector(params):
            vector, shapes, layer = None, {}, 1
            while f"W{layer}" in params:
                piece = np.concatenate((params[f"W{layer}"].flatten(), params[f"B{layer}"].flatten()))
                vector = piece if vector is None else np.concatenate((vector, piece), axis=0)
                shapes.update({f"W{layer}": params[f"W{layer}"].shape, f"B{layer}": params[f"B{layer}"].shape})
                layer += 1
            return vector, shapes
    """)),
    ("python_numbers_in_loops", source("""
        def params_to_vector(params):
            numbers, shapes = [], {}
            for layer in range(1, len(params) // 2 + 1):
                for kind in "WB":
                    block = params[kind + str(layer)]
                    rows, columns = block.shape
                    shapes[kind + str(layer)] = (rows, columns)
                    for row in range(rows):
                        for column in range(columns):
                            numbers.append(float(block[row, column]))
            return np.array(numbers), shapes
    """)),
    ("filled_in_place", source("""
        def params_to_vector(params):
            keys = sorted(params, key=lambda key: (int(key[1:]), "WB".find(key[0])))
            vector, start = np.empty(sum(block.size for block in params.values())), 0
            for key in keys:
                vector[start : start + params[key].size] = params[key].flat
                start += params[key].size
            return vector, dict(zip(keys, (params[key].shape for key in keys)))
    """)),
    ("ordered_dictionary", source("""
        from collections import OrderedDict

        def params_to_vector(params):
            keys = sorted(params, key=lambda key: (int(key[1:]), key[0] == "B"))
            ordered = OrderedDict((key, params[key]) for key in keys)
            shapes = OrderedDict((key, block.shape) for key, block in ordered.items())
            return np.concatenate([block.ravel() for block in ordered.values()]), shapes
    """)),
    ("default_dictionary", source("""
        from collections import defaultdict

        def params_to_vector(params):
            shapes = defaultdict(tuple)
            pieces = []
            for key in sorted(params, key=lambda key: (int(key[1:]), key[0] == "B")):
                shapes[key] = np.shape(params[key])
                pieces.append(np.ravel(params[key]))
            return np.concatenate(pieces), shapes
    """)),
    ("named_tuple", source("""
        from collections import namedtuple

        Unrolled = namedtuple("Unrolled", "vector shapes")

        def params_to_vector(params):
            keys = sorted(params, key=lambda key: (int(key[1:]), key[0] == "B"))
            return Unrolled(np.concatenate([params[key].ravel() for key in keys]), {key: params[key].shape for key in keys})
    """)),
    ("shapes_as_lists", {_KEPT: "{key: list(params[key].shape) for key in keys}"}),
    ("shapes_in_the_dictionary_s_order", {_KEPT: "{key: block.shape for key, block in params.items()}"}),
    ("params_annotated", {"(params):": "(params: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, tuple[int, ...]]]:"}),
    ("params_renamed_and_extended", source("""
        def params_to_vector(weights, order="C", *, verbose=False):
            names = sorted(weights, key=lambda name: (int(name[1:]), name[:1] != "W"))
            if verbose:
                print(names)
            return np.concatenate([weights[name].ravel(order) for name in names]), {name: weights[name].shape for name in names}
    """)),
    ("params_lambda", source("""
        keys_of = lambda params: sorted(params, key=lambda key: (int(key[1:]), key[0] == "B"))
        params_to_vector = lambda params: (
            np.concatenate([params[key].ravel() for key in keys_of(params)]), {key: params[key].shape for key in keys_of(params)})
    """)),
    ("params_class", source("""
        class Unroller:
            def __call__(self, params):
                layers = len(params) // 2
                self.keys = [kind + str(layer + 1) for layer in range(layers) for kind in ("W", "B")]
                return np.concatenate([params[key].ravel() for key in self.keys]), {key: params[key].shape for key in self.keys}

        params_to_vector = Unroller()
    """)),
    ("params_decorated", source("""
        import functools

        def told(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                result = function(*args, **kwargs)
                print(function.__name__, "gives", result)
                return result
            return wrapper

        @told
        def params_to_vector(params):
            keys = [f"{kind}{layer}" for layer in range(1, len(params) // 2 + 1) for kind in ("W", "B")]
            return np.concatenate([params[key].ravel() for key in keys]), {key: params[key].shape for key in keys}
    """)),
)  # fmt: skip

_CHOSEN = '[key for key in grads if not key.startswith("dA")]'
_SORTED = 'sorted(keys, key=lambda key: (int(key[2:]), key[1] == "B"))'

GRADS = rewritten(
    "grads_to_vector",
    ("second_letter_not_a", {_CHOSEN: '[key for key in grads if key[1] != "A"]'}),
    ("weights_and_biases_chosen", {_CHOSEN: '[key for key in grads if key[:2] in ("dW", "dB")]'}),
    ("chosen_by_pattern", source("""
        import re

        def grads_to_vector(grads):
            found = sorted((int(match[2]), match[1] != "W", key) for key in grads if (match := re.fullmatch(r"d([WB])(\\d+)", key)))
            return np.concatenate([grads[key].ravel() for _, _, key in found])
    """)),
    ("grads_layers_counted", source("""
        def grads_to_vector(grads):
            layers = sum(key.startswith("dW") for key in grads)
            return np.concatenate([grads[f"d{kind}{layer}"].ravel() for layer in range(1, layers + 1) for kind in "WB"])
    """)),
    ("grads_sorted_downwards_and_reversed", {_SORTED: "sorted(keys, key=lambda key: (-int(key[2:]), key[1]), reverse=True)"}),
    ("activations_dropped_from_a_copy", source("""
        def grads_to_vector(grads):
            grads = dict(grads)
            for key in list(grads):
                if key.startswith("dA"):
                    del grads[key]
            keys = sorted(grads, key=lambda key: (int(key[2:]), "WB".index(key[1])))
            return np.hstack([grads[key].flatten() for key in keys])
    """)),
    ("through_params_to_vector", source("""
        def grads_to_vector(grads):
            vector, _ = params_to_vector({key[1:]: block for key, block in grads.items() if not key.startswith("dA")})
            return vector
    """)),
    ("grads_flattened", {"ravel()": "flatten()"}),
    ("grads_reshaped", {"ravel()": "reshape(-1)"}),
    ("grads_columns_then_flat", {"ravel()": "reshape(-1, 1)", "== \"B\"))])": "== \"B\"))]).flatten()"}),
    ("grads_renamed_and_extended", {"(grads):": "(gradients, prefix='dA', print_process=False):\n    grads = gradients", '"dA"': "prefix"}),
    ("grads_lambda", source("""
        grads_to_vector = lambda grads: np.concatenate(
            [grads[key].ravel() for key in sorted((key for key in grads if key[1] in "WB"), key=lambda key: (int(key[2:]), key[1] == "B"))])
    """)),
    ("grads_class", source("""
        class Joined:
            def __call__(self, grads):
                numbers = []
                for layer in range(1, 1 + sum(key[1] == "W" for key in grads)):
                    numbers += grads["dW" + str(layer)].ravel().tolist() + grads["dB" + str(layer)].ravel().tolist()
                return np.array(numbers)

        grads_to_vector = Joined()
    """)),
    ("grads_map_and_filter", source("""
        def grads_to_vector(grads):
            names = filter(lambda name: not name.startswith("dA"), grads)
            names = sorted(names, key=lambda name: (int(name[2:]), -ord(name[1])))
            return np.concatenate(list(map(lambda name: np.ravel(grads[name]), names)))
    """)),
)  # fmt: skip

BACK = rewritten(
    "vector_to_dict",
    ("length_moved", source("""
        def vector_to_dict(vector, shapes):
            params = {}
            start_idx = 0
            for key, shape in shapes.items():
                size = int(np.prod(shape))
                params[key] = vector[start_idx:start_idx + size].reshape(shape)
                start_idx += size
            return params
    """)),
    ("np_split", source("""
        def vector_to_dict(vector, shapes):
            ends = np.cumsum([np.prod(shape) for shape in shapes.values()])
            pieces = np.split(vector, ends[:-1])
            return {key: piece.reshape(shape) for (key, shape), piece in zip(shapes.items(), pieces)}
    """)),
    ("rest_kept", source("""
        def vector_to_dict(vector, shapes):
            params, rest = {}, vector
            for key in shapes:
                count = shapes[key][0] * shapes[key][1]
                piece, rest = rest[:count], rest[count:]
                params[key] = np.reshape(piece, shapes[key])
            return params
    """)),
    ("math_prod", source("""
        import math

        def vector_to_dict(vector, shapes):
            place, params = 0, dict.fromkeys(shapes)
            for key in params:
                params[key] = np.array(vector[place : place + math.prod(shapes[key])]).reshape(*shapes[key])
                place += params[key].size
            return params
    """)),
    ("copied", {"reshape(shape)": "reshape(shape).copy()"}),
    ("flattened_first", {"params, start = {}, 0": "vector, params, start = np.asarray(vector).flatten(), {}, 0"}),
    ("column_first", {"params, start = {}, 0": "vector, params, start = np.reshape(vector, (-1, 1)), {}, 0"}),
    ("by_layers", source("""
        def vector_to_dict(vector, shapes):
            params, start = {}, 0
            for layer in range(1, len(shapes) // 2 + 1):
                for kind in ("W", "B"):
                    rows, columns = shapes[f"{kind}{layer}"]
                    params[f"{kind}{layer}"] = vector[start : start + rows * columns].reshape((rows, columns))
                    start += rows * columns
            return params
    """)),
    ("entry_by_entry", source("""
        def vector_to_dict(vector, shapes):
            numbers, params = iter(vector), {}
            for key, shape in shapes.items():
                params[key] = np.zeros(shape)
                for index in np.ndindex(*shape):
                    params[key][index] = next(numbers)
            return params
    """)),
    ("back_ordered_dictionary", source("""
        from collections import OrderedDict

        def vector_to_dict(vector, shapes):
            params, start = OrderedDict(), 0
            for key, shape in shapes.items():
                params[key] = vector[start : start + np.prod(shape)].reshape(shape)
                start = start + np.prod(shape)
            return params
    """)),
    ("keys_sorted_by_layer", {"shapes.items()": "sorted(shapes.items(), key=lambda item: (int(item[0][1:]), item[0][0] == 'B'))"}),
    ("back_renamed_and_extended",
     {"(vector, shapes):": "(theta, shape_dict, copy=False, print_process=False):\n    vector, shapes = theta, shape_dict"}),
    ("back_recursive", source("""
        def vector_to_dict(vector, shapes):
            if not shapes:
                return {}
            (key, shape), *others = shapes.items()
            count = int(np.prod(shape))
            return {key: vector[:count].reshape(shape), **vector_to_dict(vector[count:], dict(others))}
    """)),
    ("back_lambda", source("""
        import itertools

        vector_to_dict = lambda vector, shapes: {
            key: vector[stop - np.prod(shape) : stop].reshape(shape)
            for (key, shape), stop in zip(shapes.items(), itertools.accumulate(np.prod(shape) for shape in shapes.values()))}
    """)),
    ("back_class", source("""
        class Cutter:
            def take(self, shape):
                piece = self.vector[self.at : self.at + np.prod(shape)]
                self.at += np.prod(shape)
                return piece.reshape(shape)

            def __call__(self, vector, shapes):
                self.vector, self.at = vector, 0
                return {key: self.take(shape) for key, shape in shapes.items()}

        vector_to_dict = Cutter()
    """)),
)  # fmt: skip

CHECK_GRADIENT = rewritten(
    "check_gradient",
    ("halves_then_divides", {"/ (2 * epsilon)": "/ 2 / epsilon"}),
    ("negative_width",
     {"(compute_cost(above, Y) - compute_cost(below, Y)) / (2": "(compute_cost(below, Y) - compute_cost(above, Y)) / (-2"}),
    ("square_roots", sized("np.sqrt(np.sum(vector**2))")),
    ("dot_products", sized("np.dot(vector, vector) ** 0.5")),
    ("root_mean_squares", sized("np.sqrt(np.mean(vector**2))")),
    ("python_sums", sized("sum(float(entry) ** 2 for entry in vector) ** 0.5")),
    ("python_float", norm("float(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)))")),
    ("one_element", norm("np.reshape(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)), (1, 1))")),
    ("zero_dimensional", norm("np.array(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)))")),
    ("subtracted_the_other_way", norm("norm(gradapprox - grad) / (norm(gradapprox) + norm(grad))")),
    ("guarded_division", norm("norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)) if norm(grad) + norm(gradapprox) > 0 else 0.0")),
    ("list_of_two",
     {"return relative_difference(grad, gradapprox), gradapprox": "return [relative_difference(grad, gradapprox), gradapprox]"}),
    ("check_named_tuple", source("""
        import typing

        class Check(typing.NamedTuple):
            difference: float
            gradapprox: np.ndarray

        def check_gradient(X, Y, params, grads, epsilon=1e-7):
            values, shapes = params_to_vector(params)
            slopes = []
            for i in range(len(values)):
                moved = values.copy()
                moved[i] += epsilon
                above = compute_cost(forward(X, vector_to_dict(moved, shapes))[0], Y)
                moved[i] -= 2 * epsilon
                slopes.append((above - compute_cost(forward(X, vector_to_dict(moved, shapes))[0], Y)) / (2 * epsilon))
            gradapprox = np.array(slopes)
            return Check(relative_difference(grads_to_vector(grads), gradapprox), gradapprox)
    """)),
    ("print_process", {"epsilon=1e-7):": "epsilon=1e-7, print_process=False):",
     "/ (2 * epsilon)": "/ (2 * epsilon)\n        print_process and print(i, gradapprox[i])"}),
    ("extra_parameters",
     {"epsilon=1e-7):": "epsilon=1e-7, verbose=True, *, threshold=2e-7):\n    print('checking', len(params), 'parameters')"}),
    ("annotated",
     {"(X, Y, params, grads, epsilon=1e-7):": "(X: np.ndarray, Y: np.ndarray, params: dict, grads: dict, epsilon: float = 1e-7) -> tuple:"},
    ),
    ("keyword_calls", {
        "forward(X, vector_to_dict(values + nudge, shapes))": "forward(params=vector_to_dict(vector=values + nudge, shapes=shapes), X=X)",
        "forward(X, vector_to_dict(values - nudge, shapes))": "forward(params=vector_to_dict(values - nudge, shapes), X=X)",
        "compute_cost(above, Y)": "compute_cost(Y=Y, Y_pred=above)",
    }),
    ("renamed_parameters", source("""
        def check_gradient(data, labels, weights, gradients, step=1e-7):
            start, layout = params_to_vector(weights)
            near = np.empty(start.shape)
            for i in range(start.shape[0]):
                costs = {}
                for sign in (-1, 1):
                    moved = np.copy(start)
                    moved[i] = start[i] + sign * step
                    outputs, caches = forward(data, vector_to_dict(moved, layout))
                    costs[sign] = compute_cost(outputs, labels)
                near[i] = (costs[1] - costs[-1]) / (2 * step)
            given = grads_to_vector(gradients)
            return np.linalg.norm(given - near) / (np.linalg.norm(given) + np.linalg.norm(near)), near
    """)),
    ("by_the_module_s_name", source("""
        import my_ANN as ann

        def check_gradient(X, Y, params, grads, epsilon=1e-7):
            values, shapes = params_to_vector(params)
            def cost(vector):
                return ann.compute_cost(ann.forward(X, vector_to_dict(vector, shapes))[0], Y)
            gradapprox = np.zeros(values.size)
            for i, step in enumerate(epsilon * np.eye(values.size)):
                gradapprox[i] = (cost(values + step) - cost(values - step)) / (2 * epsilon)
            return relative_difference(grads_to_vector(grads), gradapprox), gradapprox
    """)),
    ("under_other_names", source("""
        from my_ANN import compute_cost as J, forward as predict

        def check_gradient(X, Y, params, grads, epsilon=1e-7):
            values, shapes = params_to_vector(params)
            gradapprox = np.zeros_like(values)
            for i in range(values.size):
                up, down = values.copy(), values.copy()
                up[i], down[i] = up[i] + epsilon, down[i] - epsilon
                rise = J(predict(X, vector_to_dict(up, shapes))[0], Y) - J(predict(X, vector_to_dict(down, shapes))[0], Y)
                gradapprox[i] = rise / (2 * epsilon)
            return relative_difference(grads_to_vector(grads), gradapprox), gradapprox
    """)),
    ("imported_inside", {"values, shapes = ": "from my_ANN import compute_cost, forward\n    values, shapes = "}),
    ("in_place_and_restored", looped("""
        gradapprox = np.zeros(values.shape)
        for i in range(len(values)):
            kept = values[i]
            values[i] = kept + epsilon
            above = cost(values)
            values[i] = kept - epsilon
            below = cost(values)
            values[i] = kept
            gradapprox[i] = (above - below) / (2 * epsilon)
    """)),
    ("two_loops_backwards", looped("""
        costs = np.zeros((2, len(values)))
        for side, sign in enumerate((1, -1)):
            for i in reversed(range(len(values))):
                moved = values.copy()
                moved[i] += sign * epsilon
                costs[side, i] = cost(moved)
        gradapprox = (costs[0] - costs[1]) / (2 * epsilon)
    """)),
    ("along_axis", looped("""
        steps = epsilon * np.eye(values.size)
        gradapprox = (np.apply_along_axis(cost, 1, values + steps) - np.apply_along_axis(cost, 1, values - steps)) / (2 * epsilon)
    """)),
    ("list_comprehension", looped("""
        steps = [epsilon * (np.arange(len(values)) == i) for i in range(len(values))]
        gradapprox = np.array([(cost(values + step) - cost(values - step)) / (2 * epsilon) for step in steps])
    """)),
    ("np_vectorize", looped("""
        def slope(i):
            step = np.zeros(values.size)
            step[i] = epsilon
            return (cost(values + step) - cost(values - step)) / (2 * epsilon)
        gradapprox = np.vectorize(slope, otypes=[float])(np.arange(values.size))
    """)),
    ("while_loop", looped("""
        gradapprox, i = [], 0
        while i < len(grad):
            above, below = np.array(values), np.array(values)
            above[i] += epsilon
            below[i] -= epsilon
            gradapprox = np.append(gradapprox, np.divide(np.subtract(cost(above), cost(below)), 2 * epsilon))
            i += 1
    """)),
    ("columns_inside", looped("""
        column = values.reshape(-1, 1)
        gradapprox = np.zeros(column.shape)
        for i in range(len(column)):
            up, down = column.copy(), column.copy()
            up[i][0] += epsilon
            down[i][0] -= epsilon
            gradapprox[i] = (cost(up) - cost(down)) / (2 * epsilon)
        gradapprox = gradapprox.ravel()
    """)),
    ("entries_of_copied_dictionary", CHECK + textwrap.indent(source("""
        import copy
        near = {}
        for name, block in params.items():
            near["d" + name] = np.zeros(block.shape)
            for place in np.ndindex(*block.shape):
                up, down = copy.deepcopy(params), copy.deepcopy(params)
                up[name][place] += epsilon
                down[name][place] -= epsilon
                rise = compute_cost(forward(X, up)[0], Y) - compute_cost(forward(X, down)[0], Y)
                near["d" + name][place] = rise / (2 * epsilon)
        return relative_difference(grads_to_vector(grads), grads_to_vector(near)), grads_to_vector(near)
    """), "    ")),
    ("entries_in_place", CHECK + textwrap.indent(source("""
        near = {name: np.empty_like(block) for name, block in params.items()}
        for name, block in params.items():
            for index in np.ndindex(block.shape):
                kept, costs = block[index], []
                for sign in (1, -1):
                    block[index] = kept + sign * epsilon
                    costs.append(compute_cost(forward(X, params)[0], Y))
                block[index] = kept
                near[name][index] = (costs[0] - costs[1]) / (2 * epsilon)
        gradapprox, _ = params_to_vector(near)
        return relative_difference(grads_to_vector(grads), gradapprox), gradapprox
    """), "    ")),
    ("helpers_of_its_own", source("""
        def unroll(blocks):
            keys = sorted(blocks, key=lambda key: (int(key.lstrip("dWB")), "B" in key))
            return np.concatenate([blocks[key].ravel() for key in keys]), keys

        def roll(vector, like, keys):
            params = {}
            for key in keys:
                params[key], vector = vector[: like[key].size].reshape(like[key].shape), vector[like[key].size :]
            return params

        def check_gradient(X, Y, params, grads, epsilon=1e-7):
            values, keys = unroll(params)
            grad, _ = unroll({key: block for key, block in grads.items() if "A" not in key})
            def cost(vector):
                Y_pred, _ = forward(X, roll(vector, params, keys))
                return compute_cost(Y_pred, Y)
            gradapprox = np.array([(cost(values + step) - cost(values - step)) / (2 * epsilon) for step in np.eye(len(values)) * epsilon])
            return np.linalg.norm(grad - gradapprox) / (np.linalg.norm(grad) + np.linalg.norm(gradapprox)), gradapprox
    """)),
    ("dictionaries_in_another_order", source("""
        def check_gradient(X, Y, params, grads, epsilon=1e-7):
            values, shapes = params_to_vector(params)
            gradapprox = np.zeros(values.size)
            for i in range(values.size):
                costs = []
                for shift in (epsilon, -epsilon):
                    moved = values.copy()
                    moved[i] += shift
                    blocks = vector_to_dict(moved, shapes)
                    costs.append(compute_cost(forward(X, {key: blocks[key] for key in reversed(blocks)})[0], Y))
                gradapprox[i] = (costs[0] - costs[1]) / (2 * epsilon)
            return relative_difference(grads_to_vector(grads), gradapprox), gradapprox
    """)),
    ("generator_of_slopes", source("""
        def slopes(cost, start, width):
            for i in range(start.size):
                moved = start.copy()
                moved[i] = start[i] + width
                above = cost(moved)
                moved[i] = start[i] - width
                yield (above - cost(moved)) / (2 * width)

        def check_gradient(X, Y, params, grads, epsilon=1e-7):
            values, shapes = params_to_vector(params)
            cost = lambda vector: compute_cost(forward(X, vector_to_dict(vector, shapes))[0], Y)
            gradapprox = np.fromiter(slopes(cost, values, epsilon), float)
            return relative_difference(grads_to_vector(grads), gradapprox), gradapprox
    """)),
    ("class_with_call", source("""
        class Checker:
            def cost(self, vector):
                return compute_cost(forward(self.X, vector_to_dict(vector, self.shapes))[0], self.Y)

            def slope(self, i):
                up, down = self.values.copy(), self.values.copy()
                up[i] += self.epsilon
                down[i] -= self.epsilon
                return (self.cost(up) - self.cost(down)) / (2 * self.epsilon)

            def __call__(self, X, Y, params, grads, epsilon=1e-7):
                self.X, self.Y, self.epsilon = X, Y, epsilon
                self.values, self.shapes = params_to_vector(params)
                gradapprox = np.array([self.slope(i) for i in range(len(self.values))])
                return relative_difference(grads_to_vector(grads), gradapprox), gradapprox

        check_gradient = Checker()
    """)),
    ("decorated", source("""
        import functools, time

        def timed(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                start = time.perf_counter()
                try:
                    return function(*args, **kwargs)
                finally:
                    print(f"{time.perf_counter() - start:.3f} s")
            return wrapper

        @timed
        def check_gradient(X, Y, params, grads, epsilon=1e-7):
            values, shapes = params_to_vector(params)
            gradapprox = np.zeros(values.size)
            for i in range(values.size):
                costs = []
                for shift in (epsilon, -epsilon):
                    moved = np.array(values)
                    moved[i] += shift
                    costs.append(compute_cost(forward(X, vector_to_dict(moved, shapes))[0], Y))
                gradapprox[i] = (costs[0] - costs[1]) / (2 * epsilon)
            return relative_difference(grads_to_vector(grads), gradapprox), gradapprox
    """)),
)  # fmt: skip

EQUIVALENTS = [*PARAMS, *GRADS, *BACK, *CHECK_GRADIENT]
