"""The nouns of an import: a post, its blog, and what needs a hand."""

import datetime
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Lines = list[tuple[int, str]]
"""Lines of a text, each with its number in the file that it comes from."""


@dataclass(frozen=True, slots=True, order=True)
class Hand:
    """What could not be carried over, and where it stands."""

    path: str
    """From the blog's folder."""
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(slots=True)
class Post:
    """A post of a blog. `date` may be a datetime; its body has our Markdown."""

    place: Path
    path: str
    """Of its file, from the blog's folder."""
    body: Lines = field(default_factory=list)
    title: str = ""
    date: datetime.date | None = None
    updated: datetime.date | None = None
    description: str = ""
    tags: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    draft: bool = False
    slug: str = ""
    addresses: list[str] = field(default_factory=list)
    """Where it could be found until now: paths of the blog's site."""
    names: set[str] = field(default_factory=set)
    """What links call it besides its address."""
    bundle: Path | None = None
    """A folder that is its own, with files beside it."""
    hands: list[Hand] = field(default_factory=list)

    def needs(self, line: int, what: str) -> None:
        self.hands.append(Hand(self.path, line, what))


@dataclass(slots=True)
class Blog:
    """A blog as it was read."""

    root: Path
    posts: list[Post] = field(default_factory=list)
    url: str = ""
    """Where it is published, if that is known; without a slash at its end."""
    statics: tuple[Path, ...] = ()
    """Folders whose files are served at the root of its site."""
    hands: list[Hand] = field(default_factory=list)
    """What was left out."""


def is_own(place: Path, root: Path) -> bool:
    """Whether it is a file of the blog at `root`, and no link that leads out of it.

    A blog may be somebody else's, whose links would publish files of who imports it.
    """
    return place.is_file() and Path(os.path.realpath(place)).is_relative_to(os.path.realpath(root))


Convert = Callable[[Lines, Post], Lines]
