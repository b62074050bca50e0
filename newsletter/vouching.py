"""What a provider says of our credentials and our sender, and what it has customers publish."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from newsletter.http import Access, Request, Response


@dataclass(frozen=True, slots=True)
class Vouched:
    """What an account says of itself. That it says anything shows that it took our credentials."""

    sender: bool | None
    """Whether mail may come from our sender; None where it can't tell."""
    said: str = ""
    selectors: tuple[str, ...] = ()
    """Of its DKIM signatures."""
    asked: bool = True
    """False where it was not asked, so that nobody knows whether it takes our credentials."""
    date: str = ""
    """The time of its answer, as its header has it."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the customers of a provider have in the DNS, as its documentation has it."""

    envelope: str | None = None
    """What stands before the sender's domain in an envelope; None where that is the provider's."""
    include: str = ""
    """What the SPF record of envelopes includes."""
    selectors: tuple[str, ...] = ()
    """Of DKIM keys; one of them at least is there."""
    domain: str = ""
    """The option that names the domain which signs, where it is not the sender's."""


class Vouching(Protocol):
    """What a pure file of a provider may offer besides, for `newsletter doctor`."""

    def probe(self, access: Access, sender: str) -> Request:
        """A question that changes nothing, about the account and a sender's address."""
        ...

    def vouched(self, response: Response, access: Access, sender: str) -> Vouched:
        """What the answer says. Raises Refused for one that refuses, or can't be used."""
        ...


def published(file: object, options: Mapping[str, str]) -> tuple[Published, str]:
    """What a provider's file says of that; and the domain that signs, empty for the sender's."""
    found: Published = getattr(file, "PUBLISHED", Published())
    return found, options.get(found.domain, "")


def domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
