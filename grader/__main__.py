"""`python -m grader`, and the console script."""

import sys


def main() -> None:
    """Runs the command line; an interrupt ends it with its exit code also while it is being imported."""
    try:
        from grader.cli import main as run
    except KeyboardInterrupt:
        print("stopped; what was finished is in place", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
