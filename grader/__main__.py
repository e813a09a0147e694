"""`python -m grader`, and the console script."""

import atexit
import os
import sys
import threading


def main() -> None:
    """Runs the command line, and ends the process without taking its modules apart, which takes a tenth of a second.

    An interrupt ends it with its exit code also while the command line is being imported.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):  # what is small enough for a notebook needs no threads
        os.environ.setdefault(name, "1")
    try:
        from grader import cli
    except KeyboardInterrupt:
        print("stopped; what was finished is in place", file=sys.stderr)
        sys.exit(130)
    try:
        cli.main()
    except SystemExit as leave:
        is_alone = all(thread.daemon or thread is threading.main_thread() for thread in threading.enumerate())
        if not isinstance(leave.code, int) or not is_alone:
            raise
        atexit._run_exitfuncs()  # private, and the only way to what atexit promises before _exit
        for stream in (sys.stdout, sys.stderr):
            try:
                if stream is not None:
                    stream.flush()
            except OSError:  # nobody listens any more
                continue
        os._exit(leave.code)


if __name__ == "__main__":
    main()
