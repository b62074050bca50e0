"""A long list, cut into pages from the oldest on: when it goes on, only its last page changes."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import asdict

from press import digests
from press.model import Listed

SIZE = 100
"""Entries of a page: some 50 KB, and as long as a page may be that one looks through. A series of
up to so many parts has them all on one."""
MOST = 20
"""How many others the first page names, and so the lines that they take: those between are found
from there by their neighbours."""

Entry = TypeVar("Entry")


class Step(Struct, frozen=True):
    """Another page of the list."""

    path: str
    """In the site."""
    label: str
    """What its first entry is called."""


class Leaf(Struct, Generic[Entry], frozen=True):
    """One page of a list.

    It says nothing that the list's growth would change: not how many pages there are, and of the
    next one only where it begins. Only the first page tells of the others.
    """

    entries: tuple[Entry, ...]
    start: int
    """The place of its first entry in the list, from 1."""
    path: str
    """In the site."""
    span: str
    """What its first and its last entry are called; empty if it has none."""
    home: str
    """The path of the first page."""
    previous: Step | None
    next: Step | None
    others: tuple[Step, ...]
    """On the first page: where else one can go on, the last page among them."""

    @property
    def is_first(self) -> bool:
        return self.path == self.home


def _told(leaf: Leaf[Any]) -> str:
    """A digest; of articles by the digests that they have, which a long list has many of."""
    entries = [one.digest if isinstance(one, Listed) else one for one in leaf.entries]
    return digests.of({**asdict(leaf), "entries": entries})


digests.by_name(Leaf, _told)


def leaves(
    entries: Sequence[Entry],
    path: Callable[[int], str],
    label: Callable[[Entry], str],
    size: int,
) -> tuple[Leaf[Entry], ...]:
    """The pages of a list, at least one. `path` gives that of each in the site, from number 1."""
    parts = [entries[start : start + size] for start in range(0, len(entries), size)] or [entries]
    steps = [Step(path(n), label(part[0]) if part else "") for n, part in enumerate(parts, 1)]
    return tuple(
        Leaf(
            tuple(part),
            index * size + 1,
            path(index + 1),
            _span([label(part[0]), label(part[-1])] if part else []),
            path(1),
            steps[index - 1] if index else None,
            steps[index + 1] if index + 1 < len(steps) else None,
            () if index else _others(steps),
        )
        for index, part in enumerate(parts)
    )


def of_parts(articles: Sequence[Listed], home: str, folder: str) -> tuple[Leaf[Listed], ...]:
    """Those of articles: the first at `home`, the others in a folder, by their numbers."""
    return leaves(articles, in_folder(home, folder), number, SIZE)


def in_folder(home: str, folder: str) -> Callable[[int], str]:
    """The path of each page of a list, of which the first stands alone."""
    return lambda n: home if n == 1 else f"{folder}/{n}.html"


def number(published: Listed) -> str:
    """What an article is called where there is room for no more."""
    return f"{published.article.number:03}"


def _span(ends: Sequence[str]) -> str:
    return "–".join(dict.fromkeys(ends))


def _others(steps: Sequence[Step]) -> tuple[Step, ...]:
    """All but the first, or MOST of them at equal distances, up to the last."""
    stride = -(-(len(steps) - 1) // MOST) or 1
    between = steps[stride:-1:stride]
    return (*between, *steps[1:][-1:])
