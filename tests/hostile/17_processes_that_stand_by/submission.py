# %%
import ctypes, os, resource, signal, time
libc = ctypes.CDLL(None, use_errno=True)
own = os.getpid()
def ask(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
def read_memory(pid):
    text = ctypes.create_string_buffer(8)
    part = (ctypes.c_void_p * 2)(ctypes.addressof(text), 8)
    ask(libc.process_vm_readv(pid, part, 1, part, 1, 0))
# Nothing that would harm a process of this machine's, should one be reached: signal 0, and values that it has already.
ATTEMPTS = {
    "signal": lambda pid: os.kill(pid, 0),
    "continue": lambda pid: os.kill(pid, signal.SIGCONT),
    "signal by descriptor": lambda pid: signal.pidfd_send_signal(os.pidfd_open(pid), 0),
    "descriptor": lambda pid: ask(libc.syscall(438, os.pidfd_open(pid), 0, 0)),
    "priority": lambda pid: os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid)),
    "affinity": lambda pid: os.sched_setaffinity(pid, os.sched_getaffinity(pid)),
    "limit": lambda pid: resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0)),
    "trace": lambda pid: ask(libc.ptrace(0x4206, pid, 0, 0)),
    "memory": lambda pid: read_memory(pid),
    "memory as a file": lambda pid: open(f"/proc/{pid}/mem", "rb", 0).close(),
    "descriptors": lambda pid: os.listdir(f"/proc/{pid}/fd"),
    "pipes": lambda pid: [open(f"/proc/{pid}/fd/{number}", "wb", 0).close() for number in (3, 4, 5, 6)],
    "environment": lambda pid: open(f"/proc/{pid}/environ", "rb").read(),
    "maps": lambda pid: open(f"/proc/{pid}/maps").read(),
}
time.sleep(0.5)
def look():
    try:
        threads = os.listdir("/proc/self/task")
    except OSError:
        threads = []
    done = []
    for pid in [*range(1, 300), *range(max(300, own - 100), own + 500)]:
        # PID 1 of our own namespace is our own supervisor: 17_touches_others tells of it
        if pid in (1, own, os.getpid(), os.getppid()) or str(pid) in threads:
            continue
        for name, attempt in ATTEMPTS.items():
            try:
                attempt(pid)
                done.append((name, pid))
            except (OSError, AttributeError):
                pass
    return done
seen = look()
def backward_propagation(x, theta):
    return seen or "refused"
