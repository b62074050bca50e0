"""The other side of webhooks: one file per provider, which tells as it would, from its own pages.

A teller has `Teller`'s parts as its functions and constants. It knows nothing of ours but where our
id travels. `number` is which of several keys signs: the first two are configured in turn.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from newsletter.model import Fate
from newsletter.webhooks import Incoming

KEYS = 3


class Teller(Protocol):
    SIGNS: bool
    """Whether a signature is of the body, so that no byte of it can be another one."""
    HAS_TIME: bool
    """Whether a request says when it was sent, and proves it."""
    FATES: Sequence[Fate]
    """Those that it can tell of."""
    MANY: bool
    """Whether a request may have several events."""

    def secret(self, number: int) -> str:
        """What is configured so that the key of a number is good."""
        ...

    def event(self, fate: Fate, delivery: str, number: int) -> Mapping[str, Any]:
        """An event that comes to a fate; `number` tells it from others."""
        ...

    def body(self, events: Sequence[object]) -> bytes:
        """The body of a request, unless its signature is in it."""
        ...

    def request(self, body: bytes, number: int, at: datetime) -> Incoming:
        """A request, signed at a time by the key of a number."""
        ...


def teller(name: str) -> Teller:
    return cast("Teller", import_module(f"tests.newsletter.tellers.{name}"))


def names() -> list[str]:
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def fetch(address: str) -> bytes:
    """What is at an address of those that tellers name."""
    from tests.newsletter.tellers import ses

    return ses.FETCHED[address]
