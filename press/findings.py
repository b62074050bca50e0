"""What somebody who looked whether all is well has found, and how it is told."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
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


def tell(look: Iterable[Finding], *, as_json: bool) -> bool:
    """Print each finding as it comes, and how many there were; or all as JSON.

    What two looks have found is told once. Returns whether nothing is wrong.
    """
    found: list[Finding] = []
    for one in look:
        if one in found:
            continue
        found.append(one)
        if not as_json:
            print("\n".join(_lines(one)), flush=True)
    if as_json:
        import json

        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        counts = [f"{sum(one.health is it for one in found)} {it}" for it in Health]
        print(f"\n{', '.join(counts)}")
    return all(one.health is not Health.WRONG for one in found)


def _lines(found: Finding) -> Iterator[str]:
    yield f"{found.health:<8} {found.check:<15} {found.said}"
    if found.do:
        yield f"{'':<25}do: {found.do}"
