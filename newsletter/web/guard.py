"""What every request has to be before anything is done for it, and what every answer says.

There are no cookies, so that no page can act for a reader: who may do something has a secret in the
address or in a form. What is left is who may be made to ask, and how often.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address, ip_network
from threading import Lock
from urllib.parse import urlsplit

LARGEST_FORM = 16_384
LARGEST = 2_000_000
"""Bytes of a request: some providers tell of a thousand events at once."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, a browser hides where its forms come from
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
"""Of each answer. https is for whoever is in front of us to insist on."""


@lru_cache(maxsize=1000)
def network(address: str) -> str:
    """The network of an IP address: its first 24 bits, or 48 of IPv6; empty for what is none."""
    try:
        one = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(one, "ipv4_mapped", None)
    one = mapped or one
    return str(ip_network(f"{one}/{24 if one.version == 4 else 48}", strict=False))


def origin(url: str) -> str:
    """The origin of an address, as browsers write it (RFC 6454, 6.2)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


@dataclass(slots=True)
class Taps:
    """How many requests each network may still make: so many a minute, for each a drop at a time.

    Forgets those that have been quiet, so that many networks take no more room than some.
    """

    a_minute: int
    most: int = 10_000
    _drops: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Network -> what it had left, and when (seconds)."""
    _lock: Lock = field(default_factory=Lock)

    def opens(self, network: str, now: float) -> bool:
        with self._lock:
            left, at = self._drops.pop(network, (float(self.a_minute), now))
            left = min(left + (now - at) * self.a_minute / 60, float(self.a_minute))
            is_open = left >= 1
            self._drops[network] = (left - is_open, now)
            if len(self._drops) > self.most:
                del self._drops[next(iter(self._drops))]  # the one that has been quiet longest
            return is_open
