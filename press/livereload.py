"""What tells a browser that the page it shows has changed: events, and what a page is made of.

An event says only that there was a build. Each page then asks for its own state, and compares: so
nothing is lost when a connection was, or the preview has been started again.
"""

import posixpath
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from hashlib import sha256
from mimetypes import guess_type
from threading import Condition
from urllib.parse import quote, unquote, urlsplit

from press import elements

EVENTS = "/__events"
PAUSE = 15.0
"""Seconds of silence after which a comment shows whether anybody still listens."""
RETRY = 300
"""Milliseconds after which a browser asks again when a connection has ended."""
PARTS = ("image/", "video/", "audio/", "text/css", "text/javascript")
"""What a page is made of, by its media type: for what it only links to, it need not be loaded."""


@dataclass(slots=True)
class News:
    """Tells any number of listeners of each build. Safe between threads."""

    _number: int = 0
    _is_over: bool = False
    _changed: Condition = field(default_factory=Condition, repr=False)

    def tell(self) -> None:
        with self._changed:
            self._number += 1
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def events(self) -> Iterator[bytes]:
        """One event at once, and one for each build; a listener that was slow gets the last."""
        yield f"retry: {RETRY}\n\n".encode()
        told = -1
        while not self._is_over:
            with self._changed:
                self._changed.wait_for(lambda: self._is_over or self._number != told, PAUSE)  # noqa: B023
                number = self._number
            yield f"data: {number}\n\n".encode() if number != told else b":\n\n"
            told = number


@dataclass(slots=True)
class Tags:
    """Names for what files contain, each worked out once."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def of(self, path: str) -> str:
        if path not in self._known:
            self._known[path] = sha256(self.files.get(path, b"")).hexdigest()[:16]
        return self._known[path]

    def after(self, files: Mapping[str, bytes], changed: Set[str]) -> "Tags":
        """The same for the files of another build."""
        kept = {path: tag for path, tag in list(self._known.items()) if path not in changed}
        return Tags(files, kept)


@dataclass(frozen=True, slots=True)
class State:
    """What a page is, to know whether it is still the same."""

    page: str
    """Of its HTML, its images and scripts; empty where there is no such page."""
    styles: Mapping[str, str]
    """Path of each stylesheet, as addresses have it -> its name: it is replaced by itself."""


NO_PAGE = State("", {})


def state(path: str, content: bytes, tags: Tags, base: str) -> State:
    """The state of a page of a site that is served below `base`, with this content.

    It is that of what is sent, and never of what has taken its place meanwhile: else who has the
    old page would take it for the new one, and keep it.
    """
    own, styles = [sha256(content).hexdigest()], {}
    for part in _parts(path, content, tags.files, base):
        if part.endswith(".css"):
            styles[quote(base + part)] = tags.of(part)
        else:
            own.append(f"{part} {tags.of(part)}")
    return State(sha256("\n".join(own).encode()).hexdigest()[:16], styles)


def _parts(path: str, content: bytes, files: Mapping[str, bytes], base: str) -> Iterator[str]:
    """The files of the site that a page is made of."""
    links, _ = elements.references(content.decode(errors="replace"))
    for link in links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or not parts.path:
            continue
        whole = posixpath.normpath(
            posixpath.join(base + posixpath.dirname(path), unquote(parts.path))
        )
        name = whole.removeprefix(base)
        if (guess_type(name)[0] or "").startswith(PARTS) and name in files:
            yield name
