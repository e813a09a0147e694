"""What `freeze` and `release` share: the frozen public part of the reference, beside the assignment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.answer_key import AnswerKey
    from grader.assignments import Reference
    from grader.bank import Predictions
    from grader.sandbox.protocol import Sandbox


def freeze(reference: Reference, sandbox: Sandbox) -> list[Path]:
    """Makes answer_key.json and misconceptions.json anew; the paths of those that changed. Raises UsageError where they cannot be."""
    from grader import answer_key, frozen_bank
    from grader.errors import UsageError
    from grader.files import write_atomically

    folder = reference.assignment.folder
    frozen = {folder / answer_key.FROZEN: answer_key.freeze(reference, sandbox)}
    if reference.misconceptions:
        frozen[folder / frozen_bank.FROZEN] = frozen_bank.freeze(reference, sandbox)
    try:
        changed = [path for path, data in frozen.items() if not path.exists() or path.read_bytes() != data]
        for path in changed:
            write_atomically(path, frozen[path])
        if not reference.misconceptions:  # those of an earlier time would be of other cases
            (folder / frozen_bank.FROZEN).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error.strerror}") from error
    return changed


def is_current(reference: Reference, key: AnswerKey, bank: Predictions) -> bool:
    """Whether the frozen files say what `key` and `bank` say here: the last digits of another machine are no change."""
    from grader import answer_key, frozen_bank
    from grader.compare import compare
    from grader.errors import AssignmentError

    public = answer_key.public_part(reference.assignment)
    try:
        frozen = answer_key.load_frozen(public)
        frozen_mistakes = frozen_bank.load(public, frozen)
    except AssignmentError:
        return False
    same = all(
        compare(case.expect, key.entries[case.function, case.id].value, frozen.entries[case.function, case.id].value).equal
        for case in public.cases
    )
    return same and all(_told(bank, name) == _told(frozen_mistakes, name) for name in (exercise.name for exercise in public.exercises))


def _told(bank: Predictions | None, function: str) -> list[tuple[str, str, str]]:
    """What a student is told of the known mistakes of a function."""
    found = [] if bank is None else [one for one in bank.predictions(function) if not bank.says_little(one)]
    return [(one.misconceptions[0].id, one.misconceptions[0].title, one.misconceptions[0].hint) for one in found]
