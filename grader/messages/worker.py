"""What the worker says of a submission that it ended. It imports nothing of grader, so its sentences stand here for the catalogue."""

from __future__ import annotations

from grader.messages import message

REASONS = (
    message("it wrote into the reply"),
    message("it ran longer than {seconds} s"),
    message("it used more than {megabytes} MB of memory"),
    message("it wrote more than {megabytes} MB to disk"),
    message("it had more than {number} processes"),
    message("its reply was too large"),
    message("its reply was malformed"),
    message("no reply came"),
    message("the submission's {seconds} s of processor time were spent"),
    message("the submission's {seconds} s were spent"),
    message("the notebook's process kept ending"),
    message("its process left with exit code {code}"),
    message("its process was ended by {signal}"),
    message("its process could not start again"),
    message("its process ended"),
    message("its process did not answer"),
)
