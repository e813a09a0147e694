"""One Jupyter kernel: how it is started, walled, asked, watched and ended.

nbclient starts it and sends the cells; sockets are IPC in a private folder (local TCP on Windows). Behind walls that folder is
the one thing of ours that is bound inside.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import psutil  # type: ignore[import-untyped]
import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete

from grader.errors import SandboxError
from grader.sandbox import seccomp
from grader.sandbox import walls as outer
from grader.sandbox.worker import disk, lost, processes, wire
from grader.sandbox.worker.lost import Lost, OverBudget

START_SECONDS = 60
END_SECONDS = 10
WATCH_SECONDS = 0.1
MAX_MESSAGES = 10_000
MAX_GROWTH = 256 * 1024 * 1024  # of this process's memory: replies take less, a message of ever more parts takes all there is
LINUX = sys.platform == "linux"
INSIDE = "/run/kernel"
MAX_NEAR = 75  # bytes of the path that a kernel's folder lies in: those of a socket may have 103 on some systems
HOME = "/work"
PLACES: tuple[str, ...] = (HOME, "/tmp", "/dev/shm")


def _near() -> str:
    """Where temporary files lie, unless that path is too long for sockets in it."""
    usual = tempfile.gettempdir()
    return usual if sys.platform == "win32" or len(os.fsencode(usual)) <= MAX_NEAR else "/tmp"


class Kernel:
    """One kernel, its folder and its processes. Leaving the context ends and removes them all.

    cpu_seconds: the processor time that the submission has used, in kernels before this one at first; the kernel's own start is free.
    """

    def __init__(self, limits: dict[str, int], walled: bool, hidden: Sequence[Path], cpu_seconds: float = 0.0) -> None:
        self.limits, self.walled, self.hidden = limits, walled, hidden
        self.watched = 0.0
        self.cpu_seconds, self.cpu_offset = cpu_seconds, 0.0
        self.meter = processes.Meter()

    def __enter__(self) -> Kernel:
        self.folder = Path(tempfile.mkdtemp(prefix="grader-", dir=_near()))
        self.shared = self.folder / "shared"
        for folder in (self.shared, self.shared / "ipython"):
            folder.mkdir(mode=0o700)
            if self.walled and os.geteuid() == 0:
                os.chown(folder, outer.NOBODY, outer.NOBODY)
        self.home = HOME if self.walled else str(self.folder / "home")
        self.context = zmq.asyncio.Context()
        self.context.linger, self.context.rcvhwm, self.context.maxmsgsize = 0, 16, 2 * wire.MAX_PAYLOAD
        self.context.sndtimeo = 1_000  # a kernel whose sockets student code has broken takes nothing: no send may wait for it
        self.client: _Client | None = None
        self.seen: set[psutil.Process] = set()
        self.own = psutil.Process()
        self.own_bytes = 0
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._end_processes()
        finally:
            if self.client is not None and self.client.kc is not None:
                self.client.kc.stop_channels()
            self.context.destroy(linger=0)
            disk.remove(self.folder)

    async def start(self, request: dict[str, Any]) -> None:
        """Starts the kernel and hands it the request's first part. What fails here is not the student's doing."""
        try:
            with tempfile.TemporaryFile() as stderr:
                await self._start_or_explain(stderr)
            begun = await asyncio.wait_for(self.ask("begin", json.dumps({**request, "home": self.home})), START_SECONDS)
            versions = json.loads(begun[0])
        except SandboxError:
            raise
        except Exception as error:
            raise SandboxError(f"the kernel did not begin: {error}") from error
        ours = {"python": platform.python_version(), "numpy": np.__version__}
        if versions != ours:
            raise SandboxError(f"the kernel has {versions}, the grader has {ours}")
        if self.walled:
            await self._close_the_way()
        self._note_processes()
        self.cpu_offset = self.cpu_seconds - self._cpu_seconds()
        self.own_bytes = self.own.memory_info().rss

    async def _close_the_way(self) -> None:
        """Gives the folder of the sockets another name, once all that are needed are connected: they call again where one breaks off, and
        by then student code may have put a link to any socket of this machine's in its place.
        """
        assert self.client is not None
        assert self.client.km is not None
        manager = self.client.km
        manager.session.send(manager._control_socket, "comm_info_request")  # not kernel_info, for which IPython draws a tip by lot
        await asyncio.wait_for(manager._control_socket.recv_multipart(), START_SECONDS)
        self.shared = self.shared.rename(self.folder / "reached")

    async def _start_or_explain(self, stderr: Any) -> None:
        self.client = client = _Client(self)
        try:
            client.km = client.create_kernel_manager()
            environment = {} if self.walled else outer.environment(self.home)
            await client.async_start_new_kernel(env=environment, cwd=str(self.folder), stdout=subprocess.DEVNULL, stderr=stderr)
            await client.async_start_new_kernel_client()
        except Exception as error:
            stderr.seek(0)
            said = stderr.read(100_000).decode("utf-8", "replace").strip()[-1000:]
            raise SandboxError(f"the kernel did not start: {said or error}") from error

    def specify(self) -> KernelSpec:
        """Our kernelspec: the interpreter that runs the grader, with the worker's folder on its path."""
        if self.walled:
            path = f"{INSIDE}/connection.json"
            bind = ["--perms", "0755", "--dir", "/run", "--bind", str(self.shared), INSIDE]
            inside = outer.bubblewrap(self.hidden, bind)
            prefix, python, folders, places = inside.command, inside.python, inside.path, PLACES
            boot, profile = f"{outer.WORKER_PLACE}/worker/boot_kernel.py", f"{INSIDE}/ipython"
            rules = seccomp.encoded("kernel")
        else:
            path, prefix, python, places = "{connection_file}", (), sys.executable, ()
            folders = (str(outer.WORKER.parent), *map(str, outer.site_folders()))
            boot, profile, rules = str(outer.WORKER / "boot_kernel.py"), str(self.shared / "ipython"), ""
        config = json.dumps({"path": folders, "places": places, "disk_mb": self.limits["disk_mb"], "filter": rules})
        options = ["--HistoryManager.enabled=False", "--InteractiveShell.xmode=Minimal", f"--IPKernelApp.ipython_dir={profile}"]
        argv = [*prefix, python, *outer.FLAGS, boot, config, "-f", path, *options]
        return KernelSpec(argv=argv, display_name="grader", language="python", interrupt_mode="message" if self.walled else "signal")

    async def run_cell(self, source: str) -> list[bytes]:
        """Runs a cell as any front end does; what the worker said of it."""
        assert self.client is not None
        cell = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
        self.client.nb.cells[:] = [cell]
        self.client.said.clear()
        await self.client.async_execute_cell(cell, 0, store_history=True)
        return list(self.client.said)

    async def ask(self, function: str, *arguments: object) -> list[bytes]:
        """Has the worker run one of live.py's functions in a silent request; what it said."""
        assert self.client is not None
        assert self.client.kc is not None
        kc = self.client.kc
        code = f"__import__('worker.live').live.{function}({', '.join(map(repr, arguments))})"
        self.client.said.clear()
        request = kc.execute(code, silent=True, store_history=False, allow_stdin=False, stop_on_error=False)
        await self.client.until_idle(request)
        while (await kc.get_shell_msg(timeout=None))["parent_header"].get("msg_id") != request:  # type: ignore[attr-defined]
            pass
        return list(self.client.said)

    async def interrupt(self) -> None:
        """Interrupts the running cell, as the stop button does."""
        assert self.client is not None
        assert self.client.km is not None
        await self.client.km.interrupt_kernel()  # type: ignore[misc]

    @property
    def process(self) -> Any:
        """The kernel's process, or the one of bubblewrap, or None."""
        provisioner = self.client.km.provisioner if self.client is not None and self.client.km is not None else None
        return provisioner.process if isinstance(provisioner, LocalProvisioner) else None

    def watch(self) -> None:
        """Raises Lost where the kernel has ended, or takes more memory or space in the shared folder than it may."""
        code = self.process.poll()
        if code is not None:
            if self.walled and code > 128:
                code = 128 - code  # bubblewrap's way to tell of a signal
            raise Lost(lost.describe_exit(code))
        if time.monotonic() - self.watched < WATCH_SECONDS:
            return
        if self.own.memory_info().rss - self.own_bytes > MAX_GROWTH:
            raise Lost(lost.FORGED)
        self._note_processes()
        if self._memory_mb() > self.limits["memory_mb"]:
            raise lost.too_much_memory(self.limits)
        self.cpu_seconds = self.cpu_offset + self._cpu_seconds()
        # A second look, for one that was waited for during the first was counted twice.
        if self.cpu_seconds > self.limits["cpu_seconds"] and self.cpu_offset + self._cpu_seconds() > self.limits["cpu_seconds"]:
            raise OverBudget("cpu_seconds")
        if self.walled and disk.is_larger(self.shared, self.limits["disk_mb"] << 20):
            raise lost.too_much_disk(self.limits)
        self.watched = time.monotonic()

    def _memory_mb(self) -> int:
        if LINUX:
            pids = [process.pid for process in self.seen]
            return processes.resident_mb(pids) + processes.sockets_mb(pids)
        return sum(map(private_bytes, self.seen)) >> 20

    def _cpu_seconds(self) -> float:
        if LINUX:
            return self.meter.seconds(process.pid for process in self.seen)
        return sum(map(cpu_seconds, self.seen))

    def _note_processes(self) -> None:
        """Remembers all that has been below the kernel, so that what leaves its tree is ended too."""
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self.process.pid)
            self.seen = {process for process in self.seen if process.is_running()} | {root, *root.children(recursive=True)}

    def _end_processes(self) -> None:
        """Ends the kernel and what it started. Behind walls all of it ends with bubblewrap's namespace."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self._note_processes()
            self.process.kill()
        end = time.monotonic() + END_SECONDS
        while time.monotonic() < end:
            doomed = {process for process in self.seen if is_running(process)} | (set() if self.walled else strays(self.home))
            if not doomed and self.process.poll() is not None:
                return
            for process in doomed:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            time.sleep(0.002)


class _Client(NotebookClient):
    """nbclient that keeps nothing of what a notebook displays but the worker's own payloads."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(
            nbformat.v4.new_notebook(),  # type: ignore[no-untyped-call]
            kernel_name="grader",
            timeout=None,
            allow_errors=True,
            startup_timeout=START_SECONDS,
            store_widget_state=False,
            coalesce_streams=False,
            iopub_timeout=5,
        )
        self.kernel = kernel
        self.said: list[bytes] = []
        self.messages = 0
        self.log.disabled = True

    def create_kernel_manager(self) -> AsyncKernelManager:
        """A manager of our kernelspec alone, whose sockets lie in a folder of ours, or on the local TCP port of Windows."""
        spec = self.kernel.specify()
        folder = self.kernel.folder
        manager = AsyncKernelManager(
            kernel_name="grader", kernel_spec_manager=_OneKernel(spec), context=self.kernel.context,
            connection_file=str(folder / "connection.json"), client_factory=_KernelClient,
        )  # fmt: skip
        if sys.platform != "win32":
            manager.transport, manager.ip = "ipc", str(self.kernel.shared / "s")
        provisioner = _WalledProvisioner if self.kernel.walled else LocalProvisioner
        manager.provisioner = provisioner(parent=manager, kernel_id="grader", kernel_spec=spec)
        return manager

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> None:
        """Takes the worker's payloads and the end; counts and drops all else."""
        self.messages += 1
        if self.messages > MAX_MESSAGES:
            raise Lost(lost.FORGED)
        content = msg["content"]
        if msg["msg_type"] == "status" and content["execution_state"] == "idle":
            raise CellExecutionComplete
        if msg["msg_type"] == "display_data" and wire.MIME in content["data"]:
            self.said[:-1] = []  # two are too many already
            self.said.append(content["data"][wire.MIME].encode())

    async def until_idle(self, request: str) -> None:
        """Takes the messages of one request of ours, up to its end."""
        assert self.kc is not None
        with contextlib.suppress(CellExecutionComplete):
            while True:
                message = await self.kc.get_iopub_msg(timeout=None)  # type: ignore[attr-defined]
                if message["parent_header"].get("msg_id") == request:
                    self.process_message(message, None, 0)


