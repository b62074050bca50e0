"""What a public address shows: the very bytes that were built, or what else."""

from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:  # only who asks loads what asks
    from press.wire import Answer, Wire

REDIRECTS = 3
"""Of one host that are followed: some show a.html at /a."""
CONNECT_SECONDS, READ_SECONDS = 5.0, 20.0
OTHER = "it is not as it was built"


def wire() -> "Wire":
    """What asks for public addresses."""
    from press.wire import Wire

    return Wire(seconds=(CONNECT_SECONDS, READ_SECONDS))


def why_not(wire: "Wire", address: str, built: str) -> str:
    """What is wrong with what an address shows; empty if that has the digest `built`."""
    from press.wire import Unanswered

    try:
        answer = followed(wire, address)
    except Unanswered as error:
        return f"it can't be seen: {error}"
    if answer.status != 200:
        return f"it answers with status {answer.status}"
    return "" if sha256(answer.body).hexdigest() == built else OTHER


def followed(wire: "Wire", address: str) -> "Answer":
    """The answer of an address, after redirects. Raises Unanswered."""
    fresh = {"Cache-Control": "no-cache"}
    answer = wire.send("GET", address, headers=fresh)
    for _ in range(REDIRECTS):
        to = urljoin(address, answer.headers.get("location", ""))
        if answer.status not in (301, 302, 307, 308) or not _is_same_host(address, to):
            break
        address = to
        answer = wire.send("GET", address, headers=fresh)
    return answer


def _is_same_host(address: str, other: str) -> bool:
    """Also where it leads from http to https."""
    here, there = urlsplit(address), urlsplit(other)
    return here.hostname == there.hostname and there.scheme in (here.scheme, "https")
