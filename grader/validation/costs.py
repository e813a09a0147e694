"""What a case costs: how often the reference calls the functions that are injected."""

from __future__ import annotations

import ast

import msgspec

from grader.assignments import Reference
from grader.model import Case
from grader.notebook import Notebook, NotebookCell
from grader.plan import Plan
from grader.sandbox.protocol import Sandbox


def count_evaluations(reference: Reference, sandbox: Sandbox) -> list[int | None]:
    """Evaluations of injected functions in one call of the reference, for each case; None where it injects none.

    Counted by observing every injected function, of which a case may observe fewer.
    """
    parameters = {visibility: _first_parameters(text) for visibility, text in reference.assignment.sources.items()}
    cases = tuple(_observing(case, parameters.get(case.visibility.value, {})) for case in reference.assignment.cases)
    plan = Plan(msgspec.structs.replace(reference.assignment, cases=cases))
    reply = sandbox.run(plan.request(Notebook((NotebookCell(0, "code", reference.solution),), "")))
    return [sum(item.calls for item in call.observed) if case.inject else None for case, call in zip(cases, reply.calls, strict=True)]


def _observing(case: Case, parameters: dict[str, str]) -> Case:
    chosen = {name: (parameters[attribute],) for name, attribute in case.inject.items() if attribute in parameters}
    return msgspec.structs.replace(case, observe={**chosen, **case.observe})


def _first_parameters(text: str) -> dict[str, str]:
    """The first parameter of each function that a text defines.

    >>> _first_parameters("def line(x, theta):\\n    return theta * x\\n")
    {'line': 'x'}
    """
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {node.name: node.args.args[0].arg for node in functions if node.args.args}
