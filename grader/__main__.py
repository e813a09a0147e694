"""`python -m grader`, and the console script."""

from grader.cli import main

if __name__ == "__main__":
    main()
