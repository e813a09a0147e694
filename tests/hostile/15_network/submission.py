# %%
import os, socket
socket.setdefaulttimeout(0.3)
def tcp(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.connect(address)
def look():
    done = []
    attempts = {
        "tcp": lambda: tcp(socket.AF_INET, ("127.0.0.1", __TCP_PORT__)),
        "any": lambda: tcp(socket.AF_INET, ("0.0.0.0", __TCP_PORT__)),
        "tcp6": lambda: tcp(socket.AF_INET6, ("::ffff:127.0.0.1", __TCP_PORT__)),
        "ssh": lambda: tcp(socket.AF_INET, ("127.0.0.1", 22)),
        "metadata": lambda: tcp(socket.AF_INET, ("169.254.169.254", 80)),
        "world": lambda: tcp(socket.AF_INET, ("192.0.2.1", 80)),
        "abstract": lambda: tcp(socket.AF_UNIX, "\0__ABSTRACT__"),
        "path": lambda: tcp(socket.AF_UNIX, "__SOCKET__"),
        "docker": lambda: tcp(socket.AF_UNIX, "/var/run/docker.sock"),
        "dbus": lambda: tcp(socket.AF_UNIX, "/run/dbus/system_bus_socket"),
        "name": lambda: socket.getaddrinfo("example.org", 80),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
            done.append(name)
        except OSError:
            pass
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", ("127.0.0.1", __UDP_PORT__))  # it may be sent; nobody may get it
    except OSError:
        pass
    return done
seen = look()
def backward_propagation(x, theta):
    return seen or "refused"
