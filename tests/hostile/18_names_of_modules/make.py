import os

from tests.hostile import attacks


def write(path):
    path.write_bytes(attacks.to_notebook("# %%\ndef forward_propagation(x, theta):\n    return x * theta\n", {}))
    for name in (b"\xff\xfe.py", b"..\\..\\hostile_marker.py", b"a\nb.py", b"-rf.py", b"\xe2\x80\xae.py", b"CON.py", b"x" * 250 + b".py", b".py", b"%2e%2e%2f.py"):
        with open(os.path.join(os.fsencode(path.parent), name), "wb") as file:
            file.write(b"x = 1\n")
    for number in range(300):
        (path.parent / f"m{number}.py").write_bytes(b"#" * 200_000)
    (path.parent / "pipe.py").unlink(missing_ok=True)
    os.mkfifo(path.parent / "pipe.py")
