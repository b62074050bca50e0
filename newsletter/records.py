"""Reads what domains publish for their mail: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989).

Pure, but for a function that is given: the TXT records of a name.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

Texts = Callable[[str], list[str]]

MOST_LOOKUPS = 10
"""RFC 7208, 4.6.4."""
LOOK_UP = frozenset({"include", "a", "mx", "ptr", "exists"})
TERM = re.compile(r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:[:/](\S*))?", re.IGNORECASE)
MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(\S*)")


@dataclass(slots=True)
class Spf:
    """What the SPF record of a domain comes to, with all that it includes."""

    record: str = ""
    """Its own; empty where it has none."""
    lookups: int = 0
    includes: set[str] = field(default_factory=set)
    """Every name whose record it takes in."""
    faults: list[str] = field(default_factory=list)
    """For which receivers treat it as broken."""
    lets_anybody: bool = False


def spf(domain: str, texts: Texts) -> Spf:
    found = Spf()
    records = _spf_records(texts(domain))
    if len(records) == 1:
        found.record = records[0]
        _follow(domain, records[0], texts, found)
    elif records:
        found.record = records[0]
        found.faults.append(f"{domain} has {len(records)} SPF records, where one is allowed")
    return found


def _spf_records(texts: list[str]) -> list[str]:
    return [one for one in texts if one.lower() == "v=spf1" or one.lower().startswith("v=spf1 ")]


def _follow(domain: str, record: str, texts: Texts, found: Spf) -> None:
    """Add what a record says; stops where receivers would."""
    redirect, has_all = "", False
    for term in record.split()[1:]:
        if match := TERM.fullmatch(term):
            sign, kind, value = match[1], match[2].lower(), match[3] or ""
            has_all |= kind == "all"
            found.lets_anybody |= kind == "all" and sign in ("", "+")
            found.lookups += kind in LOOK_UP
            if kind == "include":
                _include(value, texts, found)
        elif modifier := MODIFIER.fullmatch(term):
            redirect = modifier[2] if modifier[1].lower() == "redirect" else redirect
        else:
            found.faults.append(f"the SPF record of {domain} has `{term[:60]}`, which is no term")
    if redirect and not has_all:
        found.lookups += 1
        _include(redirect, texts, found)


def _include(name: str, texts: Texts, found: Spf) -> None:
    name = name.rstrip(".").lower()
    if "%" in name or found.lookups > MOST_LOOKUPS:  # a macro is different for each mail
        return
    if name in found.includes:
        return
    found.includes.add(name)
    records = _spf_records(texts(name))
    if len(records) == 1:
        _follow(name, records[0], texts, found)
    else:
        found.faults.append(f"it includes {name}, which has {len(records)} SPF records")


def tags(text: str) -> dict[str, str]:
    """A tag list (RFC 6376, 3.2); of a name that is there twice, the first."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip(), value.strip())
    return found


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of DKIM."""

    kind: str
    """rsa or ed25519."""
    bits: int
    """0 for one that was revoked, or can't be read."""
    is_revoked: bool = False
    is_test: bool = False


def dkim(text: str) -> Key | None:
    """The key that a record has; None for what is no record of a key (RFC 6376, 3.6.1)."""
    found = tags(text)
    if "p" not in found or found.get("v", "DKIM1") != "DKIM1":
        return None
    kind, key = found.get("k", "rsa"), re.sub(r"\s", "", found["p"])
    bits = _bits(kind, key) if key else 0
    return Key(kind, bits, is_revoked=not key, is_test="y" in found.get("t", "").split(":"))


def _bits(kind: str, key: str) -> int:
    try:
        raw = base64.b64decode(key, validate=True)
        if kind == "ed25519":  # RFC 8463: the key itself
            return 8 * len(raw)
        return max(_integers(raw), default=0).bit_length()
    except (ValueError, IndexError, RecursionError):
        return 0


def _integers(der: bytes) -> Iterator[int]:
    """Every integer in DER (X.690); the largest in a key of RSA is its modulus.

    Raises ValueError or IndexError for what is no DER.
    """
    while der:
        kind, length, start = der[0], der[1], 2
        if length > 0x7F:
            start += length & 0x7F
            length = int.from_bytes(der[2:start], "big")
        content, der = der[start : start + length], der[start + length :]
        if len(content) != length:
            raise ValueError
        if kind == 0x30:
            yield from _integers(content)
        elif kind == 0x03:  # what a bit string wraps
            yield from _integers(content[1:])
        elif kind == 0x02:
            yield int.from_bytes(content, "big")


POLICIES = ("none", "quarantine", "reject")
DEEPEST = 8
"""Labels that a tree walk begins with, at most (RFC 9989, 4.10)."""


@dataclass(frozen=True, slots=True)
class Dmarc:
    """A record that a tree walk found."""

    domain: str
    tags: Mapping[str, str]

    @property
    def policy(self) -> str:
        """What is asked for mail that fails; where nothing is said, that is none."""
        return self.tags.get("p", "none").lower()

    @property
    def psd(self) -> str:
        """`y` for the record of a public suffix, `n` for one that surely is none."""
        return self.tags.get("psd", "u").lower()

    def of(self, domain: str) -> str:
        """The policy for a domain: of a subdomain there may be another."""
        return self.policy if domain == self.domain else self.tags.get("sp", self.policy).lower()

    def is_strict(self, tag: str) -> bool:
        return self.tags.get(tag, "r").lower() == "s"


def dmarc_records(texts: list[str]) -> list[dict[str, str]]:
    """Those texts that are DMARC records: their first tag is the version."""
    return [tags(one) for one in texts if re.match(r"v\s*=\s*DMARC1\s*(;|$)", one)]


def walk(domain: str) -> Iterator[str]:
    """The names that a tree walk asks, up from a domain (RFC 9989, 4.10)."""
    labels = domain.split(".")
    yield domain
    labels = labels[1:] if len(labels) < DEEPEST else labels[-(DEEPEST - 1) :]
    while labels:
        yield ".".join(labels)
        labels = labels[1:]


def dmarc(domain: str, texts: Texts) -> list[Dmarc]:
    """The records that a tree walk finds, from the domain up."""
    found: list[Dmarc] = []
    for name in walk(domain):
        records = dmarc_records(texts(f"_dmarc.{name}"))
        if len(records) == 1:  # of several, none counts
            found.append(Dmarc(name, records[0]))
            if found[-1].psd == "n" or (found[-1].psd == "y" and name != domain):
                break
    return found


def organization(domain: str, found: list[Dmarc]) -> str:
    """The organizational domain, of the records of a walk (RFC 9989, 4.10.2)."""
    for one in found:
        if one.psd == "n":
            return one.domain
        if one.psd == "y" and one.domain != domain:
            labels = domain.split(".")
            return ".".join(labels[-(one.domain.count(".") + 2) :])
    return found[-1].domain if found else domain


def governing(domain: str, found: list[Dmarc]) -> Dmarc | None:
    """The record whose policy is asked for: its own, its organization's, or the one above that."""
    at = {one.domain: one for one in found}
    return at.get(domain) or at.get(organization(domain, found)) or (found[-1] if found else None)
