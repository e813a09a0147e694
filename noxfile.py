"""Developer verbs, `nox -s VERB`: tests, hostile, lint, bench, docs, remake. CONTRIBUTING.md says what each is for."""

import nox

nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True

BENCHMARKS = ("engines", "walls", "diagnosis", "throughput", "scale", "cold_check", "render", "watch", "dashboard")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests; a real part that is missing fails instead of skipping."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-q", *session.posargs, env={"GRADER_REQUIRE_ALL": "1"})


@nox.session
def hostile(session: nox.Session) -> None:
    """The attacks of tests/hostile alone, against every engine, with the table of what came of them; the tests run them too."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-q", "tests/hostile", "-n", "2", *session.posargs, env={"GRADER_REQUIRE_ALL": "1"})


@nox.session
def lint(session: nox.Session) -> None:
    """Style, types and import contracts."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports")


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks; `-- NAME …` runs some of them, for example `nox -s bench -- throughput`."""
    session.install("-e", ".[test]")
    for name in session.posargs or BENCHMARKS:
        session.run("python", f"tests/benchmarks/{name}.py")


@nox.session
def docs(session: nox.Session) -> None:
    """The book, into site/; a warning fails. `-- serve` shows it while you write."""
    session.install("-e", ".[docs]")
    session.run("mkdocs", *(session.posargs or ["build", "--strict"]))


@nox.session
def remake(session: nox.Session) -> None:
    """What is committed and made of the program: the book's page of options, its drawings and JSON Schemas."""
    session.install("-e", ".")
    for name in ("commands", "drawings", "schemas"):
        session.run("python", f"docs/{name}.py")
