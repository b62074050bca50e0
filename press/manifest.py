"""What is published, as data: the contract between the site and the newsletter."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from press.problems import Code, Problem, ProblemsFound
from press.root import typed

FILE = "manifest.json"
VERSION = 1
WALL = len("2026-09-03T10:00:00")


@dataclass(frozen=True, slots=True)
class Series:
    title: str
    url: str
    author: str
    language: str
    description: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of an article's own history, in its author's words."""

    date: str
    note: str
    correction: bool = False
    """Whether it says that the article was wrong."""

    @property
    def id(self) -> str:
        """What tells it from the article's other changes: the time on the wall of its author.

        Without its offset, it stays the same when the `timezone` of series.toml changes.
        """
        return self.date[:WALL]


@dataclass(frozen=True, slots=True)
class Entry:
    """One published article. Dates are ISO 8601 with an offset; `url` is absolute."""

    id: str
    number: int
    slug: str
    title: str
    description: str
    url: str
    path: str
    """Of its page in the site; `Manifest.files` has that page's hash."""
    date: str
    updated: str
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    """From the oldest."""
    letter: str = ""
    """The path of its text for mail (`press.letter`) in the site; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The published series: its articles by number, and the SHA-256 of each file of the site."""

    series: Series
    articles: tuple[Entry, ...]
    files: Mapping[str, str]


def dump(manifest: Manifest) -> bytes:
    """The manifest as JSON, a value to a line; the same bytes for the same manifest."""
    from msgspec import json as writer  # nothing of it is loaded where a manifest is only read

    document = {
        "version": VERSION,
        "series": manifest.series,
        "articles": manifest.articles,
        "files": manifest.files,
    }
    return writer.format(writer.encode(document, order="sorted"), indent=1) + b"\n"


def files(site: Path) -> set[str]:
    """The files that a built site has; none where there is no manifest that can be read."""
    try:
        return {str(path) for path in dict(json.loads((site / FILE).read_bytes())["files"])}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()


def load(site: Path) -> Manifest:
    """The manifest of a built site; raises ProblemsFound if there is none that can be read."""
    path = site / FILE
    try:
        return parse(path.read_bytes())
    except FileNotFoundError:
        raise _problem(path, Code.NOT_BUILT, "the site is not built yet") from None
    except OSError as error:
        raise _problem(path, Code.UNREADABLE, f"can't read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _problem(path, Code.NOT_BUILT, "this is not a manifest of this version") from None


def parse(content: bytes) -> Manifest:
    """Bytes -> Manifest; raises ValueError, KeyError or TypeError for anything else."""
    document = json.loads(content)
    if document["version"] != VERSION:
        raise ValueError("another version")
    return Manifest(
        Series(**document["series"]),
        tuple(_entry(entry) for entry in document["articles"]),
        {str(path): str(digest) for path, digest in dict(document["files"]).items()},
    )


def _entry(entry: dict[str, Any]) -> Entry:
    """An entry; a manifest that was written before there were changes and letters has none."""
    changes = tuple(Change(**one) for one in entry.get("changes", ()))
    lists = {"tags": tuple(entry["tags"]), "authors": tuple(entry["authors"])}
    return Entry(**{**entry, **lists, "changes": changes})


def _problem(path: Path, code: Code, message: str) -> ProblemsFound:
    return ProblemsFound([Problem(path.name, 0, 0, code, message, f"run {typed()} first")])
