"""A built site over loopback, as a good host serves it: types, validators, gzip, strict headers."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote, urlsplit

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".xml": "application/xml; charset=utf-8",
}
COMPRESSED = ("text/", "application/json", "application/xml", "image/svg+xml", "application/wasm")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self' https:; base-uri 'none'"
)
"""Of a site that comes without `_headers`. Nothing inline, nothing of others."""


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the folder of its server."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:  # the library's name
        path, status = self.server.find(unquote(urlsplit(self.path).path))
        body = path.read_bytes() if path else b"Not found\n"
        headers = self.server.headers(f"/{path.relative_to(self.server.site)}" if path else "/404")
        headers["Content-Type"] = headers.get("Content-Type") or media_type(path)
        headers["ETag"] = f'"{sha256(body).hexdigest()[:32]}"'
        if status == 200 and self.headers["If-None-Match"] == headers["ETag"]:
            status, body = 304, b""
        elif headers["Content-Type"].startswith(COMPRESSED) and "gzip" in self._encodings():
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self._answer(status, headers, body)

    do_HEAD = do_GET  # noqa: N815  # the library's name

    def _encodings(self) -> str:
        return self.headers["Accept-Encoding"] or ""

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: what matters of a request is seen by who makes it."""


class Server(ThreadingHTTPServer):
    """Serves one folder below a path, at a port of its own."""

    daemon_threads = True

    def __init__(self, site: Path, base: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.site = site
        self.base = base
        self.url = f"http://127.0.0.1:{self.server_port}{base}"
        rules = site / "_headers"
        self.rules = read_rules(rules.read_text()) if rules.is_file() else []

    def find(self, path: str) -> tuple[Path | None, int]:
        """The file of an address and its status; the site's own 404 page where there is none."""
        target = (self.site / path.removeprefix(self.base).lstrip("/")).resolve()
        target = target / "index.html" if target.is_dir() else target
        inside = target.is_relative_to(self.site.resolve()) and path.startswith(f"{self.base}/")
        if inside and target.is_file():
            return self.site / target.relative_to(self.site.resolve()), 200
        lost = self.site / "404.html"
        return (lost if lost.is_file() else None), 404

    def headers(self, path: str) -> dict[str, str]:
        """What `_headers` says of an address; where it has no policy, ours."""
        found = {"Content-Security-Policy": POLICY, "Cache-Control": "max-age=600"}
        for pattern, headers in self.rules:
            if fnmatchcase(path, pattern):
                found |= headers
        return found

    def handle_error(self, *_: object) -> None:
        """A browser that leaves in the middle of an answer is no fault."""


def media_type(path: Path | None) -> str:
    suffix = path.suffix if path else ".txt"
    return TYPES.get(suffix) or guess_type(f"a{suffix}")[0] or "application/octet-stream"


def read_rules(text: str) -> list[tuple[str, dict[str, str]]]:
    """The rules of a `_headers` file: a pattern of addresses, and indented below it its headers."""
    rules: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            rules.append((line.strip(), {}))
        else:
            name, _, value = line.strip().partition(":")
            rules[-1][1][name.strip()] = value.strip()
    return rules


@contextmanager
def served(site: Path, base: str = "") -> Iterator[str]:
    """The address of a folder while it is served below a path, without a slash at its end."""
    with Server(site, base) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()
