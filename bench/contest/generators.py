"""What a generator is: how it builds, what it leaves, and where its pages are."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contest.corpora import BENCH, Corpus

REPOSITORY = BENCH.parent
PEERS = BENCH / "peers"


@dataclass(frozen=True, slots=True)
class Generator:
    """One of those that are measured. Its commands are run in the folder of its site."""

    name: str
    """As it is written; in lower case also its dialect of the corpus."""
    version: str
    command: tuple[str, ...]
    """Builds from nothing."""
    output: str
    """The folder that it builds, in that of the site."""
    page: Callable[[Path], str]
    """An article's file -> the page made of it, in the output."""
    feed: str
    """One of its feeds, in the output."""
    lay: Callable[[Corpus], None]
    """Puts its settings and templates beside its articles."""
    again: tuple[str, ...] = ()
    """Builds once more, where that is another command."""
    caches: tuple[str, ...] = ()
    """Patterns of what else it leaves in the folder of the site, and a cold build must not find."""
    keeps: frozenset[str] = frozenset()
    """Names of what these patterns match and a cold build may find."""

    def clear(self, site: Path) -> None:
        """Put all that a build has left aside, beside the folder of the site.

        It is removed when all is measured: for some seconds after many files were removed, ext4
        takes ten times as long to make one, as it passes over their inodes (fs/ext4/ialloc.c,
        recently_deleted). No author's first build has that.
        """
        aside = Path(tempfile.mkdtemp(prefix="aside-", dir=site.parent))
        caches = [path for pattern in self.caches for path in site.glob(pattern)]
        for number, path in enumerate([site / self.output, *caches]):
            if path.is_dir() or (path.exists() and path.name not in self.keeps):
                path.rename(aside / str(number))


def lay_peer(corpus: Corpus) -> None:
    """Put the settings and templates that we have for a peer beside its articles."""
    shutil.copytree(PEERS / corpus.dialect / "site", corpus.site, dirs_exist_ok=True)


def folder_of(article: Path) -> str:
    """The page of an article as each peer has it: a folder with an index."""
    return f"posts/{article.stem}/index.html"


def environment() -> dict[str, str]:
    """This process's own, without anything that is said to Proofpress.

    And interpreters may keep bytecode, as an author's do: else they compile each time what has
    changed since it was kept.
    """
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PROOFPRESS") and key != "PYTHONDONTWRITEBYTECODE"
    }
