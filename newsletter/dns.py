"""Asks the DNS: the only home of dnspython."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import dns.exception
import dns.resolver
from dns.resolver import Resolver

from press.problems import Code, Problem, ProblemsFound

SECONDS = 6.0
"""That a question may take in all."""


class OutOfReach(Exception):
    """There is no answer, which says nothing of what is there."""


@dataclass(slots=True)
class Names:
    """What is said of names. When one question had no answer in time, no other is asked."""

    resolver: Resolver | None
    """None where this machine knows no server."""
    is_silent: bool = False

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name; none for a name that is none. Raises OutOfReach."""
        return [b"".join(one.strings).decode("utf-8", "replace") for one in self._ask(name, "TXT")]

    def exchangers(self, name: str) -> list[str]:
        """Who takes mail for a name, in their order; `.` for nobody (RFC 7505)."""
        found = [(one.preference, str(one.exchange)) for one in self._ask(name, "MX")]
        return [exchange for _, exchange in sorted(found)]

    def has_address(self, name: str) -> bool:
        return bool(self._ask(name, "A") or self._ask(name, "AAAA"))

    def _ask(self, name: str, kind: str) -> list[Any]:
        if self.resolver is None:
            raise OutOfReach("this machine knows no server of the DNS")
        if self.is_silent:
            raise OutOfReach("the DNS did not answer")
        try:
            return list(self.resolver.resolve(f"{name}.", kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.resolver.LifetimeTimeout:
            self.is_silent = True
            raise OutOfReach("the DNS did not answer") from None
        except dns.resolver.NoNameservers:
            raise OutOfReach("the servers of the DNS refuse or fail") from None
        except (dns.exception.DNSException, OSError):
            return []  # what can be no name has no records


def names(server: str = "", seconds: float = SECONDS) -> Names:
    """Asks a server, ADDRESS or ADDRESS:PORT; or those of this machine, where none is named.

    Raises ProblemsFound for what is no address.
    """
    if not server:
        try:
            resolver = Resolver()
        except (dns.resolver.NoResolverConfiguration, OSError):
            return Names(None)
    else:
        resolver = Resolver(configure=False)
        address, resolver.port = _server(server)
        resolver.nameservers = [address]
    resolver.lifetime = seconds
    return Names(resolver)


def _server(given: str) -> tuple[str, int]:
    host, port = given, "53"
    if given.startswith("[") or given.count(":") == 1:
        host, _, port = given.rpartition(":")
    try:
        address, number = ip_address(host.strip("[]")), int(port)
    except ValueError:
        number = 0
    if not 0 < number < 65_536:
        message = f"`{given}` is not the address of a server, with or without a port"
        raise ProblemsFound([Problem("--dns", 0, 0, Code.BAD_INPUT, message)])
    return str(address), number
