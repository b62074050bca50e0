"""HTTP: one request, one answer or a reason why there is none. Nothing is retried or redirected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import SSLError as TlsError

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
MOST_BYTES = 50_000_000
"""Of an answer; more is none that can be used."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)


class Unanswered(Exception):
    """There is no answer; the text says why, and has no secret in it."""

    def __init__(self, why: str, *, arrived: bool) -> None:
        super().__init__(why)
        self.arrived = arrived
        """Whether the request may have arrived."""


@dataclass(slots=True)
class Wire:
    """Connections that are kept open between requests."""

    session: requests.Session = field(default_factory=requests.Session)
    seconds: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS)
    """To connect, and of silence."""

    def __post_init__(self) -> None:
        self.session.trust_env = False  # no .netrc, and no proxy that would see secrets
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=0))

    def send(
        self, method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Make a request, once. Raises Unanswered."""
        try:
            with self.session.request(
                method,
                address,
                data=body or None,
                headers={"User-Agent": "proofpress", **(headers or {})},
                timeout=self.seconds,
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = answer.raw.read(MOST_BYTES + 1, decode_content=True)
        except (requests.RequestException, OSError, ValueError) as error:
            raise _unanswered(error) from None
        except Exception as error:  # noqa: BLE001  # urllib3 raises its own while it reads
            raise Unanswered(type(error).__name__, arrived=True) from None
        if len(content) > MOST_BYTES:
            raise Unanswered("its answer has no end", arrived=True)
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, told, content)


def _unanswered(error: Exception) -> Unanswered:
    """What an exception means. Its text may hold secrets."""
    if isinstance(error, requests.ConnectTimeout) or _has(error, NewConnectionError):
        return Unanswered("no connection", arrived=False)
    if isinstance(error, requests.exceptions.SSLError) and _has(error, TlsError):
        return Unanswered("no trusted connection (TLS)", arrived=False)
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Unanswered("its address is none", arrived=False)
    return Unanswered(type(error).__name__, arrived=True)


def _has(error: BaseException, kind: type[Exception]) -> bool:
    """Whether an exception stands in what requests and urllib3 wrap around each other."""
    seen: list[Any] = [error]
    for one in seen:
        if isinstance(one, kind):
            return True
        reason = getattr(one, "reason", None)
        seen += [inner for inner in (*getattr(one, "args", ()), reason)
                 if isinstance(inner, BaseException) and inner not in seen]  # fmt: skip
    return False
