"""What providers tell by HTTP afterwards: one pure file each, and the file's name registers it.

A file says who may tell (`verify`), and what is told (`events`). It opens no connection of its own
and writes nothing: `newsletter.hooks` does. docs/adding-a-provider.md takes a newcomer through one.
"""

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from newsletter.model import Fate

Fetch = Callable[[str], bytes]
"""An https address that a file has allowed -> what is there. Raises http.Refused."""


class Forged(Exception):
    """Nobody who knows the secret has said this, or not in time. Nothing follows from it."""


class Unreadable(Exception):
    """It is not what the provider sends: cut off, or no JSON."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came. Neither part is shown: headers have secrets, and bodies addresses."""

    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)
    """The raw bytes, which signatures are of."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider tells of one mail."""

    fate: Fate
    delivery_id: str
    """Ours, as it travelled with the mail; empty or anything where it isn't one of ours."""
    raw: str = field(repr=False)
    dedupe: str = ""
    """What stays the same when it is told again; empty for all that it says."""
    once: str = ""
    """What vouches for it, where that must not be shown for anything else."""


class Webhook(Protocol):
    """What a file offers."""

    VARIABLE: str
    """The environment variable with what proves who tells. With `_OLD` at its end, another one."""

    def verify(
        self, incoming: Incoming, secrets: Sequence[str], now: datetime, fetch: Fetch
    ) -> None:
        """Raise Forged unless one of the secrets vouches for a request, now; Unreadable likewise.

        `fetch` is for what has to be looked up, or confirmed, where the secret says that it may.
        """
        ...

    def events(self, incoming: Incoming) -> list[Told]:
        """What a request that was verified tells. Raises Unreadable where it is no such thing."""
        ...


def names() -> list[str]:
    """The providers that tell."""
    return [info.name for info in pkgutil.iter_modules(__path__)]
