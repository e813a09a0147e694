"""`%check` in real kernels: its results are those of `grader check`, it leaves nothing behind, and it can be ended."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from grader.api import Grader
from grader.model import SubmissionResult
from tests import notebooks, parts

ROOT = Path(__file__).parents[2]
SUPPORT = ROOT / "assignments" / "gradient_checking" / "support"
SUBMISSIONS = (
    "right_class_1d",
    "right_partial_nd",
    "right_time_cell_1d",
    "right_records_points_1d",
    "right_default_function_1d",
    "right_decorated_nd",
    "trap_renamed_throughout",
    "trap_recursion_1d",
    "trap_leftover_gradapprox",
    "trap_prints_a_lot",
    "wrong_theta_aliased_both_nd",
    "wrong_zero_1d",
)
RIGHT = """
def forward_propagation(x, theta):
    return theta * x
def backward_propagation(x, theta):
    return x
def gradient_check(x, theta, epsilon=1e-7):
    approximation = (forward_propagation(x, theta + epsilon) - forward_propagation(x, theta - epsilon)) / (2 * epsilon)
    grad = backward_propagation(x, theta)
    return abs(grad - approximation) / (abs(grad) + abs(approximation))
"""


class Said:
    """What one cell said."""

    def __init__(self) -> None:
        self.text = self.html = self.stdout = self.stderr = self.error = ""

    def take(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            setattr(self, content["name"], getattr(self, content["name"]) + content["text"])
        elif kind in ("display_data", "execute_result"):
            self.text += content["data"].get("text/plain", "")
            self.html += content["data"].get("text/html", "")
        elif kind == "error":
            self.error = f"{content['ename']}: {content['evalue']}"


class Kernel:
    """A kernel that runs, on a copy of the assignments in which a call may take three seconds."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT / "assignments", folder / "assignments", ignore=shutil.ignore_patterns("__pycache__"))
        settings = folder / "assignments" / "gradient_checking" / "assignment.toml"
        settings.write_text(settings.read_text("utf-8").replace("case_seconds = 5", "case_seconds = 3"), "utf-8")
        self.folder = folder
        self.runner = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)
        self.manager = AsyncKernelManager(kernel_name="python3")
        here = {"PYTHONPATH": os.pathsep.join((str(ROOT), str(SUPPORT))), "GRADER_ASSIGNMENTS": str(folder / "assignments")}
        self.runner.run(self._start({**os.environ, **here}, str(folder)))

    async def _start(self, environment: dict[str, str], folder: str) -> None:
        await self.manager.start_kernel(env=environment, cwd=folder)
        self.client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=60)

    def run(self, source: str, *, interrupt_at: int = 0) -> Said:
        """What a cell says; it is interrupted, as by a frontend's button, when so many bytes are in the file `progress`."""
        return self.runner.run(self._run(source, interrupt_at))

    async def _run(self, source: str, interrupt_at: int) -> Said:
        said = Said()
        button = asyncio.ensure_future(self._interrupt(interrupt_at))
        await self.client.execute_interactive(
            source, timeout=60, allow_stdin=False, output_hook=lambda message: said.take(message["msg_type"], message["content"])
        )
        button.cancel()
        return said

    async def _interrupt(self, size: int) -> None:
        if size:
            progress = self.folder / "progress"
            progress.write_bytes(b"")
            while progress.stat().st_size < size:
                await asyncio.sleep(0.05)
            await self.manager.interrupt_kernel()

    def complete(self, line: str) -> list[str]:
        """What the Tab key offers at the end of a line."""

        async def ask() -> list[str]:
            reply = await self.client.complete(line, len(line), reply=True, timeout=30)
            matches: list[str] = reply["content"]["matches"]
            return matches

        return self.runner.run(ask())

    def start_anew(self, *sources: str) -> None:
        """An empty namespace and history, then the cells and the extension."""
        for source in ("get_ipython().reset(new_session=True)", *sources, "%reload_ext grader.magics"):
            assert not (said := self.run(source)).error or source in sources, said.error

    async def _end(self) -> None:
        await self.manager.shutdown_kernel(now=True)

    def close(self) -> None:
        self.client.stop_channels()
        self.runner.run(self._end())
        self.runner.close()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    started = Kernel(tmp_path_factory.mktemp("kernel"))
    yield started
    started.close()


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    parts.need_linux()
    with Grader("gradient_checking", public_only=True, walls="none") as opened:
        yield opened


