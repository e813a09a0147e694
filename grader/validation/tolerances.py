"""Where a case's tolerance stands: above what right implementations differ by, below what wrong ones do."""

from __future__ import annotations

import contextlib
import math
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast

import numpy as np

from grader.answer_key import Entry
from grader.assignments import Reference
from grader.compare import real
from grader.errors import AssignmentError, SandboxError
from grader.model import Below, Blocks, Case, Close, Parts
from grader.notebook import Notebook, NotebookCell
from grader.plan import Plan
from grader.sandbox.protocol import CallReply, Sandbox
from grader.validation.evidence import Evidence
from grader.validation.results import Tolerance

MARGIN = 10.0
_KINDS: Mapping[type, str] = {Below: "absolute", Parts: "parts"}  # of several parts: as multiples of what each may deviate by
# Kernels of OpenBLAS that any machine of that kind can run, by what platform.machine() says.
KERNELS: Mapping[str, tuple[str, ...]] = {"x86_64": ("Nehalem", "Sandybridge"), "aarch64": ("ARMV8",), "arm64": ("ARMV8",)}


def deviation(case: Case, expected: object, actual: object) -> float | None:
    """How far a value is from the expected one, in the measure of the case's tolerance; None where that is no number."""
    match case.expect:
        case Below():
            number = real(actual)
            return number if isinstance(number, float) and math.isfinite(number) and number >= 0 else None
        case Close():
            return _relative(expected, actual)
        case Blocks(keys=keys):
            if not isinstance(expected, dict) or not isinstance(actual, dict):
                return None
            return _largest(_norms(expected[key], actual.get(key)) for key in keys)
        case Parts(expect=parts):
            if not isinstance(expected, (tuple, list)) or not isinstance(actual, (tuple, list)) or len(actual) != len(parts):
                return None
            return _largest(map(_of_tolerance, parts, expected, actual))


def _of_tolerance(part: Close | Below, expected: object, actual: object) -> float | None:
    """How far a part is from what is expected, as a multiple of what its tolerance allows."""
    if isinstance(part, Below):
        number = real(actual)
        return number / part.bound if isinstance(number, float) and math.isfinite(number) and number >= 0 else None
    if isinstance(actual, (tuple, list, dict)):
        return None
    truth, given = np.asarray(expected, dtype=float), np.asarray(actual)
    if given.shape != truth.shape or given.dtype.kind not in "iuf" or not np.isfinite(given).all():
        return None
    distance, allowed = np.abs(given - truth), part.atol + part.rtol * np.abs(truth)
    return float((distance / allowed).max(initial=0.0)) if (allowed > 0).all() else None


def _relative(expected: object, actual: object) -> float | None:
    goal, number = real(expected), real(actual)
    if isinstance(goal, float) and isinstance(number, float):
        distance = abs(number - goal)
        return distance / abs(goal) if goal and math.isfinite(distance) else 0.0 if distance == 0 else None
    if isinstance(expected, np.ndarray) and isinstance(actual, np.ndarray) and expected.shape == actual.shape:
        return _norms(expected, actual)
    if isinstance(expected, dict) and isinstance(actual, dict) and expected.keys() == actual.keys():
        return _largest(_relative(value, actual[key]) for key, value in expected.items())
    if isinstance(expected, (tuple, list)) and isinstance(actual, (tuple, list)) and len(expected) == len(actual):
        return _largest(map(_relative, expected, actual))
    return None


def _norms(expected: object, actual: object) -> float | None:
    truth = np.asarray(expected, dtype=float)
    if not isinstance(actual, np.ndarray) or actual.shape != truth.shape or actual.dtype.kind not in "iuf":
        return None
    distance, size = float(np.linalg.norm(actual - truth)), float(np.linalg.norm(truth))
    return distance / size if size and math.isfinite(distance) else 0.0 if distance == 0 else None


