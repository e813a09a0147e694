"""How made-up students write the functions of the assignment: they fill the starter's gaps, or write a known text in their own words."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from grader import assignments
from grader.bank import WHOLE
from grader.implementations import implementation
from grader.model import Equivalent, Misconception
from grader.validation.evidence import load_evidence

GRADED = ("forward_propagation", "backward_propagation", "gradient_check", "gradient_check_n")
HELPER = "relative_difference"

# Arrays of one element from the one function are more than some right versions of another can take.
_ARRAYS = frozenset({"forward_one_element", "forward_one_by_one", "forward_zero_dimensional", "backward_one_element"})

_GAP = re.compile(r"^( *)(### START CODE HERE ###.*?\n).*?^( *### END CODE HERE ###)", re.MULTILINE | re.DOTALL)
_DOCSTRING = re.compile(r'    """.*?"""\n', re.DOTALL)
_MESSAGE = re.compile(r"    if print_msg:\n((?:        .*\n)+)")

# What the known texts call things, and what students call them.
_SYNONYMS = {
    HELPER: ("rel_diff", "relative_error", "compare_gradients", "norm_distance", "diff_ratio", "grad_distance"),
    "gradapprox": ("grad_approx", "approx", "numeric", "estimate", "g_hat", "grad_num", "numerical_grad"),
    "values": ("params_vector", "flat_params", "parameters_values", "vec", "theta_vector", "all_params"),
    "nudge": ("delta", "bump", "shift", "eps_vector", "perturbation", "d"),
    "above": ("J_plus", "cost_plus", "Jp", "upper", "right_cost", "J1"),
    "below": ("J_minus", "cost_minus", "Jm", "lower", "left_cost", "J2"),
    "moved": ("changed", "tmp", "theta_i", "work", "new_theta"),
    "near": ("approx_i", "num", "est", "numerical"),
}
_COMMENTS = (
    ("step 1", "see formula (1)", "both sides!", "as in the lecture", "from my notes", "checked by hand", "works now", "mind the brackets",
     "TODO: tidy this up", "do not forget the 2", "same as above", "took me a while", "norms of the vectors", "small number"),
    ("第一步", "见公式(1)", "注意两边", "和课上讲的一样", "手算验证过", "别忘了除以2", "这里要加括号", "计算范数",
     "终于对了", "参考笔记", "待整理", "很小的数"),
)  # fmt: skip
_REMARKS = (
    ("I first forgot the brackets around the denominator.", "Compared with what we did in the exercise class on {day}.",
     "The two-sided estimate errs like $\\varepsilon^2$, the one-sided one like $\\varepsilon$.", "Result after {n} attempts.",
     "Question for the tutor: why not $10^{{-{n}}}$?", "Reference: lecture {n}, slides on numerical derivatives.",
     "It took me {n} minutes to see why `a = b` is no copy."),
    ("一开始忘了给分母加括号。", "双边差分的误差是 $\\varepsilon^2$ 量级，单边差分只有 $\\varepsilon$。", "和{day}的习题课对比过。",
     "试了 {n} 次才得到这个结果。", "问题：为什么不取 $10^{{-{n}}}$？", "参考第 {n} 讲：数值求导。"),
)  # fmt: skip


class Known:
    """The texts of the assignment's known mistakes and right versions, by function; made once for a whole class."""

    def __init__(self) -> None:
        reference = assignments.load_reference(assignments.load("gradient_checking"))
        assert reference is not None
        self.solution = reference.solution
        self.mistakes: dict[str, list[Misconception]] = {}
        for item in reference.misconceptions:
            self.mistakes.setdefault(item.function, []).append(item)
        self.right: dict[str, list[str]] = {}
        for right in load_evidence(reference).equivalents:
            if right.id not in _ARRAYS:
                self.right.setdefault(right.function, []).append(implementation(self.solution, (_as_misconception(right),)))
        self._wrong: dict[tuple[str, ...], str] = {}
        self.helper = implementation(self.solution, (Misconception("", HELPER, "", "", Fraction(1), ""),))

    def wrong(self, items: tuple[Misconception, ...]) -> str:
        """The function's text with the mistakes in it, or "" where they do not go together."""
        ids = tuple(item.id for item in items)
        if ids not in self._wrong:
            self._wrong[ids] = implementation(self.solution, items)
        return self._wrong[ids]

    def choose_mistakes(self, random: random.Random) -> list[tuple[Misconception, ...]]:
        """One mistake, or two; of two, one in five times both are of one function."""
        functions = random.sample(GRADED, 1 if random.random() < 0.65 else 2)
        chosen: list[tuple[Misconception, ...]] = [(random.choice(self.mistakes[function]),) for function in functions]
        if len(chosen) == 1 or random.random() < 0.8:
            return chosen
        for second in random.sample(self.mistakes[functions[0]], 8):
            (first,) = chosen[0]
            if WHOLE not in (first.aspect, second.aspect) and first.aspect != second.aspect and self.wrong((first, second)):
                return [(first, second)]
        return chosen


