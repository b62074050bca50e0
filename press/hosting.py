"""The files of a site, on the loopback interface, as a good host serves them.

Validators, codings and types are those of HTTP (RFC 9110, 8.8.3, 13.1.2 and 8.4), and what a site's
`_headers` asks for is sent: its pages may do here what they may do where they are published.
"""

import gzip
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from press import feeds, headers, pages

HOST = "127.0.0.1"
NAMES = frozenset({HOST, "localhost", "::1"})
"""What a request may call us: by another name, a page elsewhere would reach this machine."""

TYPES = {
    ".js": "text/javascript", ".mjs": "text/javascript", ".md": "text/markdown",
    ".wasm": "application/wasm", ".opml": "text/x-opml", ".woff2": "font/woff2",
}  # fmt: skip
"""Media types that not every machine knows."""
PACKED = ("text/", "application/json", "application/wasm", "application/xml", "image/svg+xml")
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q\s*=\s*0(\.0*)?\s*(,|$))", re.IGNORECASE)
"""In what a request accepts: gzip, and not by a weight of nothing (RFC 9110, 12.4.2)."""
LEAST = 1000
"""Bytes from which on a text is worth compressing."""

EVENTS = {
    "Content-Type": "text/event-stream", "Cache-Control": "no-store", "Connection": "close",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """A file as it is served."""

    content: bytes = field(repr=False)
    media_type: str
    tag: str = ""
    """Its strong validator, if it has one."""
    more: Mapping[str, str] = field(default_factory=dict)
    """Other headers."""
    status: HTTPStatus = HTTPStatus.OK


NOWHERE = Served(b"not found\n", "text/plain", status=HTTPStatus.NOT_FOUND)
UNCLEAR = Served(b"no address\n", "text/plain", status=HTTPStatus.BAD_REQUEST)
REFUSED = Served(b"not here\n", "text/plain", status=HTTPStatus.FORBIDDEN)


def served(path: str, content: bytes) -> Served:
    suffix = posixpath.splitext(path)[1]
    media_type = feeds.media_type(path) or TYPES.get(suffix) or guess_type(path)[0]
    media_type = media_type or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Served(content, media_type, sha256(content).hexdigest()[:32])


@dataclass(frozen=True, slots=True)
class Folder(Mapping[str, bytes]):
    """The files of a folder, each read when it is asked for. Names are relative, with slashes."""

    path: Path

    def __getitem__(self, name: str) -> bytes:
        if name not in self:
            raise KeyError(name)
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:  # it has gone in this moment
            raise KeyError(name) from None

    def __contains__(self, name: object) -> bool:
        is_inside = isinstance(name, str) and not {"", ".", ".."} & set(name.split("/"))
        try:
            return is_inside and (self.path / str(name)).is_file()
        except OSError:  # no file has a name that is so long
            return False

    def __iter__(self) -> Iterator[str]:
        found = (path for path in self.path.rglob("*") if path.is_file())
        return (path.relative_to(self.path).as_posix() for path in found)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(slots=True)
class Host:
    """A site that is served below a path of this machine."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    base: str = "/"
    """The path that the site begins with, and a slash at its end."""
    rules: Sequence[headers.Rule] = field(default=(), repr=False)
    """What is sent besides, by the paths that it is for."""

    def refresh(self, path: str) -> None:
        """Is called before the page or feed at a decoded path of the host is answered."""

    def own(self, path: str) -> Served | None:
        """What is at a decoded path that is not of the site."""

    def stream(self, path: str) -> Iterator[bytes] | None:
        """The events that are told, one after the other, to who asks for a path."""

    def serve(self, files: Mapping[str, bytes], base: str) -> None:
        """Serve these files from now on."""
        self.files = files
        self.base = base
        self.rules = headers.rules(files.get(headers.HEADERS, b"").decode())

    def find(self, path: str) -> str | None:
        """The name of the file at a decoded path of the host."""
        whole = posixpath.normpath(path) + ("/" if path.endswith("/") else "")
        if not whole.startswith(self.base):
            return None
        name = whole.removeprefix(self.base)
        if not name or name.endswith("/"):
            name += pages.SERIES_PAGE
        return name if name in self.files else None

    def shown(self, name: str) -> Served:
        """A file as it is served."""
        return served(name, self.files[name])

    def sent(self, name: str) -> dict[str, str]:
        """The headers that are sent with a file, or with none."""
        found: dict[str, str] = {}
        for pattern, more in self.rules:
            if headers.fits(pattern, name):
                found |= more
        return found


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    protocol_version = "HTTP/1.1"
    server_version = "proofpress"
    sys_version = ""
    disable_nagle_algorithm = True  # a page is not to wait for the end of its headers
    host: Host

    def do_GET(self) -> None:  # the library's name
        self._answer()

    def do_HEAD(self) -> None:  # the same
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the same
        """Nothing: who makes a request sees what matters of it."""

    def _answer(self) -> None:
        try:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
            path = unquote(urlsplit(self.path).path)
        except ValueError:
            self._send(UNCLEAR)
            return
        if host not in NAMES:
            self._send(REFUSED)
        elif events := self.host.stream(path):
            self._stream(events)
        elif own := self.host.own(path):
            self._send(own)
        else:
            self._answer_of_site(path)

    def _answer_of_site(self, path: str) -> None:
        if path.endswith(("/", ".html", ".xml", ".json", ".opml")):
            self.host.refresh(path)
        if path == "/" != self.host.base:
            self._redirect(self.host.base)
        elif (name := self.host.find(path)) and (file := self._shown(name)):
            self._send(file, self.host.sent(name))
        elif self.host.find(f"{path}/"):
            self._redirect(f"{path}/")
        else:
            self._send(self._lost(), self.host.sent(pages.NOT_FOUND))

    def _lost(self) -> Served:
        page = self._shown(pages.NOT_FOUND)
        return replace(page, status=HTTPStatus.NOT_FOUND) if page else NOWHERE

    def _shown(self, name: str) -> Served | None:
        """A file of the site; None where there is none, or none any more."""
        try:
            return self.host.shown(name)
        except KeyError:
            return None

    def _stream(self, events: Iterator[bytes]) -> None:
        """Server-sent events, until they or the browser end (html.spec.whatwg.org, 9.2)."""
        self.send_response(HTTPStatus.OK)
        for name, value in EVENTS.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        for event in events if self.command == "GET" else ():
            self.wfile.write(event)

    def _redirect(self, path: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", quote(path))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, file: Served, of_site: Mapping[str, str] | None = None) -> None:
        status, content, coding = file.status, file.content, ""
        packed = file.media_type.startswith(PACKED) or file.media_type.endswith(("+xml", "+json"))
        if packed and len(content) > LEAST and GZIP.search(self.headers.get("Accept-Encoding", "")):
            content, coding = gzip.compress(content, 6, mtime=0), "gzip"
        tag = f'"{file.tag}{coding and "-"}{coding}"'  # a coding is another representation
        known = self.headers.get("If-None-Match", "")
        if status is HTTPStatus.OK and file.tag and (tag in known or known == "*"):
            status, content = HTTPStatus.NOT_MODIFIED, b""
        told = {"Content-Type": file.media_type, **(of_site or {}), **file.more}
        told["Vary"] = "Accept-Encoding"
        if file.tag:
            told["ETag"] = tag
        if status is HTTPStatus.NOT_MODIFIED:
            del told["Content-Type"]
        else:
            told["Content-Length"] = str(len(content))
            told |= {"Content-Encoding": coding} if coding else {}
        self.send_response(status)
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """Its threads end with the program."""

    daemon_threads = True
    request_queue_size = 128  # of five, those that wait besides are let in seconds later

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a browser may leave in the middle of an answer."""


def server(host: Host, port: int) -> Server:
    """A server on the loopback interface; port 0 is any free one. Raises OSError."""
    host.refresh(host.base)
    return Server((HOST, port), type("Handler", (Handler,), {"host": host}))
