"""A publication in the world: a web server that shows what is deployed, a WebSub hub, an outbox."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from threading import Thread
from urllib.parse import parse_qs

from tests.conftest import NEWSLETTER, SERIES, Publication
from tests.press.targets import options
from tests.press.targets.folder import tree

PAST = "2020-01-01"


@dataclass
class Web:
    """A real server of the files of a folder, which can be another one at any time."""

    folder: Path
    url: str = ""
    adds: bytes = b""
    """That it adds to each page, as some hosts do."""
    asked: list[str] = field(default_factory=list)


@dataclass
class Hub:
    url: str = ""
    status: int = 204
    told: list[str] = field(default_factory=list)
    """The addresses of feeds."""


@dataclass
class World:
    publication: Publication
    web: Web
    hub: Hub

    @property
    def root(self) -> Path:
        return self.publication.root

    @property
    def shown(self) -> Path:
        return self.root / "www/current"

    def deploy(self, **values: object) -> None:
        """Write series.toml with this table [deploy], or with none."""
        text = SERIES.replace("https://example.org/series", self.web.url)
        text += f'\n[site]\nhubs = ["{self.hub.url}"]\n{NEWSLETTER}'
        self.publication.write("series.toml", text + (options(values) if values else ""))

    def to_folder(self) -> None:
        self.deploy(target="folder", path="www", wait=0)

    def run(self, *args: str, status: int = 0, **environment: str) -> str:
        done = self.publication.run(*args, **environment)
        return self.judged(done, status)

    def judged(self, done: "CompletedProcess[str]", status: int) -> str:
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        assert "press/cli.py" not in said  # as a traceback of ours would have it
        return said

    def publish(self, *args: str, status: int = 0, **environment: str) -> str:
        return self.run("publish", *args, status=status, **environment)

    def mails(self) -> list[str]:
        """The subject of each mail."""
        found = sorted((self.root / "var/outbox").glob("*.eml"))
        return [str(message_from_bytes(path.read_bytes())["Subject"]) for path in found]

    def is_whole(self) -> bool:
        """Whether what is shown is what was built."""
        return tree(self.shown) == tree(self.root / "site")

    def copy_by_hand(self, folder: Path) -> None:
        shutil.copytree(self.root / "site", folder, dirs_exist_ok=True)


def shows(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            web.asked.append(path)
            self.directory = str(web.folder)
            return super().translate_path(path)

        def copyfile(self, source, outputfile) -> None:  # type: ignore[no-untyped-def]
            outputfile.write(source.read())

        def do_GET(self) -> None:
            found = Path(self.translate_path(self.path))
            found = found / "index.html" if found.is_dir() else found
            if not web.adds or found.suffix != ".html":
                super().do_GET()
                return
            body = found.read_bytes() + web.adds
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


def _listens(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            is_form = self.headers["Content-Type"] == "application/x-www-form-urlencoded"
            if is_form and form["hub.mode"] == ["publish"] and hub.status < 300:
                hub.told += form["hub.url"]
            self.send_response(hub.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def world(publication: Publication) -> Iterator[World]:
    """A publication of one article with a subscriber, that nobody has published yet."""
    web, hub = Web(publication.root / "www/current"), Hub()
    with serving(shows(web)) as web.url, serving(_listens(hub)) as hub.url:
        made = World(publication, web, hub)
        made.to_folder()
        publication.article("000-first", "```python\nprint(1)\n```\n", date=PAST)
        made.run("newsletter", "subscribers", "add", "reader@example.org")
        yield made
