"""What is to be reached, as ratios of one run; and whether a result does."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contest.results import Result

OURS = "Proofpress"
PEERS = ("Pelican", "Hugo", "Eleventy")

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "more than": operator.gt,
    "at least": operator.ge,
    "at most": operator.le,
}


@dataclass(frozen=True, slots=True)
class Aim:
    """One ratio, and what it is to be."""

    key: str
    """In what `ratios` gives."""
    what: str
    """Told with the version of each peer that it names."""
    comparison: str
    limit: float

    def met(self, ratio: float) -> bool:
        return COMPARISONS[self.comparison](ratio, self.limit)


AIMS = (
    Aim("first/Pelican", "first build: Pelican / ours", "at least", 4),
    Aim("first/Hugo", "first build: Hugo / ours", "more than", 1),
    Aim("first/Eleventy", "first build: Eleventy / ours", "more than", 1),
    Aim("changed/best", "one article changed: the best peer / ours", "at least", 10),
    Aim("added/best", "one article added: the best peer / ours", "at least", 10),
    Aim("changed/floor", "one article changed: ours / its floor", "at most", 3),
    Aim("added/floor", "one article added: ours / its floor", "at most", 3),
    Aim("nothing/floor", "nothing changed: ours / its floor", "at most", 5),
    Aim("memory/Pelican", "memory of a first build: ours / Pelican", "at most", 1),
)


def ratios(result: Result) -> dict[str, float]:
    """Those that the result has figures for."""
    return dict(_ratios(result))


def median(result: Result, name: str, scenario: str, key: str = "wall") -> float | None:
    """Of a tool: seconds or MiB; None for what was not measured."""
    found = result["tools"].get(name, {}).get("medians", {}).get(scenario, {}).get(key)
    return None if found is None else float(found)


def floor(result: Result, scenario: str) -> float | None:
    """Seconds of the least that a build of ours could take, where there is such a floor."""
    names = {"changed": "convert", "added": "convert", "nothing": "stat with outputs"}
    name = names.get(scenario, "")
    found = result["floors"]["medians"].get(name, {}).get("wall")
    return None if found is None else float(found)


def _ratios(result: Result) -> Iterator[tuple[str, float]]:
    for scenario in ("first", "changed", "added", "nothing"):
        ours = median(result, OURS, scenario)
        peers = {peer: time for peer in PEERS if (time := median(result, peer, scenario))}
        least = floor(result, scenario)
        if ours:
            yield from ((f"{scenario}/{peer}", time / ours) for peer, time in peers.items())
            if peers:
                yield f"{scenario}/best", min(peers.values()) / ours
            if least:
                yield f"{scenario}/floor", ours / least
    ours, pelican = (median(result, name, "memory", "memory") for name in (OURS, "Pelican"))
    if ours and pelican:
        yield "memory/Pelican", ours / pelican
