"""`grader xqueue`: one submission in, one answer out, whatever is in it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.lms.bundle import xqueue
from grader.lms.bundle.xqueue import Body, Content
from grader.model import SubmissionResult
from tests import lms_results, parts
from tests.unit.test_export_formats import RULES

ROOT = Path(__file__).parents[2]
A = ("-a", "gradient_checking")
EXAMPLES = ROOT / "assignments" / "gradient_checking" / "examples"
HEADER = '{"submission_id": 7, "submission_key": "ka\\u0308se \\"<&>\\u202e"}'
STUDENT_INFO = json.dumps({"anonymous_student_id": "8a1c", "submission_time": "20210109222647", "random_seed": 1})


def content(response: str, payload: str = "") -> str:
    body = json.dumps({"student_response": response, "grader_payload": payload, "student_info": STUDENT_INFO})
    return json.dumps({"xqueue_header": HEADER, "xqueue_body": body, "xqueue_files": "{}"})


def run(stdin: str | bytes, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "PYTEST_", "COV_"))}
    data = stdin.encode() if isinstance(stdin, str) else stdin
    command = [sys.executable, "-m", "grader", "xqueue", *map(str, arguments)]
    return subprocess.run(command, input=data, cwd=ROOT, env=kept, capture_output=True, check=False, timeout=120)


def body_of(done: subprocess.CompletedProcess[bytes]) -> Any:
    """The answer's body by the rules of the form; the header comes back as it went in."""
    assert b"Traceback" not in done.stderr, done.stderr
    answer = json.loads(done.stdout)
    assert {*answer} == {"xqueue_header", "xqueue_body"}
    assert answer["xqueue_header"] == HEADER
    body = msgspec.json.decode(answer["xqueue_body"], type=RULES["xqueue"])
    assert ET.fromstring(body.msg).tag == "div"
    return body


def test_a_right_notebook_as_it_is() -> None:
    parts.need_walls()
    done = run(content((EXAMPLES / "ada" / "notebook.ipynb").read_text(encoding="utf-8")), *A)
    body = body_of(done)
    assert (done.returncode, body.correct, body.score) == (0, True, 1)


def test_a_wrong_one_in_base64_whose_problem_names_the_assignment() -> None:
    parts.need_walls()
    response = base64.encodebytes((EXAMPLES / "chloe" / "notebook.ipynb").read_bytes()).decode()
    done = run(content(response, '{"assignment": "gradient_checking"}'))
    body = body_of(done)
    assert (done.returncode, body.correct, body.score) == (0, False, 0.8)
    assert "theta is not copied" in body.msg


def test_what_is_no_notebook_is_a_zero_with_its_reason() -> None:
    parts.need_walls()
    done = run(content("</pre></div><script>\x00\ud800"), *A)
    body = body_of(done)
    assert (done.returncode, body.correct, body.score) == (3, False, 0)
    assert "cannot be read" in body.msg


def assert_not_graded(done: subprocess.CompletedProcess[bytes], code: int, said: bytes) -> None:
    body = body_of(done)
    assert (done.returncode, body.correct, body.score) == (code, msgspec.UNSET, msgspec.UNSET)
    assert "Not graded" in body.msg
    assert said in done.stderr


def test_our_fault_is_answered_and_nobody_s_zero(tmp_path: Path) -> None:
    assert_not_graded(run(content("{}"), "-a", "gradient_check"), 2, b"did you mean gradient_checking?")
    assert_not_graded(run(content("{}")), 2, b"which assignment?")
    assert_not_graded(run(content("{}"), *A, "--reference", tmp_path), 2, b"no reference")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "assignment.toml").write_text("broken = [")
    assert_not_graded(run(content("{}"), "-a", "mine", "--assignments", tmp_path), 2, b"assignment.toml")


@pytest.mark.parametrize(
    "stdin",
    [b"", b"[]", b"{}", b"\xff", b'{"xqueue_header": 1, "xqueue_body": ""}', b'{"xqueue_header": "", "xqueue_body": "{}"}', b"[" * 100_000],
)
def test_what_no_queue_hands_out_is_refused(stdin: bytes) -> None:
    with pytest.raises(UsageError, match="no submission of a queue"):
        xqueue.read(stdin)


def test_the_command_says_so() -> None:
    done = run(b"nothing", *A)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"no submission of a queue" in done.stderr
    assert b"Traceback" not in done.stderr


def test_there_is_an_end_to_what_is_read() -> None:
    with pytest.raises(UsageError, match="64 MB"):
        xqueue.read(b" " * (xqueue.MAX_BYTES + 1))


@given(st.binary())
def test_base64_gives_the_notebook_s_bytes(data: bytes) -> None:
    notebook = b'{"cells": "' + data + b'"}'
    assert xqueue.notebook_of(Body(base64.encodebytes(notebook).decode())) == notebook


@given(st.text())
def test_any_response_has_bytes(text: str) -> None:
    assert isinstance(xqueue.notebook_of(Body(text)), bytes)
    assert xqueue.notebook_of(Body("{" + text)).startswith(b"{")


@pytest.mark.parametrize(
    ("payload", "given_id", "chosen"),
    [
        ('{"assignment": "a1"}', None, "a1"),
        ('"a1"', None, "a1"),
        ("a1", None, "a1"),
        ('{"assignment": "a1"}', "mine", "mine"),
        ("", "mine", "mine"),
        ("[" * 100_000, "mine", "mine"),
    ],
)
def test_the_assignment_is_the_one_given_else_the_payload_s(payload: str, given_id: str | None, chosen: str) -> None:
    assert xqueue.assignment_of(Body("", payload), given_id) == chosen


@pytest.mark.parametrize("payload", ["", "{}", "[]", "7", '{"assignment": 7}', '{"assignment": ""}', "null"])
def test_a_payload_that_names_none(payload: str) -> None:
    with pytest.raises(UsageError, match="which assignment"):
        xqueue.assignment_of(Body("", payload), None)


def test_a_mistake_of_ours_is_answered() -> None:
    def fails() -> SubmissionResult:
        raise RuntimeError("secret detail")

    text, _, failure = xqueue.answer(Content(HEADER, ""), "mine", fails)
    assert str(failure) == "secret detail"
    assert "secret detail" not in text
    assert "score" not in json.loads(json.loads(text)["xqueue_body"])


def test_the_answer_is_the_export_s() -> None:
    text, status, failure = xqueue.answer(Content(HEADER, ""), "mine", lms_results.full)
    answer = json.loads(text)
    assert answer["xqueue_header"] == HEADER
    assert (status, failure) == (lms_results.full().status, None)
    golden = ROOT / "tests" / "golden" / "export" / "xqueue-graded.json"
    assert json.loads(answer["xqueue_body"]) == json.loads(golden.read_bytes())
