"""What ended a cell or a call from outside, in the same words whichever engine runs it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping

FORGED = "it wrote into the reply"
ENDED = "its process ended"
MAX_RESTARTS = 4  # of the notebook; the last one runs its definitions alone


class Lost(Exception):  # noqa: N818 - an outcome, not an error
    """The notebook or case process ended, or had to be ended: `limit` names the limit, or is empty for a crash."""

    def __init__(self, reason: str, limit: str = "") -> None:
        super().__init__(reason)
        self.limit = limit
        self.payload = json.dumps({"reason": reason, "limit": limit}).encode("ascii")


class OverBudget(Exception):  # noqa: N818 - an outcome, not an error
    """The submission as a whole ran out of time: `limit` says by which clock."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


def too_long(limits: Mapping[str, int], limit: str) -> Lost:
    """A cell or a call ran longer than `limit` allows."""
    return Lost(f"it ran longer than {limits[limit]} s", limit)


def allowed(limits: Mapping[str, int], function: str, late: set[str]) -> Mapping[str, int]:
    """The limits of a call: a function that was out of time once has a fifth of it for each of its others, so that one that loops for
    ever does not hold up a class.

    >>> allowed({"case_seconds": 5, "disk_mb": 8}, "f", {"f"})
    {'case_seconds': 1, 'disk_mb': 8}
    """
    return {**limits, "case_seconds": max(1, limits["case_seconds"] // 5)} if function in late else limits


def too_much_memory(limits: Mapping[str, int]) -> Lost:
    """All processes together used more memory than they may."""
    return Lost(f"it used more than {limits['memory_mb']} MB of memory", "memory_mb")


def too_much_disk(limits: Mapping[str, int]) -> Lost:
    """It wrote more than it may, where no mount bounds it."""
    return Lost(f"it wrote more than {limits['disk_mb']} MB to disk", "disk_mb")


def too_many_processes(limits: Mapping[str, int]) -> Lost:
    """It started more processes than it may."""
    return Lost(f"it had more than {limits['processes']} processes", "processes")


def too_large() -> Lost:
    """The replies together are longer than they may be."""
    return Lost("its reply was too large", "reply_mb")


def given_up(limits: Mapping[str, int], over: str) -> Lost:
    """What is left when no further start is made: the budget that is spent, if one is."""
    match over:
        case "cpu_seconds":
            return Lost(f"the submission's {limits[over]} s of processor time were spent", over)
        case "submission_seconds":
            return Lost(f"the submission's {limits[over]} s were spent", over)
    return Lost("the notebook's process kept ending")


def describe_exit(code: int) -> str:
    """An exit code in words; a negative one is the signal that ended the process.

    >>> describe_exit(3)
    'its process left with exit code 3'
    """
    if code >= 0:
        return f"its process left with exit code {code}"
    try:
        return f"its process was ended by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal has no name
        return f"its process was ended by signal {-code}"


def describe_status(status: int) -> str:
    """A wait status in words. A status that a student's process made up is none."""
    try:
        return describe_exit(os.waitstatus_to_exitcode(status))
    except (ValueError, OverflowError):
        return ENDED
