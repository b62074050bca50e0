"""Our own build alone, of ever more articles: whether each of them costs the same."""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from contest.corpora import VOLUME, Corpus, Volumes
from contest.entrant import Entrant
from contest.generators import Generator
from contest.results import Result, of_entrant

SIZES = (100, 1_000, 5_000, 10_000)


def measure(ours: Generator, sizes: Iterable[int], seed: int, rounds: int) -> Result:
    """Articles -> what it cost. Each site goes before the next one is made."""
    return {str(count): _of(ours, count, seed, rounds) for count in sizes}


def _of(ours: Generator, count: int, seed: int, rounds: int) -> Result:
    print(f"scale: {count:,} articles", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        kind = Volumes if count > VOLUME else Corpus
        corpus = kind(Path(folder).resolve() / "site", ours.name.lower(), count, seed)
        entrant = Entrant(ours, corpus)
        entrant.prepare()
        entrant.first()
        entrant.first(watched=True)
        entrant.again()
        for _ in range(rounds):
            entrant.changed()
            entrant.nothing()
        return of_entrant(entrant)
