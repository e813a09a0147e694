"""Right implementations in other words. Each gets full marks: at epsilon of 1e-3 and more it is right to nine digits."""

import textwrap

from grader.model import Equivalent

ONE = "def gradient_check(x, theta, epsilon=1e-7):\n"
MANY = "def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):\n"


def rewritten(function, *table):
    """Equivalents of one function: id, and the edits or the whole source."""
    return [Equivalent(key, function, **{"source" if isinstance(change, str) else "edits": change}) for key, change in table]


def source(text):
    """A definition, and what it needs beside it."""
    return textwrap.dedent(text).lstrip("\n")


def body(head, text):
    """A function of a known first line."""
    return head + textwrap.indent(source(text), "    ")


def norm(formula):
    """The edit that writes the relative difference in another way."""
    return {"relative_difference": f"(lambda grad, gradapprox, norm=np.linalg.norm: {formula})"}


def sized(formula):
    """The edit that computes the norm of a `vector` in another way."""
    size = f"size = lambda vector: {formula}"
    return {"return relative_difference": f"{size}\n    return (lambda g, a: size(g - a) / (size(g) + size(a)))"}


def looped(loop, grad="gradients_to_vector(gradients)", ending="relative_difference(grad, gradapprox)"):
    """gradient_check_n with another way to fill gradapprox; `cost` takes a vector."""
    return body(MANY, f"""
values, keys = dictionary_to_vector(parameters)
grad = {grad}
def cost(vector):
    return forward_propagation_n(X, Y, vector_to_dictionary(vector))[0]
{source(loop).rstrip()}
return {ending}
""")  # fmt: skip


FORWARD = rewritten(
    "forward_propagation",
    ("forward_commuted", {"theta * x": "x * theta"}),
    ("forward_np_dot", {"theta * x": "np.dot(theta, x)"}),
    ("forward_np_multiply", {"theta * x": "np.multiply(theta, x)"}),
    ("forward_np_prod", {"theta * x": "np.prod([theta, x])"}),
    ("forward_python_float", {"theta * x": "float(theta) * float(x)"}),
    ("forward_zero_dimensional", {"theta * x": "np.array(theta * x)"}),
    ("forward_one_element", {"theta * x": "np.array([theta]) * np.array([x])"}),
    ("forward_one_by_one", {"theta * x": "np.array([[theta]]) @ np.array([[x]])"}),
    ("forward_lambda", "forward_propagation = lambda x, theta: x * theta\n"),
    ("forward_annotated", source("""
        def forward_propagation(x: float, theta: float) -> float:
            J: float = x * theta
            return J
    """)),
    ("forward_renamed_and_extended", source("""
        def forward_propagation(inputs, weight, bias=0):
            return weight * inputs + bias
    """)),
)  # fmt: skip

BACKWARD = rewritten(
    "backward_propagation",
    ("backward_python_float", {"return x": "return float(x)"}),
    ("backward_numpy_scalar", {"return x": "return np.float64(x)"}),
    ("backward_one_element", {"return x": "return np.array([x])"}),
    ("backward_zero_times_theta", {"return x": "return x + 0 * theta"}),
    ("backward_power_rule", {"return x": "return 1 * theta**0 * x"}),
    ("backward_lambda", "backward_propagation = lambda x, theta: x\n"),
    ("backward_class", source("""
        class Slope:
            def __call__(self, x, theta):
                return x

        backward_propagation = Slope()
    """)),
)  # fmt: skip

