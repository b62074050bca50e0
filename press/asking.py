"""Asks a web server whether an address is there: politely, and as far as that can be known."""

import socket
import ssl
import time
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from http.client import HTTPException
from threading import Lock
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

REDIRECTS = 10
"""That are followed, as by browsers less patient than most."""

# Answers that tell of who asks, or of now, and not of the address (RFC 9110, 6585, 7725).
NOT_KNOWN = frozenset([401, 402, 403, 407, 408, 421, 423, 425, 429, 451])
TOO_MANY = 429
REDIRECTED = frozenset([301, 302, 303, 307, 308])

# OpenSSL's numbers for a certificate that readers are warned of as well; others may be our fault.
EXPIRED, OTHER_HOST = 10, 62


class Sort(Enum):
    THERE = "there"
    BROKEN = "broken"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Answer:
    sort: Sort
    why: str = ""
    """Completes "it …"."""


@dataclass(slots=True)
class Asker:
    """One that asks each host at most once in a while, and no more when a host has had enough."""

    agent: str
    """What it calls itself, with an address at which it is explained."""
    pause: float = 1.0
    """Seconds between two requests to one host."""
    timeout: float = 15.0
    """Seconds of silence that it bears."""
    _hosts: dict[str, "_Host"] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def ask(self, address: str) -> Answer:
        """Whether an address is there. Raises nothing."""
        try:
            return self._follow(_normal(address))
        except (OSError, HTTPException, ValueError) as error:
            return _failed(error)

    def _follow(self, address: str) -> Answer:
        for _ in range(REDIRECTS + 1):
            host = self._host(urlsplit(address).netloc)
            with host.lock:
                if host.resting:
                    return Answer(Sort.NOT_KNOWN, host.resting)
                status, headers = self._request(host, address)
                if status == TOO_MANY:
                    host.resting = _asked_to_wait(headers)
                    return Answer(Sort.NOT_KNOWN, host.resting)
            if status not in REDIRECTED or not headers.get("Location"):
                return _judged(status)
            address = _normal(urljoin(address, headers["Location"]))
            if urlsplit(address).scheme not in ("http", "https"):
                why = f"redirects to {_printable(address)}, which no reader can follow"
                return Answer(Sort.BROKEN, why)
        return Answer(Sort.BROKEN, f"redirects more than {REDIRECTS} times")

    def _host(self, name: str) -> "_Host":
        with self._lock:
            return self._hosts.setdefault(name.lower(), _Host())

    def _request(self, host: "_Host", address: str) -> tuple[int, Message]:
        """Status and headers: of HEAD, or of GET where that says nothing good."""
        status, headers = self._send(host, "HEAD", address)
        if status >= 400 and status != TOO_MANY:  # some servers know no HEAD, and say so in any way
            status, headers = self._send(host, "GET", address)
        return status, headers

    def _send(self, host: "_Host", method: str, address: str) -> tuple[int, Message]:
        time.sleep(max(0.0, host.next_at - time.monotonic()))
        # Some answer 406 or an error to who accepts nothing.
        headers = {"User-Agent": self.agent, "Accept": "text/html, */*;q=0.8"}
        # S310: _follow lets only http and https pass, and this opener knows no other scheme.
        request = Request(address, headers=headers, method=method)  # noqa: S310
        try:
            with _opener().open(request, timeout=self.timeout) as response:
                return response.status, response.headers
        except HTTPError as error:
            with error:
                return error.code, error.headers
        finally:
            host.next_at = time.monotonic() + self.pause


@dataclass(slots=True)
class _Host:
    lock: Lock = field(default_factory=Lock)
    next_at: float = 0.0
    """When it may be asked again, on the monotonic clock."""
    resting: str = ""
    """Why it is not asked any more."""


def _opener() -> OpenerDirector:
    """It follows nothing by itself, and opens neither files nor FTP."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _normal(address: str) -> str:
    """The address as it goes over the wire: in ASCII, without a fragment."""
    parts = urlsplit(f"https:{address}" if address.startswith("//") else address)
    host = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    safe = "/%:@!$&'()*+,;=~-._?"
    path, query = quote(parts.path, safe), quote(parts.query, safe)
    return urlunsplit((parts.scheme, host, path or "/", query, ""))


def _asked_to_wait(headers: Message) -> str:
    after = headers.get("Retry-After", "")
    when = f", and asks to come back in {after} seconds" if after.isdecimal() else ""
    return f"belongs to a host that has had enough requests for now{when}"


def _judged(status: int) -> Answer:
    if status < 400:
        return Answer(Sort.THERE)
    known = status < 500 and status not in NOT_KNOWN
    return Answer(Sort.BROKEN if known else Sort.NOT_KNOWN, f"answers with status {status}")


def _failed(error: Exception) -> Answer:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return Answer(Sort.NOT_KNOWN, "does not answer in time")
    if isinstance(reason, ssl.SSLCertVerificationError):
        bad = reason.verify_code in (EXPIRED, OTHER_HOST)
        why = f"has a certificate that is not valid: {reason.verify_message}"
        return Answer(Sort.BROKEN if bad else Sort.NOT_KNOWN, why)
    if isinstance(reason, socket.gaierror) and reason.errno != socket.EAI_AGAIN:
        return Answer(Sort.BROKEN, "names a host that is not known")
    if isinstance(reason, ConnectionRefusedError):
        return Answer(Sort.BROKEN, "names a host that refuses to answer")
    if isinstance(reason, ValueError):
        return Answer(Sort.BROKEN, "is not a valid address")
    why = _printable(f"{reason}") or type(reason).__name__
    return Answer(Sort.NOT_KNOWN, f"can't be asked for: {why}")


def _printable(said: str) -> str:
    """What a server has said, in one line that does nothing to a terminal."""
    return "".join(one if one.isprintable() else " " for one in said).strip()
