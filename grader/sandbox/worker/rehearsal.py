"""A small submission that the warm server runs before the first real one.

What loads lazily is loaded then, and the interpreter has specialised its code: a fork copies each page of memory that is written
to after it, so what the server has done once no submission has to do again. Source: PEP 659.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from . import calls, cells, codec, recorder

_PLOTS = "%matplotlib inline\n"
_CELLS = (
    f"%load_ext autoreload\n%autoreload 2\n{_PLOTS}import numpy as np\nimport there_is_no_such_module",
    "def cost(x, theta):\n    return np.dot(x, theta) + 0.0\n",
    "def check(x, theta, epsilon=1e-7):\n    return (cost(x, theta + epsilon) - cost(x, theta - epsilon)) / (2 * epsilon)\n",
    "%%time\nx, theta = 2, 4\nprint('J = ' + str(cost(x, theta)))",
    "difference = check(x, theta)\nprint(difference)\ndifference",
    "np.linalg.norm(np.exp(np.random.randn(5, 4)).dot(np.ones((4, 3))))",
)
_SOURCE = "def line(x, theta):\n    return x * theta\n"
_INJECTED = {"inject": {"cost": ["rehearsal", "line"]}, "observe": {"cost": ["x", "theta"]}, "options": {}}


def compute() -> None:
    """What notebooks of numbers ask of NumPy, once each; the global random numbers stay as they are."""
    matrix = np.random.RandomState(0).randn(5, 4)
    for function in (np.exp, np.abs, np.copy, np.zeros_like, np.linalg.norm, np.sum, np.ravel, codec.encode):
        function(matrix)
    for other in (np.maximum, np.logaddexp, np.multiply):
        other(0.0, matrix)
    1 / (1 + np.log(matrix**2 + 1)).dot(matrix.T) @ matrix
    np.concatenate([matrix.reshape(-1, 1), np.zeros((3, 1))])
    np.sum(matrix, axis=1, keepdims=True)
    np.vdot(np.array([1, 1, 0, 0]), matrix[0])
    np.array([1, 1, 0]) * np.int64(matrix[:3, 0] > 0)


def rehearse(shell: Any, rounds: int) -> None:
    """Runs the submission a few times and leaves nothing of it in the shell.

    Once is for a server of one submission: it imports no matplotlib, which takes a second, for a notebook that may not.
    """
    sources = _CELLS if rounds > 1 else [source.replace(_PLOTS, "") for source in _CELLS]
    notebook = [{"index": index, "kind": "code", "source": source} for index, source in enumerate(sources)]
    functions = [{"name": "cost", "aliases": [], "arity": 2}, {"name": "check", "aliases": ["checking"], "arity": 3}]
    matrix = codec.encode(np.ones((5, 4)))
    plain = {"function": "cost", "arguments": [codec.encode(2.0), matrix], "inject": {}, "observe": {}, "options": {}}
    injected = {"function": "check", "arguments": [matrix, codec.encode(4), codec.encode(0.1)], **_INJECTED}
    stage = json.dumps({"calls": [[0, plain], [1, injected], [2, injected]], "sources": {"rehearsal": [_SOURCE, ""]}})
    fresh = dict(shell.user_ns)
    for _ in range(rounds):
        session = recorder.Recorder(shell, notebook, functions)
        session.attach()
        for index in session.to_run:
            cells.run(shell, session.sources[index], recorder.filename(index))
        session.detach()
        prepared = calls.Calls(session, ["x", "theta"])
        prepared.add(json.loads(stage))
        for position in range(3):
            calls.dumps(prepared.run(position))
        calls.dumps(prepared.summary())
        shell.reset(new_session=True)
        shell.user_ns.update({name: value for name, value in fresh.items() if name not in shell.user_ns})  # `_`, which a reset removes
        shell.last_execution_result = None
    cells.forget(shell)