GRADIENT_CHECK = rewritten(
    "gradient_check",
    ("halves_then_divides", {"/ (2 * epsilon)": "/ 2 / epsilon"}),
    ("half_of_quotient", {"gradapprox = (": "gradapprox = 0.5 * (", "(2 * epsilon)": "epsilon"}),
    ("width_from_points", {"(2 * epsilon)": "((theta + epsilon) - (theta - epsilon))"}),
    ("negative_width", body(ONE, """
        below = forward_propagation(x, theta - epsilon)
        above = forward_propagation(x, theta + epsilon)
        return relative_difference(backward_propagation(x, theta), (below - above) / (-2 * epsilon))
    """)),
    ("numpy_operators", body(ONE, """
        above, below = (forward_propagation(x, point) for point in (np.add(theta, epsilon), np.subtract(theta, epsilon)))
        grad, gradapprox = backward_propagation(x, theta), np.divide(np.subtract(above, below), np.multiply(2.0, epsilon))
        return np.divide(np.linalg.norm(np.subtract(grad, gradapprox)), np.add(np.linalg.norm(grad), np.linalg.norm(gradapprox)))
    """)),
    ("slope_by_np_diff", body(ONE, """
        costs = [forward_propagation(x, theta + sign * epsilon) for sign in (-1, 1)]
        return relative_difference(backward_propagation(x, theta), np.diff(costs)[0] / (2 * epsilon))
    """)),
    ("slope_by_np_gradient", body(ONE, """
        costs = np.array([forward_propagation(x, theta - epsilon), forward_propagation(x, theta + epsilon)])
        return relative_difference(backward_propagation(x, theta), np.gradient(costs, 2 * epsilon)[0])
    """)),
    ("signed_sum", body(ONE, """
        gradapprox = sum(sign * forward_propagation(x, theta + sign * epsilon) for sign in (1, -1)) / (2 * epsilon)
        return relative_difference(backward_propagation(x, theta), gradapprox)
    """)),
    ("nested_function", body(ONE, """
        def cost(shift):
            return forward_propagation(x, theta + shift)
        return relative_difference(backward_propagation(x, theta), (cost(epsilon) - cost(-epsilon)) / (2 * epsilon))
    """)),
    ("partial_function", body(ONE, """
        import functools
        cost = functools.partial(forward_propagation, x)
        return relative_difference(backward_propagation(x, theta), (cost(theta + epsilon) - cost(theta - epsilon)) / (2 * epsilon))
    """)),
    ("keyword_calls", {"(x, theta + epsilon)": "(theta=theta + epsilon, x=x)", "(x, theta - epsilon)": "(theta=theta - epsilon, x=x)"}),
    ("helper_beside_it", source("""
        def central(cost, at, width):
            return (cost(at + width) - cost(at - width)) / (2 * width)

        def gradient_check(x, theta, epsilon=1e-7):
            return relative_difference(backward_propagation(x, theta), central(lambda point: forward_propagation(x, point), theta, epsilon))
    """)),
    ("lambda", source("""
        gradient_check = lambda x, theta, epsilon=1e-7: relative_difference(
            backward_propagation(x, theta),
            (forward_propagation(x, theta + epsilon) - forward_propagation(x, theta - epsilon)) / (2 * epsilon))
    """)),
    ("class_with_call", source("""
        class Check:
            def slope(self, x, theta, width):
                return (forward_propagation(x, theta + width) - forward_propagation(x, theta - width)) / (2 * width)

            def __call__(self, x, theta, epsilon=1e-7):
                return relative_difference(backward_propagation(x, theta), self.slope(x, theta, epsilon))

        gradient_check = Check()
    """)),
    ("decorated", source("""
        import functools

        def told(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                result = function(*args, **kwargs)
                print("the gradients agree" if result < 2e-7 else "the gradients differ", result)
                return result
            return wrapper

        @told
        def gradient_check(x, theta, epsilon=1e-7):
            gradapprox = (forward_propagation(x, theta + epsilon) - forward_propagation(x, theta - epsilon)) / (2 * epsilon)
            return relative_difference(backward_propagation(x, theta), gradapprox)
    """)),
    ("renamed_parameters", source("""
        def gradient_check(data, weight, step=1e-7):
            slope = (forward_propagation(data, weight + step) - forward_propagation(data, weight - step)) / (step + step)
            return relative_difference(backward_propagation(data, weight), slope)
    """)),
    ("extra_parameters", {"epsilon=1e-7):": "epsilon=1e-7, print_msg=False, threshold=2e-7):"}),
    ("annotated", {"(x, theta, epsilon=1e-7):": "(x: float, theta: float, epsilon: float = 1e-7) -> float:"}),
    ("python_float", norm("float(norm(grad - gradapprox)) / float(norm(grad) + norm(gradapprox))")),
    ("zero_dimensional", norm("np.array(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)))")),
    ("one_element", norm("np.array([norm(grad - gradapprox) / (norm(grad) + norm(gradapprox))])")),
    ("absolute_values", norm("abs(grad - gradapprox) / (abs(grad) + abs(gradapprox))")),
    ("square_roots", norm("np.sqrt((grad - gradapprox) ** 2) / (np.sqrt(grad**2) + np.sqrt(gradapprox**2))")),
    ("hypot", norm("np.hypot(grad - gradapprox, 0) / (np.hypot(grad, 0) + np.hypot(0, gradapprox))")),
    ("subtracted_the_other_way", norm("norm(gradapprox - grad) / (norm(gradapprox) + norm(grad))")),
    ("logarithms", norm("np.exp(np.log(norm(grad - gradapprox)) - np.log(norm(grad) + norm(gradapprox)))")),
    ("vectors_of_length_one", norm("norm(np.array([grad]) - [gradapprox]) / (norm([grad]) + norm([gradapprox]))")),
    ("guarded_division", norm("norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)) if norm(grad) + norm(gradapprox) > 0 else 0.0")),
)  # fmt: skip

