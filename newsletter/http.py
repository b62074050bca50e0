"""Requests to providers and their answers, as data; and what a status means by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from newsletter.model import Failure


class Refused(Exception):
    """A provider took nothing of a batch, or nobody knows what it took. Has no secret in it."""

    def __init__(self, failure: Failure, detail: str, wait: float | None = None) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail
        self.wait = wait
        """Seconds that the provider asked to wait, if it did."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, but for the base address. Secrets are in `headers` alone, never shown."""

    method: str
    path: str
    """With its query, beginning with a slash."""
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """What a request needs besides what is frozen."""

    options: Mapping[str, str]
    """Those of the table [newsletter.NAME], defaults included."""
    secrets: Mapping[str, str] = field(repr=False)
    """The environment variables that the provider names."""
    base: str
    """The address that paths are added to."""
    now: datetime


def wait_asked(response: Response) -> float | None:
    """Seconds that a `Retry-After` asks for (RFC 9110, 10.2.3); None without one."""
    text = response.headers.get("retry-after", "").strip()
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def require_success(response: Response, detail: str = "") -> None:
    """Raise Refused unless the status is 2xx, with what the status alone means.

    A 5xx is ambiguous: what is behind a gateway may have accepted all.
    """
    status = response.status
    if 200 <= status < 300:
        return
    said = f"status {status}{': ' if detail else ''}{detail}"
    if status in (401, 403):
        raise Refused(Failure.AUTH, said)
    if status == 429:
        raise Refused(Failure.THROTTLED, said, wait_asked(response))
    if 300 <= status < 500:
        raise Refused(Failure.REQUEST, said)
    raise Refused(Failure.AMBIGUOUS, said)
