"""Serves a publication to its author, from memory, as a good host would serve what is published.

What has changed on the disk is built again when the next page is asked for. Validators and codings
are those of HTTP (RFC 9110, 8.8.3, 13.1.2 and 8.4), so that feed readers can be tried against it.
"""

import gzip
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from threading import Lock
from urllib.parse import quote, unquote, urlsplit

from press import feeds, pages, pipeline, root, searching, source
from press.problems import ProblemsFound

HOST = "127.0.0.1"
NAMES = frozenset({HOST, "localhost", "::1"})
"""What a request may call us: by another name, a page elsewhere would reach this machine."""

TYPES = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".md": "text/markdown",
    ".wasm": "application/wasm", ".opml": "text/x-opml", ".woff2": "font/woff2",
}  # fmt: skip
"""Media types that not every machine knows."""

READ = (root.FILE, source.FOLDER, "templates")


@dataclass(frozen=True, slots=True)
class Served:
    """A file as it is served."""

    content: bytes = field(repr=False)
    media_type: str
    tag: str
    """Its strong validator."""


@dataclass(slots=True)
class Preview:
    """A publication, and the last good build of it."""

    root: Path
    drafts: bool
    tell: Callable[[str], None]
    """Is told of each build, and of what was wrong with it."""
    base: str = "/"
    """The path that the site begins with."""
    files: Mapping[str, Served] = field(default_factory=dict, repr=False)
    _seen: object = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def refresh(self) -> None:
        """Build, if something has changed; what can't be built leaves what was there."""
        with self._lock:
            seen = list(_state(self.root))
            if seen != self._seen:
                self._seen = seen
                self._build()

    def _build(self) -> None:
        try:
            edition = pipeline.make(
                self.root, datetime.now(UTC), drafts=self.drafts, search=searching.index
            )
        except ProblemsFound as error:
            self.tell(str(error))
            return
        outputs = [*edition.outputs, edition.index]
        self.files = {one.path: _served(one.path, one.content) for one in outputs}
        self.base = f"{urlsplit(edition.site.config.url).path}/"
        self.tell(f"built {len(edition.site.articles)} articles")

    def find(self, path: str) -> Served | None:
        """What there is at a decoded path of the host."""
        name = posixpath.normpath(path).removeprefix(self.base.rstrip("/")).lstrip("/")
        if path.endswith("/"):
            name = posixpath.join(name, pages.SERIES_PAGE)
        return self.files.get(name)


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


def _served(path: str, content: bytes) -> Served:
    suffix = posixpath.splitext(path)[1]
    media_type = feeds.media_type(path) or TYPES.get(suffix) or guess_type(path)[0]
    media_type = media_type or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Served(content, media_type, sha256(content).hexdigest()[:32])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "proofpress"
    sys_version = ""
    preview: Preview

    def do_GET(self) -> None:  # the library's name
        self._answer()

    def do_HEAD(self) -> None:  # the same
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the same
        """Nothing: what an author has to know is told by the build."""

    def _answer(self) -> None:
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in NAMES:
            self._send(HTTPStatus.FORBIDDEN, Served(b"not here\n", "text/plain", ""))
            return
        path = unquote(urlsplit(self.path).path)
        if path == "/" != self.preview.base:
            self._redirect()
            return
        if path.endswith(("/", ".html", ".xml", ".json", ".opml")):
            self.preview.refresh()
        found = self.preview.find(path)
        if found:
            self._send(HTTPStatus.OK, found)
        else:
            nowhere = Served(b"not found\n", "text/plain", "")
            self._send(HTTPStatus.NOT_FOUND, self.preview.files.get(pages.NOT_FOUND) or nowhere)

    def _redirect(self) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", quote(self.preview.base))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: HTTPStatus, file: Served) -> None:
        """Nothing is kept by a browser without asking again: the next build may differ."""
        content, coding = file.content, ""
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(content) > 1000:
            content, coding = gzip.compress(content, 1, mtime=0), "gzip"
        tag = f'"{file.tag}{coding and "-"}{coding}"'  # a coding is another representation
        if status is HTTPStatus.OK and tag in self.headers.get("If-None-Match", ""):
            status, content = HTTPStatus.NOT_MODIFIED, b""
        self.send_response(status)
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Vary", "Accept-Encoding")
        if file.tag:
            self.send_header("ETag", tag)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", file.media_type)
            self.send_header("Content-Length", str(len(content)))
            if coding:
                self.send_header("Content-Encoding", coding)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def server(preview: Preview, port: int) -> ThreadingHTTPServer:
    """A server on the loopback interface; port 0 is any free one. Raises OSError."""
    preview.refresh()
    handler = type("Handler", (_Handler,), {"preview": preview})
    return ThreadingHTTPServer((HOST, port), handler)
