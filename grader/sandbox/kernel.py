"""The engine for any system: nbclient drives a fresh Jupyter kernel for every request, and the worker's code runs the calls in it.

It is the reference for what a notebook means; its replies are those of the prefork engine. The kernelspec is ours, never the
notebook's. Behind walls the kernel is shut into the same bubblewrap, and reached through sockets in a folder that is bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import WallsError
from grader.sandbox import walls as outer
from grader.sandbox.jupyter import Kernel
from grader.sandbox.protocol import Reply, Request
from grader.sandbox.replies import assemble
from grader.sandbox.worker import lost
from grader.sandbox.worker.lost import Lost, OverBudget
from grader.sandbox.worker.pending import Pending

INTERRUPT_SECONDS = 1
TICK = 0.02

Frame = tuple[bytes, int, bytes]


class KernelSandbox:
    """A fresh kernel for every request.

    walls: "full" or "none". hidden: folders that must not exist inside. Raises WallsError where the walls cannot be raised.
    """

    engine = "kernel"

    def __init__(self, *, walls: str = "full", hidden: Sequence[Path] = ()) -> None:
        if walls not in ("full", "none"):
            raise WallsError(f"the kernel engine has no walls called {walls!r}")
        self.walls = "bubblewrap" if walls == "full" else "none"
        self.python, self.numpy = platform.python_version(), np.__version__
        self._hidden = tuple(hidden)
        if walls == "full" and (lacking := outer.missing()) is not None:
            raise WallsError(f"the walls cannot be raised: {lacking}", remedy=outer.remedy(lacking))

    def start(self) -> None:
        """Nothing is kept warm."""

    def ready(self) -> None:
        """Nothing is kept warm."""

    def run(self, request: Request) -> Reply:
        """The reply to one request. Raises SandboxError where no kernel starts."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return assemble(request, self._frames(request))
        with ThreadPoolExecutor(1) as pool:  # called from a notebook or another event loop
            return assemble(request, pool.submit(self._frames, request).result())

    def _frames(self, request: Request) -> list[Frame]:
        submission = _Submission(request, "none" not in self.walls, self._hidden)
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(submission.run())
        return submission.frames

    def close(self) -> None:
        """Nothing is kept warm: every kernel has ended with its request."""

    def __enter__(self) -> KernelSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Submission:
    """The whole life of one submission; makes the frames that the prefork engine's supervisor makes."""

    def __init__(self, request: Request, walled: bool, hidden: Sequence[Path]) -> None:
        encoded, first, stages = request.parts()
        outline = json.loads(encoded)
        self.first: dict[str, Any] = json.loads(first)
        self.contents = [stage.decode() for stage in stages]
        self.limits: dict[str, int] = self.first["limits"]
        if not walled:
            self.limits["processes"] = 0
        self.walled, self.hidden = walled, hidden
        self.frames: list[Frame] = []
        self.sent = 0
        self.skip: set[int] = set()
        self.deadline = float("inf")
        self.cpu_seconds = 0.0
        self.over = ""
        self.pending = Pending(outline["called"], outline["stages"])
        self.cell: int | None = None
        self.replaying = False

    async def run(self) -> None:
        """Starts kernels until one has answered the last call, or the limits are reached."""
        restarts = 0
        try:
            while restarts <= lost.MAX_RESTARTS:
                try:
                    await self._run_kernel("cells" if restarts < lost.MAX_RESTARTS else "definitions")
                    return
                except Lost as loss:
                    if self.pending.has_begun:
                        self._lose_call(loss)
                        self.replaying = True
                        if not self.pending:
                            return
                        continue
                    restarts += 1
                    if self.cell is not None:
                        self._lose_cell(loss)
                    if restarts <= lost.MAX_RESTARTS:
                        self.replaying = False
                        self._send(b"S", 0)
        except OverBudget as over:
            self.over = over.limit
            if self.cell is not None:
                self._lose_cell(self._given_up())
        while self.pending:
            self._lose_call(self._given_up())

    async def _run_kernel(self, mode: str) -> None:
        with Kernel(self.limits, self.walled, self.hidden, self.cpu_seconds) as kernel:
            try:
                await self._follow(kernel, mode)
            finally:
                self.cpu_seconds = kernel.cpu_seconds

    def _given_up(self) -> Lost:
        return lost.given_up(self.limits, self.over)

    def _send(self, kind: bytes, index: int, payload: bytes = b"") -> None:
        self.frames.append((kind, index, payload))

    def _lose_cell(self, loss: Lost) -> None:
        assert self.cell is not None
        self._send(b"L", self.cell, loss.payload)
        self.skip.add(self.cell)

    def _lose_call(self, loss: Lost) -> None:
        self._send(b"X", self.pending.lose(loss), loss.payload)

    async def _follow(self, kernel: Kernel, mode: str) -> None:
        self.cell = None
        await kernel.start({**self.first, "mode": mode, "skip": sorted(self.skip)})
        self.deadline = min(self.deadline, time.monotonic() + self.limits["submission_seconds"])
        if mode == "cells":
            for cell in self.first["cells"]:
                if cell["kind"] == "code" and cell["index"] not in self.skip and cell["source"].strip():
                    await self._run_cell(kernel, cell["index"], cell["source"])
        else:
            await self._bounded(kernel, kernel.ask("define_all"), "cell_seconds")
        found = await self._bounded(kernel, kernel.ask("prepare"), "cell_seconds")
        self._forward(b"F", 0, self._only(found))
        told: set[int] = set()
        while self.pending:
            stage = self.pending.stage
            if stage not in told:
                await self._bounded(kernel, kernel.ask("add", self.contents[stage]), "case_seconds")
                told.add(stage)
            await self._run_call(kernel)

    async def _run_cell(self, kernel: Kernel, index: int, source: str) -> None:
        self.cell = index
        said = await self._bounded(kernel, kernel.run_cell(source), "cell_seconds", interrupt=True)
        if not self.replaying:
            self._forward(b"C", index, said[-1] if said else b"{}")
        self.cell = None

    async def _run_call(self, kernel: Kernel) -> None:
        self.pending.has_begun = True
        allowed = self.pending.allowed(self.limits)
        said = await self._bounded(kernel, kernel.ask("run_call", self.pending.next), "case_seconds", allowed)
        payload = self._only(said)
        try:
            self._forward(b"K", self.pending.next, payload)
        except Lost as loss:
            while self.pending:  # no later reply would be shorter than nothing
                self._lose_call(loss)
            return
        self.pending.answer()

    @staticmethod
    def _only(said: list[bytes]) -> bytes:
        """The one payload of a request; student code that publishes another has spoken for us."""
        if len(said) != 1:
            raise Lost(lost.FORGED)
        return said[0]

    def _forward(self, kind: bytes, index: int, payload: bytes) -> None:
        self.sent += len(payload)
        if self.sent > self.limits["reply_mb"] * 1024 * 1024:
            raise lost.too_large()
        self._send(kind, index, payload)

    async def _bounded(
        self,
        kernel: Kernel,
        exchange: Coroutine[Any, Any, list[bytes]],
        limit: str,
        allowed: Mapping[str, int] | None = None,
        *,
        interrupt: bool = False,
    ) -> list[bytes]:
        """What the kernel says in `exchange`, within the limits, or those that are `allowed`. Raises Lost or OverBudget."""
        task, allowed = asyncio.ensure_future(exchange), allowed or self.limits
        end = time.monotonic() + allowed[limit]
        try:
            while not (await asyncio.wait({task}, timeout=TICK))[0]:
                kernel.watch()
                now = time.monotonic()
                if now >= self.deadline:
                    raise OverBudget("submission_seconds")
                if now >= end and not interrupt:
                    raise lost.too_long(allowed, limit)
                if now >= end:
                    assert self.cell is not None
                    self._send(b"L", self.cell, lost.too_long(allowed, limit).payload)
                    await kernel.interrupt()
                    interrupt, end = False, now + INTERRUPT_SECONDS
            return task.result()
        except (Lost, OverBudget, asyncio.CancelledError):
            raise
        except Exception as error:  # what the kernel sent cannot be read: it died in mid-message, or student code wrote it
            kernel.watch()
            raise Lost(lost.FORGED) from error
        finally:
            task.cancel()
            await asyncio.wait({task})
            with contextlib.suppress(BaseException):
                task.exception()