def _largest(values: Iterable[float | None]) -> float | None:
    found = list(values)
    numbers = [value for value in found if value is not None]
    return max(numbers) if numbers and len(numbers) == len(found) else None


def measure(
    case: Case,
    entry: Entry,
    evidence: Evidence,
    right: Sequence[CallReply],
    wrong: Mapping[str, CallReply],
    settings: Sequence[CallReply],
) -> Tolerance:
    """A case's tolerance. `right` are the calls of right implementations, `wrong` of misconceptions that fail here, `settings` of the
    reference with other kernels.
    """

    def far(call: CallReply) -> float | None:
        return deviation(case, entry.value, call.value) if call.outcome == "returned" else None

    spread = [value for call in right if (value := far(call)) is not None]
    nearest = min(((value, name) for name, call in wrong.items() if (value := far(call)) is not None), default=(None, ""))
    return Tolerance(
        kind=_KINDS.get(type(case.expect), "relative"),
        value=_tolerance(case, entry.value),
        why=case.expect.why,
        model=_model(case, evidence),
        spread=max(spread, default=None),
        settings=max((value for call in settings if (value := far(call)) is not None), default=None),
        nearest=nearest[0],
        nearest_id=nearest[1],
    )


def _tolerance(case: Case, expected: object) -> float:
    match case.expect:
        case Below(bound=bound):
            return bound
        case Close(rtol=rtol, atol=atol):
            goal = real(expected)
            return rtol + (atol / abs(goal) if isinstance(goal, float) and goal else 0.0)
        case Blocks(rtol=rtol):
            return rtol
        case Parts():
            return 1.0


def _model(case: Case, evidence: Evidence) -> float | None:
    if evidence.model is None:
        return None
    functions = {name: evidence.injected[case.visibility.value][attribute] for name, attribute in case.inject.items()}
    try:
        value = evidence.model(case, cast("Mapping[str, Callable[..., object]]", functions))
    except Exception as error:
        raise AssignmentError(f"bounds.py, case {case.id} of {case.function}: {type(error).__name__}: {error}") from error
    return None if value is None else float(value)


def warn(where: str, tolerance: Tolerance) -> list[str]:
    """What is wrong with where a tolerance stands."""
    said = []
    value = tolerance.value
    for what, measured in (("right implementations", tolerance.spread), ("the reference with other BLAS kernels", tolerance.settings)):
        if measured is not None and value < MARGIN * measured:
            said.append(f"{where}: the tolerance {value:.2g} is less than {MARGIN:g} times what {what} differ by ({measured:.2g})")
    if tolerance.model is not None and value < tolerance.model:
        said.append(f"{where}: the tolerance {value:.2g} is below the error model's bound ({tolerance.model:.2g})")
    if tolerance.nearest is not None and tolerance.nearest < MARGIN * value:
        said.append(
            f"{where}: {tolerance.nearest_id} deviates by {tolerance.nearest:.2g}, less than {MARGIN:g} times the tolerance {value:.2g}"
        )
    return said


@contextlib.contextmanager
def _kernel(name: str) -> Iterator[None]:
    """OpenBLAS as sandboxes that are opened meanwhile have it."""
    before = os.environ.get("OPENBLAS_CORETYPE")
    os.environ["OPENBLAS_CORETYPE"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["OPENBLAS_CORETYPE"]
        else:
            os.environ["OPENBLAS_CORETYPE"] = before


def run_settings(reference: Reference, open_sandbox: Callable[[], Sandbox]) -> dict[str, tuple[CallReply, ...]]:
    """The reference's calls by BLAS kernel; a kernel that this machine cannot run is left out."""
    request = Plan(reference.assignment).request(Notebook((NotebookCell(0, "code", reference.solution),), ""))
    found = {}
    for name in KERNELS.get(platform.machine(), ()):
        with _kernel(name), contextlib.suppress(SandboxError):
            sandbox = open_sandbox()
            try:
                found[name] = sandbox.run(request).calls
            finally:
                sandbox.close()
    return found
