"""An executor that works in this process, for tests that look inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.api import Grader
from grader.executors import Arrived
from grader.kit import Kit
from grader.work import Graded, Task, work

Work = Callable[[Grader, Task], Graded]


class DirectExecutor:
    """One chunk at a time. do: does a task; where it raises ConnectionError, its worker was lost."""

    size = 1
    capacity = 1

    def __init__(self, kit: Kit, do: Work = work) -> None:
        self._grader, self._do = Grader.of(kit), do
        self._held: list[tuple[int, Sequence[Task]]] = []
        self.tasks: list[Task] = []

    @property
    def room(self) -> int:
        """How many more chunks it takes now."""
        return self.capacity - len(self._held)

    def send(self, number: int, tasks: Sequence[Task]) -> None:
        """Takes a chunk."""
        self._held.append((number, tasks))
        self.tasks += tasks

    def receive(self, seconds: float) -> Sequence[Arrived]:
        """Does the chunk that it holds."""
        number, tasks = self._held.pop()
        try:
            return [Arrived(number, tuple(self._do(self._grader, task) for task in tasks))]
        except ConnectionError:
            return [Arrived(number, None, begun=True)]

    def close(self) -> None:
        """Ends the sandbox."""
        self._grader.close()
