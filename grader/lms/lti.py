"""LTI 1.3, Assignment and Grade Services 2.0: a client that posts scores to a platform.

The token comes by OAuth 2 client credentials, with an assertion that the tool's own RSA key signs (IMS Security Framework 1.0).
Here alone the HTTP and OAuth libraries are called, and their errors become a `ScoreError` or a GraderError; no secret is in either,
nor what a token's URL answers, since that may repeat the assertion.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from grader.errors import OutputError, UsageError
from grader.lms.export import lti_ags, told
from grader.values import bounded

if TYPE_CHECKING:
    import httpx2

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEDIA_TYPE = "application/vnd.ims.lis.v1.score+json"
ATTEMPTS = 5
TIMEOUT = 30.0  # seconds, of a connection and of a silence
MAX_WAIT = 120.0  # seconds between two attempts, whatever the platform asks for
_ASSERTION_LIFE = 300  # seconds
_SECOND = timedelta(seconds=1)


class Platform(msgspec.Struct, frozen=True):
    """Where scores go, and who says so. `audience` is the token's URL unless the platform asks for another; `key_id` names the key
    in the tool's own key set, by default with its thumbprint (RFC 7638)."""

    lineitem: str
    client_id: str
    token_url: str
    audience: str = ""
    key_id: str = ""


class Score(msgspec.Struct, frozen=True):
    """A payload, its time, and whether an earlier attempt with this time may have arrived unheard."""

    payload: Mapping[str, object]
    timestamp: datetime
    may_have_arrived: bool = False

    def body(self) -> bytes:
        """The bytes to post."""
        return told.encode({**self.payload, "timestamp": lti_ags.format_time(self.timestamp)})


class ScoreError(Exception):
    """A request that did not succeed; it does not leave this package. `is_refused`: the platform would say the same again.

    wait: the seconds that it asks for. status: of its answer, or 0. retried: whether it is the last of several attempts.
    """

    def __init__(self, why: str, *, is_refused: bool = False, wait: float = 0.0, status: int = 0) -> None:
        super().__init__(why)
        self.is_refused, self.wait, self.status = is_refused, wait, status
        self.retried = False


def later(now: datetime, last: datetime) -> datetime:
    """Now, or a second after the last score's time, whichever is later."""
    return max(now, last + _SECOND)


def scores_url(lineitem: str) -> str:
    """Where the scores of a line item are posted: its path has `/scores` after it, its query stays.

    >>> scores_url("https://lms.example/lineitem?type_id=1")
    'https://lms.example/lineitem/scores?type_id=1'
    """
    parts = urlsplit(lineitem)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/scores"))


