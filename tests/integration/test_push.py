"""Scores posted to a platform's Assignment and Grade Services, played by a server that is written from the specifications.

It checks what a platform checks (IMS Security Framework 1.0, section 4; LTI AGS 2.0, "Score publish service"): the assertion's
signature, issuer, audience, life and single use, the scope, the bearer token, the media type, and that a student's scores come with
later and later times, counted in whole seconds as Moodle does.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import click
import pytest
from click.testing import CliRunner
from joserfc import jwt
from joserfc.jwk import RSAKey

from grader.cli.push import KEY, command
from grader.errors import OutputError, UsageError
from grader.lms import lti
from grader.lms.manifest import Entry
from grader.lms.push import JOURNAL
from tests.lms_results import full, not_graded, result, unreadable, write_out

SECRET = RSAKey.generate_key(2048, private=True)
PEM = SECRET.as_pem(private=True).decode("ascii")
TOKEN = "the-platform-s-token"
Answer = tuple[int, dict[str, str]]


class Platform(ThreadingHTTPServer):
    """The platform: its gradebook, and answers that it is told to give in the place of its own."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.lineitem = f"{self.url}/lineitems/7?type_id=1"
        self.token_url = f"{self.url}/token"
        self.audience = self.token_url
        self.key: RSAKey = SECRET
        self.scores: dict[str, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.assertions: set[str] = set()
        self.tokens = 0
        self.failures: dict[str, list[Answer]] = {}  # the next answers to a path or to a student
        self.unheard: set[str] = set()  # students whose next score arrives, and whose answer does not
        self.problems: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        self.problems.append(f"{client_address}")


class Handler(BaseHTTPRequestHandler):
    server: Platform

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(self.path)
        if self.path == "/token":
            self.give_token({name: values[0] for name, values in parse_qs(body.decode("ascii")).items()})
        elif self.path == "/lineitems/7/scores?type_id=1":
            self.take_score(json.loads(body))
        else:
            self.answer(404, {"error": "no such place"})

    def give_token(self, form: dict[str, str]) -> None:
        if self.fails("/token"):
            return
        header_and_claims = jwt.decode(form["client_assertion"], public(self.server.key))
        claims, now = header_and_claims.claims, time.time()
        wrong = [
            form.get("grant_type") != "client_credentials",
            form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            form.get("scope") != lti.SCOPE,
            header_and_claims.header["alg"] != "RS256",
            header_and_claims.header["kid"] != SECRET.thumbprint(),
            claims["iss"] != "tool-1" or claims["sub"] != "tool-1",
            claims["aud"] != self.server.audience,
            not now - 60 < claims["iat"] <= now + 5,
            not now < claims["exp"] <= now + 3600,
            claims["jti"] in self.server.assertions,
        ]
        if any(wrong):
            self.answer(400, {"error": "invalid_client", "echo": form["client_assertion"]})
            return
        self.server.assertions.add(claims["jti"])
        self.server.tokens += 1
        self.answer(200, {"access_token": f"{TOKEN}-{self.server.tokens}", "token_type": "Bearer", "expires_in": 3600, "scope": lti.SCOPE})

    def take_score(self, score: dict[str, Any]) -> None:
        user, gradebook = score["userId"], self.server.scores
        if self.fails(user) or self.fails("scores"):
            return
        if self.headers["Authorization"] != f"Bearer {TOKEN}-{self.server.tokens}":
            self.answer(401, {})
        elif self.headers["Content-Type"] != lti.MEDIA_TYPE:
            self.answer(415, {})
        elif not {"userId", "timestamp", "activityProgress", "gradingProgress", "scoreMaximum", "scoreGiven"} <= score.keys():
            self.answer(400, {})
        elif user in gradebook and seconds(score) <= seconds(gradebook[user]):
            self.answer(409, {"message": "Refusing score with an earlier timestamp"})
        else:
            gradebook[user] = score
            if user in self.server.unheard:
                self.server.unheard.remove(user)
                self.close_connection = True
            else:
                self.answer(200, {})

    def fails(self, name: str) -> bool:
        answers = self.server.failures.get(name)
        if not answers:
            return False
        status, headers = answers.pop(0)
        self.answer(status, {"message": "told to fail"}, headers)
        return True

    def answer(self, status: int, payload: dict[str, object], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(payload).encode("ascii")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def public(key: RSAKey) -> RSAKey:
    return RSAKey.import_key(key.as_dict(private=False))


def seconds(score: dict[str, Any]) -> int:
    moment = datetime.fromisoformat(score["timestamp"])
    assert moment.tzinfo is not None
    return int(moment.timestamp())


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
    assert server.problems == []


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made: time stands still for none of them."""
    made: list[float] = []
    start = lti.Client.__init__

    def init(self: lti.Client, platform: lti.Platform, key: str, pause: Callable[[float], None] = made.append) -> None:
        start(self, platform, key, pause)

    monkeypatch.setattr(lti.Client, "__init__", init)
    return made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    entries = [Entry(name, "canvas", ids={"user_id": f"u-{name}"}) for name in ("ada", "bob", "eve")]
    return write_out(tmp_path / "out", [full(), unreadable(), not_graded()], entries)


def push(platform: Platform, out: Path, *more: str, key: str = PEM) -> tuple[int, str, str]:
    arguments = [str(out), "--lineitem", platform.lineitem, "--client-id", "tool-1", "--token-url", platform.token_url, *more]
    done = CliRunner(env={KEY: key}).invoke(command, arguments, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.return_value, done.stdout, done.stderr


def send(platform: Platform, out: Path, *more: str) -> tuple[int, dict[str, Any], str]:
    code, stdout, stderr = push(platform, out, "--send", *more)
    return code, json.loads(stdout), stderr


def journal(platform: Platform, out: Path) -> dict[str, Any]:
    scores: dict[str, Any] = json.loads((out / JOURNAL).read_text("utf-8"))["lineitems"][platform.lineitem]
    return scores


def regrade(out: Path, student: str, grade: float) -> None:
    (out / student / "result.json").write_text(result(student, grade).to_json(), "utf-8")


def test_without_send_nothing_is_asked_for(platform: Platform, out: Path) -> None:
    code, stdout, stderr = push(platform, out)
    assert (code, platform.requests) == (0, [])
    payloads = [json.loads(line) for line in stdout.splitlines()]
    assert [(one["userId"], one["scoreGiven"], one["scoreMaximum"], one["gradingProgress"]) for one in payloads] == [
        ("u-ada", 23, 50, "FullyGraded"),
        ("u-bob", 0, 50, "FullyGraded"),
    ]
    assert "2 scores would be posted" in stderr
    assert not (out / JOURNAL).exists()


def test_scores_arrive_once(platform: Platform, out: Path, pauses: list[float]) -> None:
    assert send(platform, out)[:2] == (0, {"schema": "grader.pushed/1", "posted": 2, "refused": 0, "unanswered": 0})
    assert {user: score["scoreGiven"] for user, score in platform.scores.items()} == {"u-ada": 23, "u-bob": 0}
    assert platform.requests == ["/token", "/lineitems/7/scores?type_id=1", "/lineitems/7/scores?type_id=1"]
    assert send(platform, out)[1]["posted"] == 0
    assert len(platform.requests) == 3
    regrade(out, "bob", 31.5)
    assert send(platform, out)[1]["posted"] == 1  # at once: a second later by the platform's clock all the same
    assert platform.scores["u-bob"]["scoreGiven"] == 31.5
    assert pauses == []


def test_what_another_line_item_got_counts_for_nothing(platform: Platform, out: Path) -> None:
    (out / JOURNAL).write_text(json.dumps({"schema": "grader.push/1", "lineitems": {"https://else/1": {}}}), "utf-8")
    assert send(platform, out)[1]["posted"] == 2
    assert list(json.loads((out / JOURNAL).read_text("utf-8"))["lineitems"]) == [platform.lineitem, "https://else/1"]


def test_a_busy_platform_is_asked_again(platform: Platform, out: Path, pauses: list[float]) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=50)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    platform.failures = {
        "/token": [(503, {})],
        "u-ada": [(429, {"Retry-After": "7"}), (500, {}), (503, {"Retry-After": soon})],
        "u-bob": [(502, {"Retry-After": "never"}), (429, {"Retry-After": "99999"})],
    }
    assert send(platform, out)[:2] == (0, {"schema": "grader.pushed/1", "posted": 2, "refused": 0, "unanswered": 0})
    assert 1 <= pauses[0] <= 1.5
    assert pauses[1] == 7
    assert 2 <= pauses[2] <= 3
    assert 40 < pauses[3] <= 50
    assert 1 <= pauses[4] <= 1.5
    assert pauses[5] == lti.MAX_WAIT
    assert platform.tokens == 1


def test_a_score_that_is_refused_is_not_tried_again_and_stops_nobody(platform: Platform, out: Path, pauses: list[float]) -> None:
    platform.failures = {"u-ada": [(403, {})]}
    code, summary, stderr = send(platform, out)
    assert (code, summary["posted"], summary["refused"], pauses) == (4, 1, 1, [])
    assert "ada: the platform answered 403" in stderr
    first = journal(platform, out)["ada"]
    assert first["status"] == "refused"
    assert send(platform, out)[0] == 0
    assert journal(platform, out)["ada"]["timestamp"] > first["timestamp"]
    assert platform.scores["u-ada"]["scoreGiven"] == 23


def test_a_score_that_arrived_unheard_is_told_from_a_conflict(platform: Platform, out: Path, pauses: list[float]) -> None:
    platform.unheard = {"u-ada"}
    assert send(platform, out)[1] == {"schema": "grader.pushed/1", "posted": 2, "refused": 0, "unanswered": 0}
    assert len(pauses) == 1
    assert platform.scores["u-ada"]["timestamp"] == journal(platform, out)["ada"]["timestamp"]


def test_a_later_score_of_somebody_else_s_is_a_conflict(platform: Platform, out: Path) -> None:
    platform.scores["u-ada"] = {"timestamp": "2099-01-01T00:00:00.000Z"}
    code, summary, stderr = send(platform, out)
    assert (code, summary["refused"]) == (4, 1)
    assert "409" in stderr


def test_what_gave_no_answer_keeps_its_time(platform: Platform, out: Path, pauses: list[float]) -> None:
    platform.failures = {"u-ada": [(500, {})] * lti.ATTEMPTS}
    code, summary, _ = send(platform, out)
    assert (code, summary["unanswered"], summary["posted"]) == (4, 1, 1)
    then = journal(platform, out)["ada"]
    assert then["status"] == "unanswered"
    assert send(platform, out)[0] == 0
    assert platform.scores["u-ada"]["timestamp"] == then["timestamp"] == journal(platform, out)["ada"]["timestamp"]


def test_a_token_that_ended_early_is_asked_for_again(platform: Platform, out: Path) -> None:
    platform.failures = {"scores": [(401, {})]}
    assert send(platform, out)[1]["posted"] == 2
    assert platform.tokens == 2


def test_a_platform_that_is_down_ends_the_run_and_the_next_goes_on(platform: Platform, tmp_path: Path, pauses: list[float]) -> None:
    out = write_out(tmp_path / "many", [result(f"s{number}", 5.0) for number in range(6)])
    platform.failures = {f"s{number}": [(500, {})] * lti.ATTEMPTS for number in (1, 2, 3)}
    with pytest.raises(OutputError, match="does not answer"):
        send(platform, out)
    assert sorted(platform.scores) == ["s0"]
    assert send(platform, out)[1]["posted"] == 5
    assert sorted(platform.scores) == [f"s{number}" for number in range(6)]


def test_another_audience_and_a_roster(platform: Platform, out: Path, tmp_path: Path) -> None:
    platform.audience = "https://auth.example/aud"
    roster = tmp_path / "roster.csv"
    roster.write_text("student,User ID\nada,sub-1\nbob,sub-2\n", "utf-8")
    assert send(platform, out, "--audience", platform.audience, "--roster", str(roster))[1]["posted"] == 2
    assert sorted(platform.scores) == ["sub-1", "sub-2"]


def test_a_key_that_the_platform_does_not_know(platform: Platform, out: Path) -> None:
    platform.audience = "https://someone.else/"
    with pytest.raises(UsageError, match="400 invalid_client") as caught:
        send(platform, out)
    assert "eyJ" not in f"{caught.value} {caught.value.remedy}"  # the answer repeats the assertion; the message does not
    assert platform.scores == {}
    assert not (out / JOURNAL).exists()


@pytest.mark.parametrize("answer", [(429, {}), (503, {})])
def test_no_token_after_all_attempts(platform: Platform, out: Path, pauses: list[float], answer: Answer) -> None:
    platform.failures = {"/token": [answer] * lti.ATTEMPTS}
    with pytest.raises(OutputError, match=str(answer[0])):
        send(platform, out)
    assert len(pauses) == lti.ATTEMPTS - 1


def test_secrets_are_in_no_log_and_no_message(platform: Platform, out: Path, caplog: pytest.LogCaptureFixture, pauses: list[float]) -> None:
    caplog.set_level(logging.DEBUG)
    platform.failures = {"u-ada": [(500, {}), (403, {})]}
    _, stdout, stderr = push(platform, out, "--send")
    told = caplog.text + stdout + stderr + (out / JOURNAL).read_text("utf-8")
    body = PEM.splitlines()[3]
    assert [secret for secret in (TOKEN, body, "eyJ") if secret in told] == []


def test_a_key_from_a_file(platform: Platform, out: Path, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(PEM, "ascii")
    assert push(platform, out, "--send", "--key-file", str(path), key="")[0] == 0


@pytest.mark.parametrize(
    "key", ["", "no key", public(SECRET).as_pem(private=False).decode("ascii"), PEM[: len(PEM) // 2], '{"kty":"oct","k":"c2VjcmV0"}']
)
def test_what_is_no_private_key_is_refused(platform: Platform, out: Path, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        push(platform, out, "--send", key=key)
    assert key.strip() == "" or key[40:80] not in str(caught.value) or len(key) < 40
    assert platform.requests == []


@pytest.mark.parametrize(
    "url", ["http://lms.example/1", "ftp://x/1", "https://me:secret@lms.example/1", "https://", "x", "http://[::", "file:///x"]
)
def test_only_urls_that_keep_secrets_are_taken(out: Path, url: str) -> None:
    for lineitem, token in ((url, "https://x/t"), ("https://x/1", url)):
        with pytest.raises(UsageError) as caught:
            CliRunner().invoke(
                command,
                [str(out), "--lineitem", lineitem, "--client-id", "c", "--token-url", token],
                standalone_mode=False,
                catch_exceptions=False,
            )
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8/1", "http://localhost/1", "http://[::1]/1", "https://lms.example/1"])
def test_this_machine_and_https_are_taken(url: str) -> None:
    lti.check_url(url, "--lineitem")


def test_a_journal_that_is_none_is_refused(platform: Platform, out: Path) -> None:
    (out / JOURNAL).write_text("{}x", "utf-8")
    with pytest.raises(UsageError, match="no journal"):
        push(platform, out)


def test_the_key_is_no_option() -> None:
    assert isinstance(command, click.Command)
    assert [one for one in command.params if one.name in ("key", "token", "secret", "password")] == []
    assert KEY not in os.environ
