"""Who carries the mail: one file per provider, and the file's name registers it.

A file is either pure (`HttpProvider`: messages to a request, a response to receipts), and
`newsletter.transport` does the talking; or it has `connect`, which gives a `Provider` of its own
making (`newsletter.connecting`). docs/adding-a-provider.md takes a newcomer through one.
"""

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from newsletter.http import Access, Request, Response
from newsletter.model import Asked, Batch, Mail, Memory, Message, Receipt
from press.problems import Code, Problem, ProblemsFound, did_you_mean


class Provider(Protocol):
    """What the sender asks of whoever carries the mail."""

    @property
    def memory(self) -> Memory: ...

    @property
    def leaves(self) -> bool:
        """Whether mail leaves this machine, so that what it says must be live before."""
        ...

    def limit(self, mail: Mail) -> int:
        """Messages of a mail in a batch, at most."""
        ...

    def freeze(self, messages: Sequence[Message]) -> bytes:
        """Pure: the bytes that will be handed over, now or in a replay. All are of one mail."""
        ...

    def hand_over(self, batch: Batch) -> list[Receipt]:
        """Hand a batch over, once. Raises Refused where nothing of it has a receipt.

        Any other exception, and a message without a receipt, leaves the outcome unknown.
        """
        ...

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:
        """What it knows of deliveries whose outcome is unknown; changes nothing.

        A receipt of what it never saw is `NOT_ACCEPTED`; there is none of what it can't tell.
        """
        ...


class HttpProvider(Protocol):
    """What a file offers that is pure. See `Provider` for what is the same there."""

    URL: str
    """The base address; `{name}` stands for an option. The option `url` replaces it."""
    SECRETS: Mapping[str, bool]
    """The environment variables that hold its secrets -> whether each is needed."""
    OPTIONS: Mapping[str, str | None]
    """Keys of the table [newsletter.NAME] -> default; None for one that is needed."""
    MEMORY: Memory

    def limit(self, mail: Mail) -> int: ...

    def freeze(self, messages: Sequence[Message], options: Mapping[str, str]) -> bytes:
        """The body of the request: the same bytes for the same messages, and no secret."""
        ...

    def request(self, batch: Batch, access: Access) -> Request:
        """The request of a batch, with credentials, and with its key if keys are remembered."""
        ...

    def receipts(self, response: Response, batch: Batch) -> list[Receipt]:
        """What the answer says of each message. Raises Refused where it is of the whole batch."""
        ...

    def questions(self, asked: Sequence[Asked], access: Access) -> Iterator[Request]:
        """Requests that find out about deliveries; none where it can't be asked."""
        ...

    def evidence(self, responses: Sequence[Response], asked: Sequence[Asked]) -> list[Receipt]:
        """What the answers to all questions say. Raises Refused where they can't be used."""
        ...


def names() -> list[str]:
    return [info.name for info in pkgutil.iter_modules(__path__)]


def options_of(
    name: str, given: Mapping[str, object], known: Mapping[str, str | None]
) -> dict[str, str]:
    """The options of a provider, defaults included. Raises ProblemsFound with all that is wrong."""
    table = f"[newsletter.{name}]"
    problems = []
    for key, value in given.items():
        if key not in known:
            hint = did_you_mean(key, known) or f"it has {', '.join(known)}"
            message = f"{table} has no key `{key}`"
            problems.append(Problem("series.toml", 0, 0, Code.UNKNOWN_KEY, message, hint))
        elif type(value) not in (str, int) or not str(value) or not str(value).isprintable():
            message = f"`{key}` of {table} has to be a text or a number"
            problems.append(Problem("series.toml", 0, 0, Code.WRONG_TYPE, message))
    for key, default in known.items():
        if default is None and key not in given:
            message = f"{table} needs `{key}`"
            problems.append(Problem("series.toml", 0, 0, Code.MISSING_VALUE, message))
    if problems:
        raise ProblemsFound(problems)
    return {key: str(given.get(key, default)) for key, default in known.items()}