GRADIENT_CHECK_N = rewritten(
    "gradient_check_n",
    ("halves_then_divides_n", {"/ (2 * epsilon)": "/ 2 / epsilon"}),
    ("square_roots_n", sized("np.sqrt(np.sum(vector**2))")),
    ("root_mean_squares", sized("np.sqrt(np.mean(vector**2))")),
    ("spectral_norms_of_columns", norm("norm(grad - gradapprox, 2) / (norm(grad, 2) + norm(gradapprox, 2))")),
    ("flat_vectors", norm("norm((grad - gradapprox).ravel()) / (norm(grad.ravel()) + norm(gradapprox.flatten()))")),
    ("products_of_vectors", sized("np.dot(vector.T, vector) ** 0.5")),
    ("einsum", sized("np.sqrt(np.einsum('ij,ij->', vector, vector))")),
    ("python_sums", sized("sum(float(entry) ** 2 for entry in vector.flat) ** 0.5")),
    ("hypot_of_all", sized("np.hypot.reduce(vector.ravel())")),
    ("python_float_n", norm("float(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)))")),
    ("one_element_n", norm("np.reshape(norm(grad - gradapprox) / (norm(grad) + norm(gradapprox)), (1, 1))")),
    ("logarithms_n", norm("np.exp(np.log(norm(grad - gradapprox)) - np.log(norm(grad) + norm(gradapprox)))")),
    ("extra_parameters_n", {"epsilon=1e-7):": "epsilon=1e-7, print_msg=False, *, threshold=2e-7):"}),
    ("annotated_n", {"epsilon=1e-7):": "epsilon: float = 1e-7) -> float:"}),
    ("renamed_parameters_n", source("""
        def gradient_check_n(theta, grads, data, labels, step=1e-7):
            start, _ = dictionary_to_vector(theta)
            slopes = []
            for i in range(len(start)):
                costs = {}
                for sign in (-1, 1):
                    moved = start.copy()
                    moved[i, 0] += sign * step
                    costs[sign], _ = forward_propagation_n(data, labels, vector_to_dictionary(moved))
                slopes.append((costs[1] - costs[-1]) / (2 * step))
            return relative_difference(gradients_to_vector(grads), np.array(slopes)[:, None])
    """)),
    ("keyword_calls_n", {
        "(X, Y, vector_to_dictionary(values + nudge))": "(parameters=vector_to_dictionary(values + nudge), Y=Y, X=X)",
        "(X, Y, vector_to_dictionary(values - nudge))": "(parameters=vector_to_dictionary(values - nudge), Y=Y, X=X)",
    }),
    ("course_layout", looped("""
        count = values.shape[0]
        J_plus, J_minus, gradapprox = np.zeros((count, 1)), np.zeros((count, 1)), np.zeros((count, 1))
        for i in range(count):
            theta_plus = np.copy(values)
            theta_plus[i][0] = theta_plus[i][0] + epsilon
            J_plus[i] = cost(theta_plus)
            theta_minus = np.copy(values)
            theta_minus[i][0] = theta_minus[i][0] - epsilon
            J_minus[i] = cost(theta_minus)
            gradapprox[i] = (J_plus[i] - J_minus[i]) / (2.0 * epsilon)
    """)),
    ("minus_before_plus", looped("""
        gradapprox = np.empty_like(values)
        for i in range(len(values)):
            moved = np.copy(values)
            moved[i] = values[i] - epsilon
            below = cost(moved)
            moved[i] = values[i] + epsilon
            gradapprox[i] = (cost(moved) - below) / (2 * epsilon)
    """)),
    ("two_loops_backwards", looped("""
        costs = np.zeros((2, len(values), 1))
        for side, sign in enumerate((1, -1)):
            for i in reversed(range(len(values))):
                moved = values.copy()
                moved[i] += sign * epsilon
                costs[side, i] = cost(moved)
        gradapprox = (costs[0] - costs[1]) / (2 * epsilon)
    """)),
    ("in_place_and_restored", looped("""
        gradapprox = np.zeros_like(values)
        for i in range(len(values)):
            kept = values[i, 0]
            values[i] = kept + epsilon
            above = cost(values)
            values[i] = kept - epsilon
            below = cost(values)
            values[i] = kept
            gradapprox[i] = (above - below) / (2 * epsilon)
    """)),
    ("in_place_and_moved_back", looped("""
        gradapprox = np.zeros_like(values)
        for i in range(len(values)):
            values[i] += epsilon
            above = cost(values)
            values[i] -= 2 * epsilon
            gradapprox[i] = (above - cost(values)) / (2 * epsilon)
            values[i] += epsilon
    """)),
    ("rows_of_identity", looped("""
        steps = epsilon * np.eye(values.size)
        above = np.array([cost(values.ravel() + step) for step in steps])
        below = np.array([cost(values.ravel() - step) for step in steps])
        gradapprox = (above - below) / (2 * epsilon)
    """, grad="gradients_to_vector(gradients).ravel()")),
    ("along_axis", looped("""
        start, steps = values.ravel(), epsilon * np.eye(values.size)
        gradapprox = (np.apply_along_axis(cost, 1, start + steps) - np.apply_along_axis(cost, 1, start - steps))[:, None] / (2 * epsilon)
    """)),
    ("np_vectorize", looped("""
        def slope(i):
            step = np.zeros_like(values)
            step[i] = epsilon
            return (cost(values + step) - cost(values - step)) / (2 * epsilon)
        gradapprox = np.vectorize(slope, otypes=[float])(np.arange(len(values))).reshape(-1, 1)
    """)),
    ("list_comprehension", looped("""
        steps = [epsilon * (np.arange(len(values)) == i)[:, None] for i in range(len(values))]
        gradapprox = np.array([[(cost(values + step) - cost(values - step)) / (2 * epsilon)] for step in steps])
    """)),
    ("enumerated_keys", looped("""
        gradapprox = {}
        for i, _ in enumerate(keys):
            step = np.where(np.arange(len(keys)) == i, epsilon, 0.0).reshape(-1, 1)
            gradapprox[i] = (cost(values + step) - cost(values - step)) / (2 * epsilon)
        gradapprox = np.fromiter(gradapprox.values(), float).reshape(grad.shape)
    """)),
    ("while_loop", looped("""
        gradapprox, i = np.zeros(grad.shape), 0
        while i < grad.size:
            above, below = values.copy(), values.copy()
            above.flat[i] += epsilon
            below.flat[i] -= epsilon
            gradapprox.flat[i] = np.divide(np.subtract(cost(above), cost(below)), 2 * epsilon)
            i += 1
    """)),
    ("running_sums", looped("""
        sums = np.zeros(3)
        for i, slope in enumerate(grad[:, 0]):
            step = np.zeros_like(values)
            step[i] = epsilon
            near = (cost(values + step) - cost(values - step)) / (2 * epsilon)
            sums += (slope - near) ** 2, slope**2, near**2
    """, ending="np.sqrt(sums[0]) / (np.sqrt(sums[1]) + np.sqrt(sums[2]))")),
    ("own_unrolling", looped("""
        gradapprox = np.zeros_like(values)
        for i in range(len(values)):
            step = np.eye(len(values))[:, [i]] * epsilon
            gradapprox[i] = (cost(values + step) - cost(values - step)) / (2 * epsilon)
    """, grad='np.concatenate([gradients["d" + name].reshape(-1, 1) for name in dict.fromkeys(keys)])')),
    ("entries_of_copied_dictionary", body(MANY, """
        import copy
        near = {}
        for name, block in parameters.items():
            near["d" + name] = np.zeros(block.shape)
            for place in np.ndindex(*block.shape):
                up, down = copy.deepcopy(parameters), copy.deepcopy(parameters)
                up[name][place] += epsilon
                down[name][place] -= epsilon
                rise = forward_propagation_n(X, Y, up)[0] - forward_propagation_n(X, Y, down)[0]
                near["d" + name][place] = rise / (2 * epsilon)
        return relative_difference(gradients_to_vector(gradients), gradients_to_vector(near))
    """)),
    ("entries_in_place", body(MANY, """
        near = {name: np.empty_like(block) for name, block in parameters.items()}
        for name, block in parameters.items():
            for row in range(block.shape[0]):
                for column in range(block.shape[1]):
                    kept = block[row, column]
                    block[row, column] = kept + epsilon
                    above, _ = forward_propagation_n(X, Y, parameters)
                    block[row, column] = kept - epsilon
                    below, _ = forward_propagation_n(X, Y, parameters)
                    block[row, column] = kept
                    near[name][row, column] = (above - below) / (2 * epsilon)
        gradapprox, _ = dictionary_to_vector(near)
        return relative_difference(gradients_to_vector(gradients), gradapprox)
    """)),
    ("block_by_block", body(MANY, """
        squares = []
        for name in sorted(parameters):
            block, flat = gradients["d" + name], parameters[name].ravel()
            near = np.zeros(flat.size)
            for i in range(flat.size):
                shape, step = parameters[name].shape, np.zeros(flat.size)
                step[i] = epsilon
                above = forward_propagation_n(X, Y, {**parameters, name: (flat + step).reshape(shape)})[0]
                below = forward_propagation_n(X, Y, {**parameters, name: (flat - step).reshape(shape)})[0]
                near[i] = (above - below) / (2 * epsilon)
            squares.append([np.sum((block.ravel() - near) ** 2), np.sum(block**2), np.sum(near**2)])
        distance, size, size_near = np.sqrt(np.sum(squares, axis=0))
        return distance / (size + size_near)
    """)),
    ("generator_of_slopes", source("""
        def slopes(cost, start, width):
            for i in range(start.size):
                moved = start.copy()
                moved[i] = start[i] + width
                above = cost(moved)
                moved[i] = start[i] - width
                yield (above - cost(moved)) / (2 * width)

        def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
            def cost(vector):
                return forward_propagation_n(X, Y, vector_to_dictionary(vector[:, np.newaxis]))[0]
            gradapprox = np.array(list(slopes(cost, dictionary_to_vector(parameters)[0][:, 0], epsilon)))
            return relative_difference(gradients_to_vector(gradients)[:, 0], gradapprox)
    """)),
    ("lambda_n", source("""
        gradient_check_n = lambda parameters, gradients, X, Y, epsilon=1e-7: relative_difference(
            gradients_to_vector(gradients).ravel(),
            np.array([
                (forward_propagation_n(X, Y, vector_to_dictionary(dictionary_to_vector(parameters)[0].ravel() + step))[0]
                 - forward_propagation_n(X, Y, vector_to_dictionary(dictionary_to_vector(parameters)[0].ravel() - step))[0]) / (2 * epsilon)
                for step in epsilon * np.identity(dictionary_to_vector(parameters)[0].size)
            ]))
    """)),
    ("class_with_call_n", source("""
        class CheckN:
            def cost(self, vector):
                return forward_propagation_n(self.X, self.Y, vector_to_dictionary(vector))[0]

            def slope(self, i):
                up, down = self.values.copy(), self.values.copy()
                up[i] += self.epsilon
                down[i] -= self.epsilon
                return (self.cost(up) - self.cost(down)) / (2 * self.epsilon)

            def __call__(self, parameters, gradients, X, Y, epsilon=1e-7):
                self.X, self.Y, self.epsilon = X, Y, epsilon
                self.values, _ = dictionary_to_vector(parameters)
                gradapprox = np.array([[self.slope(i)] for i in range(len(self.values))])
                return relative_difference(gradients_to_vector(gradients), gradapprox)

        gradient_check_n = CheckN()
    """)),
    ("decorated_n", source("""
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
        def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
            values, _ = dictionary_to_vector(parameters)
            gradapprox = np.zeros_like(values)
            for i in range(len(values)):
                costs = []
                for shift in (epsilon, -epsilon):
                    moved = np.array(values)
                    moved[i, 0] += shift
                    costs += forward_propagation_n(X, Y, vector_to_dictionary(moved))[:1]
                gradapprox[i] = (costs[0] - costs[1]) / (2 * epsilon)
            return relative_difference(gradients_to_vector(gradients), gradapprox)
    """)),
)  # fmt: skip

