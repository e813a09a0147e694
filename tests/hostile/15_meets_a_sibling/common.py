import ctypes, fcntl, os, socket, time
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
def offer():
    kept = []
    for family, address in ((socket.AF_INET, ("127.0.0.1", 47311)), (socket.AF_UNIX, "\0hostile-meeting-" + mine), (socket.AF_UNIX, "/tmp/meeting-" + mine)):
        try:
            listener = socket.socket(family)
            listener.bind(address)
            listener.listen()
            kept.append(listener)
        except OSError:
            pass
    for place in ("/tmp", "/dev/shm", "/work", "/dev/mqueue", "/var/tmp", "/run/kernel"):
        try:
            open(f"{place}/meeting-{mine}", "w").close()
        except OSError:
            pass
    key = 4711 if mine == "one" else 4712
    libc.shmget(key, 4096, 0o1666)
    libc.msgget(key, 0o1666)
    libc.semget(key, 1, 0o1666)
    try:
        libc.mq_open(b"/meeting-" + mine.encode(), os.O_CREAT | os.O_RDWR, 0o666, None)
    except AttributeError:
        pass
    try:
        kept.append(os.openpty())
    except OSError:
        pass
    return kept
def look():
    found = []
    for family, address in ((socket.AF_UNIX, "\0hostile-meeting-" + theirs), (socket.AF_UNIX, "/tmp/meeting-" + theirs)):
        try:
            socket.socket(family).connect(address)
            found.append(address)
        except OSError:
            pass
    if getattr(next(iter(kept), None), "family", None) == socket.AF_UNIX:
        try:
            socket.socket().connect(("127.0.0.1", 47311))
            found.append("loopback")
        except OSError:
            pass
    for place in ("/tmp", "/dev/shm", "/work", "/dev/mqueue", "/var/tmp", "/run/kernel"):
        found += [place] if os.path.exists(f"{place}/meeting-{theirs}") else []
    key = 4712 if mine == "one" else 4711
    found += [name for name, number in (("shm", libc.shmget(key, 0, 0)), ("msg", libc.msgget(key, 0)), ("sem", libc.semget(key, 0, 0))) if number >= 0]
    found += ["queue"] if libc.mq_open(b"/meeting-" + theirs.encode(), os.O_RDWR) >= 0 else []
    own = [os.ttyname(one[1]) for one in kept if isinstance(one, tuple)]
    for terminal in (f"/dev/pts/{number}" for number in range(4)):
        try:
            found += [] if terminal in own else [f"terminal {os.open(terminal, os.O_RDWR | os.O_NOCTTY)}"]
        except OSError:
            pass
    commands = [open(f"/proc/{name}/environ", "rb").read() for name in os.listdir("/proc") if name.isdigit() and os.access(f"/proc/{name}/environ", os.R_OK)]
    found += ["process"] if any(b"MEETING=" + theirs.encode() in text for text in commands) else []
    return found
os.environ["MEETING"] = mine
kept = offer()
found = []
for _ in range(rounds):
    found += look()
    time.sleep(0.1)
def backward_propagation(x, theta):
    return found or "refused"