class _OneKernel(KernelSpecManager):
    """Knows one kernelspec, ours."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self.spec = spec

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Ours, whatever the name."""
        return self.spec


class _WalledProvisioner(LocalProvisioner):
    """Starts a kernel behind walls: its connection file says where its folder lies inside."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Writes the connection file for the inside beside the sockets."""
        prepared = await super().pre_launch(**kwargs)
        assert self.parent is not None
        ours = Path(self.parent.connection_file)
        connection = {**json.loads(ours.read_text()), "ip": f"{INSIDE}/s"}
        inside = ours.parent / "shared" / "connection.json"
        inside.write_text(json.dumps(connection))
        inside.chmod(0o644)
        return prepared


class _KernelClient(AsyncKernelClient):
    """Opens the two channels that are read, so that nothing can pile up on the others."""

    def start_channels(self, shell: bool = True, iopub: bool = True, stdin: bool = True, hb: bool = True, control: bool = True) -> None:
        """Starts the shell and iopub channels."""
        super().start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Until the kernel answers on both channels. nbclient's own way ends with a fifth of a second of silence."""
        end = time.monotonic() + (timeout or START_SECONDS)
        heard = {"shell": False, "iopub": False}
        requests = set()
        while not all(heard.values()):
            if not await self.is_alive():
                raise RuntimeError("it ended")
            if time.monotonic() > end:
                raise RuntimeError(f"it was silent for {timeout} s")
            requests.add(self.kernel_info())
            again = time.monotonic() + 0.5
            while not all(heard.values()) and time.monotonic() < again:
                for name, channel in (("shell", self.shell_channel), ("iopub", self.iopub_channel)):
                    while await channel.msg_ready():
                        message = await channel.get_msg(timeout=0)
                        heard[name] |= message["parent_header"].get("msg_id") in requests
                await asyncio.sleep(0.005)


def private_bytes(process: psutil.Process) -> int:
    """Memory of a process that no other shares, as far as the system tells; 0 where it is gone."""
    try:
        memory = process.memory_info()
    except psutil.Error:
        return 0
    return int(memory.rss - getattr(memory, "shared", 0))


def cpu_seconds(process: psutil.Process) -> float:
    """The processor time of a process and of the children that it waited for; 0 where it is gone."""
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.Error:
        return 0.0


def is_running(process: psutil.Process) -> bool:
    """Whether a process has not ended; one that nobody reaps has."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def strays(home: str) -> set[psutil.Process]:
    """Processes that left the kernel's tree, found by the home folder in their environment; without walls no more can be done."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("HOME") == home:
                found.add(process)
    return found