BACKWARD_N = rewritten(
    "backward_propagation_n",
    ("integer_masks", {"(A2 > 0)": "np.int64(A2 > 0)", "(A1 > 0)": "np.int64(A1 > 0)"}),
    ("masks_from_pre_activations", {"(A2 > 0)": "(Z2 > 0)", "(A1 > 0)": "(Z1 > 0)"}),
    ("masks_by_where", {"dA2 * (A2 > 0)": "np.where(A2 > 0, dA2, 0)", "dA1 * (A1 > 0)": "np.where(Z1 <= 0, 0, dA1)"}),
    ("mean_over_examples", {"np.sum(dZ, axis=1, keepdims=True) / m": "dZ.mean(axis=1, keepdims=True)"}),
    ("averaged_at_the_output", {"A3 - Y": "(A3 - Y) / m", "below.T / m": "below.T", "keepdims=True) / m": "keepdims=True)"}),
    ("bias_by_ones", {"np.sum(dZ, axis=1, keepdims=True) / m": "dZ @ np.ones((m, 1)) / m"}),
    ("reshaped_biases", {"np.sum(dZ, axis=1, keepdims=True) / m": "np.sum(dZ, axis=1).reshape(-1, 1) / m"}),
    ("np_dot_and_reciprocal", {"dZ @ below.T / m": "1.0 / m * np.dot(dZ, below.T)", "W2.T @ dZ2": "np.dot(np.transpose(W2), dZ2)"}),
    ("einsum_of_examples", {"dZ @ below.T / m": 'np.einsum("ie,je->ij", dZ, below) / m', "W2.T @ dZ2": 'np.einsum("ij,ie->je", W2, dZ2)'}),
    ("one_example_after_the_other", {"dZ @ below.T / m": "sum(np.outer(dZ[:, e], below[:, e]) for e in range(m)) / m"}),
    ("through_the_loss", {"A3 - Y": "((1 - Y) / (1 - A3) - Y / A3) * A3 * (1 - A3)"}),
    ("parameters_only", {"return gradients": 'return {name: block for name, block in gradients.items() if name[1] in "Wb"}'}),
)  # fmt: skip

EQUIVALENTS = [*FORWARD, *BACKWARD, *GRADIENT_CHECK, *GRADIENT_CHECK_N, *BACKWARD_N]
