"""A provider that misbehaves on demand: what its server and its dialects speak of.

`server` takes real HTTP requests, decides what to accept and how to fail, and keeps the log by
which tests judge. A dialect (one file each in `dialects/`, named as the provider) knows a
provider's requests and answers, and decides nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from newsletter.model import Failure


@dataclass(frozen=True)
class Asking:
    """A request as it came."""

    method: str
    path: str
    """Without its query."""
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """One message of a request, as its recipient would get it: the provider has merged it."""

    delivery_id: str
    """Ours, from wherever the provider's requests carry it."""
    recipient: str
    sender: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]
    """Those that were given, names as they were: List-Unsubscribe, Message-ID …"""


@dataclass(frozen=True)
class Sending:
    messages: Sequence[Taken]
    key: str | None = None
    """The idempotency key, where the provider knows one."""


@dataclass(frozen=True)
class Accepted:
    """A message that the emulator has accepted, as its log has it."""

    message: Taken
    provider_id: str
    at: float
    """Seconds since 1970."""


class Wrong(Exception):
    """A request that the provider would refuse, with what it would say."""


class Dialect(Protocol):
    """What a file of `dialects/` offers, as functions of the module."""

    def is_authorised(self, asking: Asking, secrets: Mapping[str, str]) -> bool:
        """Whether it has the credentials, which are the values of the provider's variables."""
        ...

    def sending(self, asking: Asking) -> Sending | None:
        """What it wants sent; None for other requests. Raises Wrong for what is not well-formed."""
        ...

    def accepted(self, sending: Sending, rejected: Mapping[str, str], ids: Sequence[str]) -> Reply:
        """The answer to a request that was taken, but for the `rejected` recipients -> reason.

        `ids` has a provider's id for each message, in their order.
        """
        ...

    def refused(self, failure: Failure, said: str) -> Reply:
        """How the provider refuses a whole request: REQUEST, AUTH, THROTTLED or QUOTA.

        Where the provider says how long to wait, it says 1 second.
        """
        ...

    def found(self, asking: Asking, accepted: Sequence[Accepted]) -> Reply | None:
        """The answer to a question about what was accepted; None for what is no question."""
        ...
