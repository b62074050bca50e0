"""What a preview shows: a publication as it is built, again and again, in one process.

`Builder` is all that the preview knows of a build.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import urlsplit

from press import config, manifest, output, pipeline, searching
from press.hosting import Folder
from press.memory import KEPT, Memory
from press.model import Article, OutputFile
from press.pending import Pending
from press.problems import Problem, ProblemsFound
from press.root import cache_folder


@dataclass(frozen=True, slots=True)
class Held:
    """An article that a build would hold back, and that a preview shows."""

    title: str
    page: str
    date: datetime
    is_draft: bool
    """Else it waits for its date."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a build."""

    url: str = ""
    """The site's address, without a slash at its end."""
    files: Mapping[str, bytes] | None = field(default=None, repr=False)
    """Each file of the site, the manifest among them: of the last good build. None before it."""
    changed: frozenset[str] = frozenset()
    """The paths that are new, gone or have another content since the build before."""
    problems: tuple[Problem, ...] = ()
    """Why it is not a good one."""
    warnings: tuple[str, ...] = ()
    articles: int = 0
    held: tuple[Held, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Page of each article that has examples which have not run yet -> how many."""
    until: datetime | None = None
    """When it has to be built again though nothing is changed: an article is out then."""
    is_indexed: bool = False
    """Whether the search is that of the articles as they are."""

    @property
    def base(self) -> str:
        """The path of the site's address, with a slash at its end."""
        return f"{urlsplit(self.url).path}/"


class Builder(Protocol):
    """Builds for a preview. `prove` is called by another thread than the rest, but for `stands`."""

    def url(self) -> str:
        """The site's address, without building."""
        ...

    def build(self, now: datetime, *, index: bool) -> Result:
        """Build as of `now`, without running any example; with the `index` of the search."""
        ...

    def ahead(self, saved: Path) -> Mapping[str, bytes]:
        """The files that the article makes of which a file alone was saved, before it is built.

        None of them where it takes a build to tell.
        """
        ...

    def prove(self) -> bool:
        """Run some of the examples that wait; False where none does."""
        ...

    def stands(self) -> bool:
        """Whether the files of the last good build are there still. For any thread."""
        ...

    def close(self) -> None:
        """Let another preview build where this one did."""
        ...


class OnDisk:
    """Builds what has changed, into a folder of the cache."""

    def __init__(self, root: Path, *, drafts: bool = True) -> None:
        self._root, self._drafts = root, drafts
        self._place = _hold(root)
        self._url = ""
        self._memory = Memory(self._place.folder / KEPT)
        self._last = Result()
        self._pages: Mapping[str, str] = {}
        """Path of each article of the last good build -> its page."""
        self._pending = Pending()
        self._indexed = searching.Indexed()
        self._early: pipeline.Early = lambda _saved, _prover: {}

    def url(self) -> str:
        self._url = config.read(self._root)[0].url
        return self._url

    def close(self) -> None:
        self._place.held.close()

    def __del__(self) -> None:
        self.close()

    def ahead(self, saved: Path) -> Mapping[str, bytes]:
        return self._early(saved, self._pending.told)

    def prove(self) -> bool:
        return self._pending.prove()

    def stands(self) -> bool:
        return self._place.is_ours() and (self._place.folder / SITE / manifest.FILE).is_file()

    def build(self, now: datetime, *, index: bool) -> Result:
        self._settle()
        wish = pipeline.Wish(
            drafts=self._drafts,
            search=self._index if index else self._as_it_was,
            prover=self._pending.proofs,
        )
        try:
            built = pipeline.build(self._root, now, wish, self._place.folder / SITE, self._memory)
        except ProblemsFound as error:
            return self._failed(error.problems)
        self._last, self._early = self._good(built, now, index=index), built.ahead
        return self._last

    def _settle(self) -> None:
        """Have a folder to build in: the one that there was may have been deleted."""
        if not self.stands():
            self._last = replace(self._last, files=None)
        if not self._place.is_ours():
            self._memory.close()
            self.close()
            self._place = _hold(self._root)
            self._memory = Memory(self._place.folder / KEPT)

    def _index(self, articles: Sequence[OutputFile], cache: Path) -> searching.Indexed:
        self._indexed = searching.index(articles, cache)
        return self._indexed

    def _as_it_was(self, _articles: Sequence[OutputFile], _cache: Path) -> searching.Indexed:
        return self._indexed

    def _failed(self, problems: Sequence[Problem]) -> Result:
        last = self._last
        return Result(
            last.url or self._address(), last.files, problems=tuple(problems),
            articles=last.articles, held=last.held, waiting=self._waiting(),
        )  # fmt: skip

    def _waiting(self) -> dict[str, int]:
        waiting = self._pending.waiting()
        return {page: waiting[path] for path, page in self._pages.items() if waiting[path]}

    def _address(self) -> str:
        """The site's address, or the last one that could be read; empty for none."""
        with suppress(ProblemsFound):  # it is told already
            self.url()
        return self._url

    def _good(self, built: pipeline.Built, now: datetime, *, index: bool) -> Result:
        edition = built.edition
        every = [one.article for one in edition.site.articles]
        self._pages = {one.path: one.page for one in every}
        dates = [one.date for one in (*every, *edition.held_back)]
        files = Folder(self._place.folder / SITE)
        return Result(
            edition.site.config.url,
            files,
            frozenset(built.written.paths if self._last.files is not None else files),
            warnings=edition.warnings,
            articles=len(every),
            held=tuple(_held(every, now)),
            waiting=self._waiting(),
            until=min((d for d in dates if d > now), default=None),
            is_indexed=index,
        )


SITE, LOCK = "site", "lock"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that no other preview has, until it is let go or deleted."""

    folder: Path
    held: ExitStack
    lock: tuple[int, int]
    """Which file is held: its device and its number there."""

    def is_ours(self) -> bool:
        try:
            return _which((self.folder / LOCK).stat()) == self.lock
        except OSError:
            return False


def _which(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _hold(root: Path) -> Place:
    """A folder for what is previewed.

    It is the first of the cache that is free: there much is built already. Where that can't be
    written, it is any, and is removed when it is let go.
    """
    held = ExitStack()
    try:
        for number in count(1):
            folder = cache_folder(root) / ("preview" if number == 1 else f"preview-{number}")
            folder.mkdir(parents=True, exist_ok=True)
            lock = held.enter_context((folder / LOCK).open("w"))
            if output.held(lock):
                break
            lock.close()
    except OSError:
        aside = TemporaryDirectory(prefix="proofpress-", ignore_cleanup_errors=True)
        folder = Path(held.enter_context(aside))
        lock = held.enter_context((folder / LOCK).open("w"))
    return Place(folder, held, _which(os.fstat(lock.fileno())))


def _held(articles: Sequence[Article], now: datetime) -> Iterator[Held]:
    for one in articles:
        if one.draft or one.date > now:
            yield Held(one.title, one.page, one.date, one.draft)
