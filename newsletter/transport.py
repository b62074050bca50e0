"""HTTP to providers, and what each failure of it means for what was handed over."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from newsletter.http import Access, Refused, Request, Response
from newsletter.model import Asked, Batch, Failure, Mail, Memory, Message, Receipt
from newsletter.providers import HttpProvider, options_of
from newsletter.vouching import Vouched, Vouching
from press.problems import Code, Problem, ProblemsFound
from press.wire import CONNECT_SECONDS, READ_SECONDS, Unanswered, Wire


@dataclass(slots=True)
class Link:
    """Connections to one host, kept open between requests."""

    seconds: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.wire = Wire(seconds=self.seconds)

    def send(self, base: str, request: Request) -> Response:
        """Make a request, once. Raises Refused where there is no answer."""
        address = base.rstrip("/") + request.path
        try:
            answer = self.wire.send(request.method, address, request.body, request.headers)
        except Unanswered as error:
            failure = Failure.AMBIGUOUS if error.arrived else Failure.NOT_SENT
            raise Refused(failure, str(error)) from None
        return Response(answer.status, answer.headers, answer.body)


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
