"""A publication for its author's eyes: built again when something on the disk has changed.

The search is indexed again when its page is asked for, and not for each change of a word.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

from press import hosting, making, pages, pipeline, root, searching, source
from press.model import OutputFile
from press.problems import ProblemsFound

READ = (root.FILE, source.FOLDER, "templates")
NOT_KEPT = ("/*", {"Cache-Control": "no-cache"})
"""Nothing is kept by a browser without asking again: the next build may differ."""


@dataclass(slots=True)
class Preview(hosting.Host):
    """A publication, and the last good build of it."""

    root: Path = field(kw_only=True)
    drafts: bool = field(kw_only=True)
    tell: Callable[[str], None] = field(kw_only=True)
    """Is told of each build, and of what was wrong with it."""
    _seen: object = None
    _indexed: searching.Indexed = field(default_factory=searching.Indexed, repr=False)
    _is_current: bool = False
    """Whether the index is that of the articles as they are."""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def refresh(self, path: str) -> None:
        """Build, if something has changed; what can't be built leaves what was there."""
        searches = path.endswith(f"/{pages.SEARCH_PAGE}")
        with self._lock:
            seen = list(_state(self.root))
            if seen != self._seen:
                self._seen = seen
                self._build(self._index if searches else self._as_it_was)
            elif searches and not self._is_current:
                self._build(self._index)

    def _index(self, articles: Sequence[OutputFile], cache: Path) -> searching.Indexed:
        self._indexed, self._is_current = searching.index(articles, cache), True
        return self._indexed

    def _as_it_was(self, _articles: Sequence[OutputFile], _cache: Path) -> searching.Indexed:
        self._is_current = False
        return self._indexed

    def _build(self, search: making.Search) -> None:
        try:
            wish = pipeline.Wish(drafts=self.drafts, search=search)
            edition = pipeline.make(self.root, datetime.now(UTC), wish)
        except ProblemsFound as error:
            self.tell(str(error))
            return
        contents = {one.path: one.content for one in [*edition.outputs, edition.index]}
        self.serve(contents, f"{urlsplit(edition.site.config.url).path}/")
        self.rules = (*self.rules, NOT_KEPT)
        self.tell(f"built {len(edition.site.articles)} articles")


def _state(publication: Path) -> Iterator[tuple[str, int, int]]:
    """What a build reads, as names, times and sizes."""
    for name in READ:
        top = publication / name
        for path in sorted([top, *top.rglob("*")]):
            try:
                found = path.stat()
            except OSError:
                continue  # it is just going, or a link to nowhere
            yield str(path), found.st_mtime_ns, found.st_size