def check_url(url: str, what: str) -> None:
    """Raises UsageError where a URL is none, carries a password, or would send secrets in the clear over a network."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise UsageError(f"{what} is no URL") from error
    if parts.username or parts.password:
        raise UsageError(f"{what} has a user name in it", remedy="secrets come from a file or the environment")
    if not host or parts.scheme not in ("https", "http"):
        raise UsageError(f"{what} is no URL")
    if parts.scheme == "http" and not _is_loopback(host):
        raise UsageError(f"{what} is not https", remedy="scores and tokens are sent encrypted, except to this machine itself")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Client:
    """A connection to a platform. `pause` waits some seconds; tests give another. Use it as a context manager."""

    def __init__(self, platform: Platform, key: str, pause: Callable[[float], None] = time.sleep) -> None:
        try:
            from authlib.integrations.httpx_client import OAuth2Client
        except ImportError as error:
            raise UsageError("posting scores needs more packages", remedy="pip install 'grader[lti]'") from error
        self._platform, self._pause = platform, pause
        self._key: Any = _import_key(key)
        self._client: Any = OAuth2Client(
            client_id=platform.client_id,
            client_secret=self._key,
            timeout=TIMEOUT,
            follow_redirects=False,
            token_endpoint_auth_method="private_key_jwt",
        )
        self._client.register_compliance_hook("access_token_response", _check_token)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def post(self, score: Score) -> datetime:
        """Posts a score and gives the time that it went with. Raises ScoreError where the platform does not take it.

        Where an earlier attempt arrived unheard, the platform refuses the same time as a conflict: then it goes with a later one.
        Raises UsageError where the platform refuses a token, OutputError where it gives none.
        """
        try:
            self._again(lambda: self._post(score))
            return score.timestamp
        except ScoreError as error:
            if error.status != 409 or not (error.retried or score.may_have_arrived):
                raise
        moved = Score(score.payload, later(datetime.now(UTC), score.timestamp))
        self._again(lambda: self._post(moved))
        return moved.timestamp

    def _again(self, call: Callable[[], None]) -> None:
        for attempt in range(ATTEMPTS):
            try:
                return call()
            except ScoreError as error:
                error.retried = attempt > 0
                if error.is_refused or attempt == ATTEMPTS - 1:
                    raise
                self._pause(max(error.wait, _back_off(attempt)))
        return None

    def _post(self, score: Score) -> None:
        self._ensure_token()
        response = self._send_score(score)
        if response.status_code == 401:  # the token ended before its time
            self._client.token = None
            self._ensure_token()
            response = self._send_score(score)
        _check(response)

    def _send_score(self, score: Score) -> Any:
        url, headers = scores_url(self._platform.lineitem), {"Content-Type": MEDIA_TYPE}
        return _translated(lambda: self._client.post(url, content=score.body(), headers=headers))

    def _ensure_token(self) -> None:
        token = self._client.token
        if token and not token.is_expired(leeway=60):
            return
        try:
            self._again(self._fetch_token)
        except ScoreError as error:
            if error.is_refused:
                raise UsageError(str(error), remedy="check the client id, the token's URL, and that the platform knows the key") from None
            raise OutputError(str(error), remedy="push again later: what was posted is remembered") from None

    def _fetch_token(self) -> None:
        from authlib.oauth2.rfc7523 import PrivateKeyJWT

        platform = self._platform
        claims = {"exp": int(time.time()) + _ASSERTION_LIFE}
        header = {"typ": "JWT", "kid": platform.key_id or self._key.thumbprint()}
        self._client.register_client_auth_method(PrivateKeyJWT(platform.audience or platform.token_url, claims=claims, headers=header))
        token = _translated(lambda: self._client.fetch_token(platform.token_url, grant_type="client_credentials", scope=SCOPE))
        if not token.get("access_token"):
            self._client.token = None
            raise ScoreError("the token's URL did not answer with a token", is_refused=True)


def _translated(call: Callable[[], Any]) -> Any:
    """What the libraries give; what they raise becomes a ScoreError."""
    import httpx2
    from authlib.common.errors import AuthlibBaseError

    try:
        return call()
    except httpx2.TimeoutException:
        raise ScoreError("no answer in time") from None
    except httpx2.HTTPError as error:
        raise ScoreError(f"no connection: {type(error).__name__}") from None
    except AuthlibBaseError as error:
        raise ScoreError(f"no token: {bounded(str(error.error), 60, newlines=False)}", is_refused=True) from None
    except (httpx2.InvalidURL, ValueError):
        raise ScoreError("the answer is not one that the specification knows", is_refused=True) from None


def _import_key(pem: str) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    try:
        key = RSAKey.import_key(pem)
    except (JoseError, ValueError, TypeError):
        key = None
    if key is None or not key.is_private:
        raise UsageError("the key is no private RSA key in PEM form", remedy="openssl genrsa -out key.pem 2048") from None
    return key


def _check(response: httpx2.Response) -> None:
    """Raises ScoreError unless the score was taken."""
    status = response.status_code
    if 200 <= status < 300:
        return
    is_passing = status == 429 or status >= 500
    detail = "" if is_passing or not response.text else f": {bounded(response.text, 200, newlines=False)}"
    raise ScoreError(f"the platform answered {status}{detail}", is_refused=not is_passing, wait=_retry_after(response), status=status)


def _check_token(response: httpx2.Response) -> httpx2.Response:
    """The answer to a request for a token, if it is one. Raises ScoreError else."""
    status = response.status_code
    if 200 <= status < 300:
        return response
    try:
        answer = response.json()
    except ValueError:
        answer = None
    code = str(answer.get("error", "")) if isinstance(answer, dict) else ""
    why = f"the token's URL answered {status} {bounded(code, 60, newlines=False)}".rstrip()
    raise ScoreError(why, is_refused=not (status == 429 or status >= 500), wait=_retry_after(response), status=status)


def _retry_after(response: httpx2.Response) -> float:
    """The seconds that a platform asks to wait for, given as a number or as a date, at most MAX_WAIT."""
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(MAX_WAIT, float(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return min(MAX_WAIT, max(0.0, (moment - datetime.now(UTC)).total_seconds())) if moment.tzinfo else 0.0


def _back_off(attempt: int) -> float:
    """One second, two, four …, each with up to half as much again by chance, so that many clients do not come back at once."""
    return float(min(MAX_WAIT, 2**attempt) * (1 + random.random() / 2))