def told(result: SubmissionResult) -> Sequence[object]:
    """What a check finds, but where."""
    cases = [
        (
            exercise.name,
            exercise.outcome,
            exercise.score,
            case.id,
            case.outcome,
            case.actual,
            case.message,
            case.error and case.error.source,
        )
        for exercise in result.exercises
        for case in exercise.cases
    ]
    seen = [(exercise.name, [one.id for one in exercise.observations], exercise.diagnoses) for exercise in result.exercises]
    return [cases, seen, result.reports]


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_the_results_are_those_of_check(kernel: Kernel, grader: Grader, name: str) -> None:
    data = notebooks.build(notebooks.FOLDER / name)
    cells = json.loads(data)["cells"]
    kernel.start_anew(*("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))
    live = kernel.run(
        "from grader import api, magics, model\nfrom grader.sandbox.live import LiveSandbox\n"
        "with api.Grader('gradient_checking', public_only=True, walls='none', sandbox=LiveSandbox(get_ipython())) as one:\n"
        "    print(one.grade_parsed(magics.history(get_ipython()), model.SubmissionRef('', 1, '', '')).to_json())"
    )
    result = SubmissionResult.from_json(live.stdout)
    assert told(result) == told(grader.grade(data))
    card = kernel.run("%check")
    assert not card.error
    passed = sum(exercise.outcome.value == "passed" for exercise in result.exercises)
    for shown in (card.text, card.html):
        assert f"{passed} of 4 exercises pass their public cases" in shown
        assert "no official grade" in " ".join(shown.split())


LEAVES = """
import os, random, signal, sys, warnings
import numpy as np
import builtins
try:
    import matplotlib.pyplot as plt
except ImportError:  # what is used of it
    class plt:
        numbers = []
        figure = lambda numbers=numbers: numbers.append(len(numbers))
        get_fignums, close = numbers.copy, numbers.remove
    sys.modules["matplotlib.pyplot"] = plt
calls, table, array, J, parameters = [], {"a": [1, 2]}, np.arange(3.0), "mine", {"W1": np.ones(2)}
count = 0
def forward_propagation(x, theta, seen=[]):
    global count, left
    count, left = count + 1, 1
    calls.append(x); seen.append(x); table["a"].append(x); table["b"] = x; array[:] = 7; forward_propagation.last = x
    random.seed(1); np.random.seed(1); np.seterr(all="raise"); os.chdir("/")
    plt.figure(); print("printed"); print("also", file=sys.stderr); display("shown"); warnings.warn("warned")
    return theta * x
def backward_propagation(x, theta):
    return input("a question")
def state():
    return [
        *((k, id(v)) for k, v in sorted(globals().items()) if not k.startswith("_")),
        calls, table, array.tolist(), count, forward_propagation.__dict__,
        forward_propagation.__defaults__, forward_propagation.__code__, backward_propagation.__code__,
        random.getstate(), np.random.get_state()[1].tolist(),
        np.geterr(), os.getcwd(), plt.get_fignums(), id(sys.stdout), builtins.input, warnings.filters[:],
        signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL), sys.path[:], len(Out),
    ]
def frozen():
    import pickle
    return [repr(part) for part in state()]
forward_propagation.last = "before"
plt.figure()
None
"""


def test_nothing_is_left_behind(kernel: Kernel) -> None:
    kernel.start_anew(RIGHT, LEAVES, "_before = frozen()")  # the first check of a kernel imports what renders it
    said = kernel.run("%check")
    assert (said.error, said.stdout, said.stderr) == ("", "", "")
    assert "✓ forward_propagation: passed" in said.text
    assert "backward_propagation raises StdinNotImplementedError" in said.text
    after = kernel.run("print([(b, a) for b, a in zip(_before, frozen()) if b != a]); 'W1' in parameters and J")
    assert after.stdout == "[]\n"
    assert after.text == "'mine'"
    assert "6" in kernel.run("forward_propagation(2, 3)").text


ENDLESS = """
import time
def forward_propagation(x, theta):
    while True:
        try:
            time.sleep(0.01)
        except Exception:
            pass
"""


def test_a_call_that_does_not_end_is_ended(kernel: Kernel) -> None:
    kernel.start_anew(RIGHT, ENDLESS)
    start = time.monotonic()
    said = kernel.run("%check forward_propagation backward_propagation")
    assert time.monotonic() - start < 20
    assert "◔ forward_propagation: out of time" in said.text
    assert "it ran longer than 3 s" in said.text
    assert "✓ backward_propagation: passed" in said.text


SLOW = """
import time
def forward_propagation(x, theta):
    with open(PROGRESS, "a") as file:
        file.write(".")
    time.sleep(0.5)
    return theta * x
"""


@pytest.mark.parametrize("call", [1, 2])
def test_an_interrupt_ends_it_and_leaves_all_as_it_was(kernel: Kernel, call: int) -> None:
    kernel.start_anew(RIGHT, f"PROGRESS = {str(kernel.folder / 'progress')!r}", SLOW, "J = 'mine'")
    kernel.run("before = {k: id(v) for k, v in globals().items()}, forward_propagation.__code__, backward_propagation.__code__")
    said = kernel.run("%check", interrupt_at=call)
    assert said.error.startswith("KeyboardInterrupt")
    assert "your variables are as they were" in said.stderr
    after = kernel.run(
        "now = {k: id(v) for k, v in globals().items()}, forward_propagation.__code__, backward_propagation.__code__\n"
        "print(now[1:] == before[1:], [k for k, v in now[0].items() if before[0].get(k) != v and k[0] != '_' and k != 'before'], J)"
    )
    assert after.stdout == "True [] mine\n"
    assert not kernel.run("%check backward_propagation").error


def test_names_and_mistakes_of_those_who_type_them(kernel: Kernel) -> None:
    kernel.start_anew(RIGHT)
    one = kernel.run("%check gradient_check")
    assert "✓ gradient_check: passed" in one.text
    assert "forward_propagation:" not in one.text
    assert "✓ gradient_check: passed" in kernel.run("%check GRADIENT_CHECK() -a gradient_checking").text
    assert "The functions to check" in kernel.run("%check --help").stdout
    assert "2 of 2 exercises pass" in kernel.run("%check gradient_check, forward_propagation").text
    for line, answer in {
        "gradient_chek": "did you mean gradient_check?",
        "xyz": "its exercises: forward_propagation,",
        "-a gradient_chekking": "did you mean gradient_checking?",
        "--lang fr": "choose from",
        "--no-such": "unrecognized arguments",
    }.items():
        said = kernel.run(f"%check {line}")
        assert (said.error, said.text) == ("", "")
        assert said.stderr.startswith("UsageError: ")
        assert answer in said.stderr
    missing = kernel.run("%check gradient_check_n")
    assert "run the cell that defines it" in " ".join(missing.text.split())
    near = kernel.run("def gradient_check_nn(a, b, c, d, e): pass\n%check gradient_check_n")
    assert "there is one called gradient_check_nn" in " ".join(near.text.split())


def test_a_second_check_says_what_changed(kernel: Kernel) -> None:
    kernel.start_anew(RIGHT)
    assert "Since the last check" not in kernel.run("%check gradient_check").text
    assert "Nothing changed since the last check." in kernel.run("%check gradient_check").text
    kernel.run("def gradient_check(x, theta, epsilon=1e-7): return 0")
    assert "✗ gradient_check: passed → wrong value" in kernel.run("%check").text


def test_the_card_is_in_the_language_that_is_asked_for(kernel: Kernel) -> None:
    kernel.start_anew(RIGHT)
    said = kernel.run("%check gradient_check --lang zh")
    assert 'lang="zh-Hans"' in said.html
    assert "它不是正式成绩" in said.html
    assert "它不是正式成绩" in said.text.replace("\n", "")


def test_the_tab_key_completes_names(kernel: Kernel) -> None:
    kernel.start_anew(RIGHT)
    assert {"gradient_check", "gradient_check_n"} <= set(kernel.complete("%check gradient_ch"))


def test_in_a_terminal_it_is_text(tmp_path: Path) -> None:
    code = f"{RIGHT}\n%load_ext grader.magics\n%check gradient_check\n%unload_ext grader.magics\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path), "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "--no-confirm-exit", "-c", code],
        capture_output=True, encoding="utf-8", cwd=tmp_path, env=environment, timeout=60, check=True,
    )  # fmt: skip
    assert "1 of 1 exercise passes its public cases" in done.stdout
    assert "<" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
