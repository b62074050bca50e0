"""What somebody who looked whether all is well has found, and how it is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    SKIPPED = "skipped"
    """Nobody looked, or nobody can know."""


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    health: Health
    said: str
    do: str = ""
    """What mends it, where it is wrong."""


def ok(check: str, said: str) -> Finding:
    return Finding(check, Health.OK, _plain(said))


def wrong(check: str, said: str, do: str = "") -> Finding:
    return Finding(check, Health.WRONG, _plain(said), _plain(do))


def skipped(check: str, said: str) -> Finding:
    return Finding(check, Health.SKIPPED, _plain(said))


def _plain(said: str) -> str:
    """In one line that a terminal only shows: others have their words in it."""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())


def lines(found: Finding) -> Iterator[str]:
    yield f"{found.health:<8} {found.check:<15} {found.said}"
    if found.do:
        yield f"{'':<25}do: {found.do}"


def total(found: Sequence[Finding]) -> str:
    counts = {health: sum(one.health is health for one in found) for health in Health}
    return ", ".join(f"{count} {health}" for health, count in counts.items())