def _as_misconception(item: Equivalent) -> Misconception:
    return Misconception(item.id, item.function, "", "", Fraction(1), "", item.edits, item.source)


class Hand:
    """One student's way of writing, drawn once: language, dialect and names hold for the whole notebook."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.is_chinese = random.random() < 0.25
        self.has_print_msg = random.random() < 0.6
        self.prints = random.random() < 0.2
        self.comments = random.random() * 0.5
        self._names = {name: random.choice(others) for name, others in _SYNONYMS.items() if random.random() < 0.7}

    def pick(self, *choices: str) -> str:
        """One of the choices."""
        return self.random.choice(choices)

    def comment(self) -> str:
        """A comment in the student's language."""
        return f"# {self.random.choice(_COMMENTS[self.is_chinese])}"

    def remark(self) -> str:
        """A sentence or two for a markdown cell."""
        day = self.pick("周一", "周三", "周五") if self.is_chinese else self.pick("Monday", "Wednesday", "Friday")
        chosen = self.random.sample(_REMARKS[self.is_chinese], 2)
        return " ".join(chosen).format(day=day, n=self.random.randint(2, 30))

    def fill(self, starter: str, function: str) -> str:
        """The starter's cell with right code in its gaps."""
        gaps = iter(_GAPS[function](self) if function in _GAPS else ())

        def filled(match: re.Match[str]) -> str:
            indent = match[1]
            lines = "".join(indent + self._commented(line) + "\n" for line in next(gaps))
            return f"{indent}{match[2]}{lines}{match[3]}"

        text = _GAP.sub(filled, starter)
        return text if self.has_print_msg else _without_switch(text)

    def rewrite(self, text: str, starter: str, function: str) -> str:
        """A known text in this student's words, under the starter's docstring."""
        for name, other in self._names.items():
            if not re.search(rf"\b{other}\b", text):
                text = re.sub(rf"(?<![.\w\"']){name}\b", other, text)
        text = self._with_switch(text) if self.has_print_msg else text
        head, docstring = re.search(rf"^def {function}\(.*\):\n", text, re.MULTILINE), _DOCSTRING.search(starter)
        if head and docstring:
            told = docstring[0] if "print_msg" in head[0] else _without_switch(docstring[0])
            text = text[: head.end()] + told + text[head.end() :]
        return f"{self.comment()}\n{text}" if self.random.random() < self.comments else text

    def helper(self, text: str) -> str:
        """The function of the relative difference, by this student's name for it."""
        return re.sub(rf"\b{HELPER}\b", self._names.get(HELPER, HELPER), text).rstrip()

    def _commented(self, line: str) -> str:
        return f"{line}  {self.comment()}" if self.random.random() < self.comments else line

    def _with_switch(self, text: str) -> str:
        """With the parameter print_msg, where the text has the reference's head and one end."""
        if text.count("epsilon=1e-7):\n") != 1 or text.count("\n    return ") != 1:
            return text
        start, end = text.replace("epsilon=1e-7):", "epsilon=1e-7, print_msg=False):").split("\n    return ")
        said = self.pick("difference =", "the difference is", "差异：" if self.is_chinese else "diff:")
        return f'{start}\n    difference = {end.rstrip()}\n    if print_msg:\n        print("{said}", difference)\n    return difference\n'


def _without_switch(text: str) -> str:
    """The starter's function as in the classic dialect: no parameter print_msg, and it always prints."""
    text = re.sub(r" +print_msg -- .*\n", "", text.replace(", print_msg=False", ""))
    return _MESSAGE.sub(lambda match: re.sub(r"^    ", "", match[1], flags=re.MULTILINE), text)


