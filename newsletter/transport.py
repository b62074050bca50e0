"""HTTP to providers, and what each failure of it means. Nothing is retried here, or redirected."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import SSLError as TlsError

from newsletter.http import Access, Refused, Request, Response
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Receipt
from newsletter.providers import HttpProvider, options_of
from newsletter.vouching import Vouched, Vouching
from press.problems import Code, Problem, ProblemsFound

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
MOST_BYTES = 50_000_000
"""Of an answer; more is none that can be used."""


@dataclass(slots=True)
class Link:
    """Connections to one host, kept open between requests."""

    session: requests.Session = field(default_factory=requests.Session)
    seconds: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS)

    def __post_init__(self) -> None:
        self.session.trust_env = False  # no .netrc, and no proxy that would see secrets
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=0))

    def send(self, base: str, request: Request) -> Response:
        """Make a request, once. Raises Refused where there is no answer."""
        try:
            with self.session.request(
                request.method,
                base.rstrip("/") + request.path,
                data=request.body or None,
                headers={"User-Agent": "proofpress", **request.headers},
                timeout=self.seconds,
                allow_redirects=False,
                stream=True,
            ) as answer:
                body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
        except (requests.RequestException, OSError, ValueError) as error:
            raise _refused(error) from None
        except Exception as error:  # noqa: BLE001  # urllib3 raises its own while it reads
            raise Refused(Failure.AMBIGUOUS, type(error).__name__) from None
        if len(body) > MOST_BYTES:
            raise Refused(Failure.AMBIGUOUS, "its answer has no end")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, headers, body)


def _refused(error: Exception) -> Refused:
    """What an exception means: whether the request can have arrived. Its text may hold secrets."""
    if isinstance(error, requests.ConnectTimeout) or _has(error, NewConnectionError):
        return Refused(Failure.NOT_SENT, "no connection")
    if isinstance(error, requests.exceptions.SSLError) and _has(error, TlsError):
        return Refused(Failure.NOT_SENT, "no trusted connection (TLS)")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Refused(Failure.NOT_SENT, "its address is none")
    return Refused(Failure.AMBIGUOUS, type(error).__name__)


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


@dataclass(frozen=True, slots=True)
class OverHttp:
    """A Provider that talks HTTP, by what its file says."""

    file: HttpProvider
    base: str
    options: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)
    link: Link = field(default_factory=Link, repr=False)
    leaves: bool = True

    @property
    def memory(self) -> Memory:
        return self.file.MEMORY

    def limit(self, mail: Mail) -> int:
        return self.file.limit(mail)

    def freeze(self, messages: Sequence[Message]) -> bytes:
        return self.file.freeze(messages, self.options)

    def hand_over(self, batch: Batch) -> list[Receipt]:
        answer = self.link.send(self.base, self.file.request(batch, self._access()))
        return self.file.receipts(answer, batch)

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:
        answers: list[Response] = []
        with suppress(Refused):  # it tells no more now: another time
            for question in self.file.questions(asked, self._access()):
                answers.append(self.link.send(self.base, question))  # noqa: PERF401  # what came
        return self.file.evidence(answers, asked) if answers else []

    def vouch(self, sender: str) -> Vouched:
        """What the account says of itself and of a sender. Raises Refused."""
        if not hasattr(self.file, "probe"):
            return Vouched(None, "it has no harmless question", asked=False)
        file, access = cast("Vouching", self.file), self._access()
        answer = self.link.send(self.base, file.probe(access, sender))
        return replace(file.vouched(answer, access, sender), date=answer.headers.get("date", ""))

    def _access(self) -> Access:
        return Access(self.options, self.secrets, self.base, self.clock())


def connect(name: str, file: HttpProvider, given: Mapping[str, object]) -> OverHttp:
    """The Provider that a pure file makes. Raises ProblemsFound for options and secrets."""
    options = options_of(name, given, {"url": "", **file.OPTIONS})
    base = options["url"] or file.URL.format(**options)
    problems = [
        Problem(variable, 0, 0, Code.MISSING_VALUE, f"the provider {name} needs this variable")
        for variable, needed in file.SECRETS.items()
        if needed and not os.environ.get(variable)
    ]
    parts = urlsplit(base)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        message = f"`url` of [newsletter.{name}] has to begin with https://"
        problems.append(Problem("series.toml", 0, 0, Code.BAD_CONFIG, message))
    if problems:
        raise ProblemsFound(problems)
    return OverHttp(file, base, options, {name: os.environ.get(name, "") for name in file.SECRETS})
