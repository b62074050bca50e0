"""The contest: all by turns, so that what else the machine does meets all alike."""

import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from contest import judging
from contest.corpora import Corpus
from contest.entrant import Entrant
from contest.floors import Floors
from contest.gauge import Cost, Failed
from contest.generators import Generator

QUICK = 1.0
"""Seconds below which a build is measured several times in a round."""


class Contest:
    """Generators on the same corpus. The first of them is our own, and has to come through."""

    def __init__(self, generators: list[Generator], count: int, seed: int, folder: Path) -> None:
        self.folder = folder
        self.missing: dict[str, str] = {}
        """Name of a peer -> why there is nothing of it."""
        self.floors: dict[str, list[Cost]] = defaultdict(list)
        self.libraries: list[str] = []
        self.entrants = [
            Entrant(one, Corpus(folder / one.name, one.name.lower(), count, seed))
            for one in generators
        ]

    def run(self, rounds: int, repeats: int) -> None:
        """Builds of ours that are quick are measured so many times in each of the rounds."""
        self._each(Entrant.prepare, "its articles")
        for number in range(rounds):
            self._each(Entrant.first, f"round {number + 1}: first build", turn=number)
        self._each(lambda one: one.first(watched=True), "memory")
        self._each(Entrant.again, "its caches")
        floors = Floors(self.entrants[0], self.folder)
        self.libraries = floors.libraries
        self.entrants[0].again()
        for number in range(rounds):
            self._each(_peers_round, f"round {number + 1}: changes", turn=number, first=1)
            self._our_round(floors)
            for _ in range(repeats - 1):
                if self.entrants[0].costs["changed"][-1].wall < QUICK:
                    self._our_round(floors)

    def _our_round(self, floors: Floors) -> None:
        """Ours and its floors, by turns."""
        ours = self.entrants[0]
        article = ours.changed()
        self.floors["convert"].append(floors.convert(article))
        ours.added()
        ours.nothing()
        self.floors["stat"].append(floors.stat())
        self.floors["stat with outputs"].append(floors.stat_all())

    def _each(
        self, work: Callable[[Entrant], None], what: str, *, turn: int = 0, first: int = 0
    ) -> None:
        """Let each do the same, beginning with another one at each turn."""
        some = self.entrants[first:]
        for entrant in [*some[turn % len(some) :], *some[: turn % len(some)]] if some else []:
            name = entrant.generator.name
            print(f"{what}: {name}", file=sys.stderr, flush=True)
            try:
                work(entrant)
            except (Failed, judging.NotMade) as error:
                if entrant is self.entrants[0]:
                    raise
                self.missing[name] = str(error)
                self.entrants.remove(entrant)


def _peers_round(entrant: Entrant) -> None:
    entrant.changed()
    entrant.added()
    entrant.nothing()
