"""A function as a sandbox, for tests."""

from __future__ import annotations

import platform
from collections.abc import Callable

import numpy as np

from grader.sandbox.protocol import Reply, Request


class FakeSandbox:
    """Answers requests with `answer`, which may raise SandboxError as a real one does; keeps what it was asked."""

    engine = "fake"

    def __init__(
        self,
        answer: Callable[[Request], Reply],
        *,
        walls: str = "none",
        python: str = platform.python_version(),
        numpy: str = np.__version__,
    ) -> None:
        self._answer = answer
        self.walls, self.python, self.numpy = walls, python, numpy
        self.requests: list[Request] = []
        self.closed = False

    def start(self) -> None:
        """Nothing is kept warm."""

    def ready(self) -> None:
        """Nothing is kept warm."""

    def run(self, request: Request) -> Reply:
        """What the function answers."""
        self.requests.append(request)
        return self._answer(request)

    def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True