Gaps = Sequence[Sequence[str]]


def _forward(hand: Hand) -> Gaps:
    return [[f"J = {hand.pick('theta * x', 'x * theta', 'np.dot(theta, x)', 'np.multiply(x, theta)', 'theta*x', 'theta * x + 0')}"]]


def _backward(hand: Hand) -> Gaps:
    return [[f"dtheta = {hand.pick('x', '1 * x', 'x * 1.0', 'x + 0 * theta', '(x)')}"]]


def _names(hand: Hand) -> tuple[str, str, str, str]:
    plus, minus = hand.pick("theta_plus theta_minus", "thetaplus thetaminus", "theta_p theta_m", "tp tm", "theta_up theta_down").split()
    J_plus, J_minus = hand.pick("J_plus J_minus", "Jp Jm", "cost_plus cost_minus", "J1 J2", "f_plus f_minus", "Jplus Jminus").split()
    return plus, minus, J_plus, J_minus


def _quotient(hand: Hand, above: str, below: str) -> str:
    return f"({above} - {below}) / {hand.pick('(2 * epsilon)', '(2. * epsilon)', '(2*epsilon)', '2 / epsilon', '(epsilon * 2.0)')}"


def _ratio(hand: Hand) -> list[str]:
    a, b = hand.pick("grad gradapprox", "gradapprox grad").split()
    top, bottom = hand.pick("numerator denominator", "num den", "upper lower", "dist total", "zaehler nenner").split()
    norm = hand.pick("np.linalg.norm({})", "np.linalg.norm({}, ord=None)", "np.sqrt(np.sum(({}) ** 2))")
    return [
        f"{top} = {norm.format(f'{a} - {b}')}",
        f"{bottom} = {norm.format(a)} + {norm.format(b)}",
        f"difference = {hand.pick(f'{top} / {bottom}', f'np.divide({top}, {bottom})')}",
    ]


def _check(hand: Hand) -> Gaps:
    plus, minus, J_plus, J_minus = _names(hand)
    points = [f"{plus} = theta + epsilon", f"{minus} = theta - epsilon"]
    costs = [f"{J_plus} = forward_propagation(x, {plus})", f"{J_minus} = forward_propagation(x, {minus})"]
    lines = [*points, *costs] if hand.random.random() < 0.6 else [points[0], costs[0], points[1], costs[1]]
    said = [f"print({hand.pick(plus, J_plus, 'gradapprox')})"] if hand.prints else []
    quotient = f"gradapprox = {_quotient(hand, J_plus, J_minus)}"
    return [[*lines, quotient, *said], ["grad = backward_propagation(x, theta)"], _ratio(hand)]


def _check_n(hand: Hand) -> Gaps:
    plus, minus, J_plus, J_minus = _names(hand)
    copy = hand.pick("np.copy(theta)", "theta.copy()", "np.array(theta)", "1.0 * theta")
    place = hand.pick("[i][0]", "[i, 0]", "[i]")

    def side(point: str, cost: str, sign: str) -> list[str]:
        moved = hand.pick(f"{point}{place} {sign}= epsilon", f"{point}{place} = theta{place} {sign} epsilon")
        both = hand.pick(f"{cost}, _ = {{}}", f"{cost} = {{}}[0]", f"{cost}, cache_{sign == '+':d} = {{}}")
        return [f"{point} = {copy}", moved, both.format(f"forward_propagation_n(X, Y, vector_to_dictionary({point}))")]

    sides = [side(plus, J_plus, "+"), side(minus, J_minus, "-")]
    hand.random.shuffle(sides)
    said = [f"if i {hand.pick('==', '<')} {hand.random.randint(1, 4)}:", f"    print(i, {J_plus}, {J_minus})"] if hand.prints else []
    return [[*sides[0], *sides[1], f"gradapprox[i] = {_quotient(hand, J_plus, J_minus)}", *said], _ratio(hand)]


_GAPS: Mapping[str, Callable[[Hand], Gaps]] = {
    "forward_propagation": _forward,
    "backward_propagation": _backward,
    "gradient_check": _check,
    "gradient_check_n": _check_n,
}
