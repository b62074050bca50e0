"""`check --online` against a real server that answers in every way that there is."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from press import asking, kept, outside, pipeline
from press.asking import Answer, Asker, Sort
from press.problems import Code
from tests.conftest import NOW, Publication

AGENT = "Proofpress/1 (checks links of https://example.org/series)"


class Server:
    """Answers each path as `answers` has it, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.agents: set[str] = set()
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.command, self.path))
                server.agents.add(self.headers["User-Agent"])
                server.answers.get(self.path, partial(status, 404))(self)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        over.set()
        self.http.shutdown()
        self.http.server_close()


def status(code: int, handler: BaseHTTPRequestHandler, **headers: str) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value.format(host=handler.headers["Host"]))
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def only_get(refusal: int, handler: BaseHTTPRequestHandler) -> None:
    status(refusal if handler.command == "HEAD" else 200, handler)


def reset(handler: BaseHTTPRequestHandler) -> None:
    linger = b"\x01\0\0\0\0\0\0\0"  # closed at once, with RST
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"what is \x1bthis\r\n\r\n")


over = Event()


def silent(_handler: BaseHTTPRequestHandler) -> None:
    over.wait(60)


@pytest.fixture
def server() -> Iterator[Server]:
    over.clear()
    made = Server()
    yield made
    made.close()


def asker(timeout: float = 20) -> Asker:
    return Asker(AGENT, pause=0, timeout=timeout)


GOOD: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "/200": partial(status, 200),
    "/204": partial(status, 204),
    "/405": partial(only_get, 405),
    "/501": partial(only_get, 501),
    "/403": partial(only_get, 403),
    "/404": partial(only_get, 404),
    "/301": partial(status, 301, Location="/200"),
    "/302": partial(status, 302, Location="200"),
    "/303": partial(status, 303, Location="/301"),
    "/307": partial(status, 307, Location="//{host}/200"),
    "/308": partial(status, 308, Location="http://{host}/200#part"),
    "/not-modified": partial(status, 304),
    "/%C3%BC?q=%C3%A4": partial(status, 200),
    "/a%20b/~c(d),e": partial(status, 200),
}
BAD: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str]] = {
    "/404": (partial(status, 404), "answers with status 404"),
    "/410": (partial(status, 410), "answers with status 410"),
    "/400": (partial(status, 400), "answers with status 400"),
    "/to-404": (partial(status, 302, Location="/404"), "answers with status 404"),
    "/round": (partial(status, 302, Location="/round"), "redirects more than 10 times"),
    "/file": (
        partial(status, 302, Location="file:///etc/passwd"),
        "redirects to file:///etc/passwd, which no reader can follow",
    ),
    "/ftp": (
        partial(status, 302, Location="ftp://127.0.0.1/x"),
        "redirects to ftp://127.0.0.1/x, which no reader can follow",
    ),
    "/bracket": (partial(status, 302, Location="http://[bad"), "is not a valid address"),
}
ENOUGH = "belongs to a host that has had enough requests for now"
NOT_KNOWN: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str]] = {
    **{
        f"/{code}": (partial(status, code), f"answers with status {code}")
        for code in (401, 403, 451, 500, 502, 503)
    },
    "/429": (partial(status, 429), ENOUGH),
    "/later": (
        partial(status, 429, Retry_After="120"),
        f"{ENOUGH}, and asks to come back in 120 seconds",
    ),
    "/reset": (reset, "can't be asked for: [Errno 104] Connection reset by peer"),
    "/garbage": (garbage, "can't be asked for: what is  this"),
}


@pytest.mark.parametrize("path", GOOD)
def test_it_is_there(server: Server, path: str) -> None:
    server.answers = GOOD
    assert asker().ask(server.url + path) == Answer(Sort.THERE)
    assert server.agents == {AGENT}


@pytest.mark.parametrize("path", BAD)
def test_it_is_broken(server: Server, path: str) -> None:
    server.answers = {name: answer for name, (answer, _) in BAD.items()}
    assert asker().ask(server.url + path) == Answer(Sort.BROKEN, BAD[path][1])


@pytest.mark.parametrize("path", NOT_KNOWN)
def test_nobody_knows(server: Server, path: str) -> None:
    answer, why = NOT_KNOWN[path]
    server.answers = {path: answer}
    assert asker().ask(server.url + path) == Answer(Sort.NOT_KNOWN, why)


def test_it_is_asked_by_head_and_then_by_get_where_that_says_nothing_good(server: Server) -> None:
    server.answers = GOOD
    asker().ask(f"{server.url}/200")
    asker().ask(f"{server.url}/405")
    assert server.asked == [("HEAD", "/200"), ("HEAD", "/405"), ("GET", "/405")]


def test_silence_is_not_borne_for_ever(server: Server) -> None:
    server.answers = {"/": silent}
    found = asker(timeout=0.2).ask(server.url)
    assert found == Answer(Sort.NOT_KNOWN, "does not answer in time")


def test_a_host_that_has_had_enough_is_left_alone(server: Server) -> None:
    server.answers = {"/429": partial(status, 429), "/200": partial(status, 200)}
    one = asker()
    one.ask(f"{server.url}/429")
    assert one.ask(f"{server.url}/200").sort is Sort.NOT_KNOWN
    assert server.asked == [("HEAD", "/429")]


def test_a_host_that_refuses() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
        assert asker().ask(address) == Answer(Sort.BROKEN, "names a host that refuses to answer")


FAILURES: list[tuple[Exception, Answer]] = [
    (
        socket.gaierror(socket.EAI_NONAME, "x"),
        Answer(Sort.BROKEN, "names a host that is not known"),
    ),
    (socket.gaierror(socket.EAI_AGAIN, "x"), Answer(Sort.NOT_KNOWN, "can't be asked for: ")),
    (TimeoutError(), Answer(Sort.NOT_KNOWN, "does not answer in time")),
    (OSError(), Answer(Sort.NOT_KNOWN, "can't be asked for: ")),
]


@pytest.mark.parametrize(("error", "answer"), FAILURES)
def test_a_failure_of_the_network(error: Exception, answer: Answer) -> None:
    found = asking._failed(error)
    assert found.sort is answer.sort
    assert found.why.startswith(answer.why)


@pytest.mark.parametrize(
    ("code", "sort"), [(10, Sort.BROKEN), (62, Sort.BROKEN), (20, Sort.NOT_KNOWN)]
)
def test_a_certificate_that_is_not_valid(code: int, sort: Sort) -> None:
    error = ssl.SSLCertVerificationError("x")
    error.verify_code, error.verify_message = code, "certificate has expired"
    found = asking._failed(error)
    assert found == Answer(sort, "has a certificate that is not valid: certificate has expired")


def test_requests_to_one_host_stand_apart(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers = GOOD
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    one = Asker(AGENT, pause=3)
    one.ask(f"{server.url}/405")
    one.ask(f"{server.url.replace('127.0.0.1', 'localhost')}/200")
    assert slept == [0, 3, 0]


# A publication.


def check(publication: Publication, **more: Any) -> outside.Found:
    checked = pipeline.check(publication.root, NOW)
    return outside.check(
        checked.fragments(),
        "https://example.org/series",
        publication.root / ".cache/online.json",
        more.pop("now", NOW),
        asker(),
        **more,
    )


def test_each_place_that_links_to_what_is_not_there_is_a_problem(
    publication: Publication, server: Server
) -> None:
    server.answers = {"/200": partial(status, 200), "/500": partial(status, 500)}
    publication.article(
        "000-a", f"[x]({server.url}/no#a)\n[y]({server.url}/200)\n<{server.url}/no>\n"
    )
    publication.article("001-b", f"[x][r] [z]({server.url}/500)\n\n[r]: {server.url}/no#b\n")
    found = check(publication)
    assert {(one.where, one.code) for one in found.problems} == {
        ("content/000-a.md:7:5", Code.BROKEN_LINK),
        ("content/000-a.md:9:2", Code.BROKEN_LINK),
        ("content/001-b.md:9:6", Code.BROKEN_LINK),
    }
    assert {one.message for one in found.problems} == {
        f"`{server.url}/no{mark}` answers with status 404" for mark in ("", "#a", "#b")
    }
    [line] = found.not_known
    address = f"`{server.url}/500`"
    assert line == f"content/001-b.md:7:12: not known: {address} answers with status 500"
    assert [path for _, path in server.asked].count("/no") == 2  # HEAD and GET, for three places


def test_neither_the_site_itself_nor_other_schemes_are_asked_for(publication: Publication) -> None:
    publication.article(
        "000-a", "## A\n\n[a](#a) [b](https://example.org/series/a.html) [c](mailto:a@b.example)\n"
    )
    assert check(publication) == outside.Found((), ())
    assert json.loads(kept.read(publication.root / ".cache/online.json") or b"") == {}


def test_what_is_there_is_not_asked_for_again_within_a_week(
    publication: Publication, server: Server
) -> None:
    server.answers = {"/200": partial(status, 200)}
    publication.article("000-a", f"[x]({server.url}/200) [y]({server.url}/no)\n")
    check(publication)
    server.asked.clear()
    check(publication, now=NOW + timedelta(days=6))
    assert server.asked == [("HEAD", "/no"), ("GET", "/no")]
    server.asked.clear()
    check(publication, now=NOW + timedelta(days=8))
    assert ("HEAD", "/200") in server.asked


@pytest.mark.parametrize("content", [b"\xff", b"[]", b'{"a": "b"}', b"{"])
def test_a_memory_that_can_not_be_read_is_none(publication: Publication, content: bytes) -> None:
    publication.article("000-a")
    publication.write(".cache/online.json", content)
    assert check(publication) == outside.Found((), ())


def test_it_is_told_how_far_it_is(publication: Publication, server: Server) -> None:
    publication.article("000-a", f"[x]({server.url}/1) [y]({server.url}/2)\n")
    told: list[tuple[int, int]] = []
    check(publication, progress=lambda done, count: told.append((done, count)))
    assert told == [(1, 2), (2, 2)]


def test_an_author_asks_for_it(publication: Publication, server: Server) -> None:
    publication.article("000-a", f"[x]({server.url}/no)\n")
    publication.article("001-b", f"[x]({server.url}/zzz)\n")
    server.answers = {"/zzz": partial(status, 429)}
    assert publication.run("check").returncode == 0
    assert server.asked == []
    done = publication.run("check", "--online")
    assert done.returncode == 1
    assert "content/000-a.md:7:5: broken-link: `" in done.stderr
    assert "1 problem; nothing was changed" in done.stderr
    assert publication.run("check", "--online", "content/001-b.md").returncode == 0
    [agent] = server.agents
    assert agent.endswith(" (checks links of https://example.org/series)")


def test_what_nobody_knows_is_a_warning(publication: Publication, server: Server) -> None:
    publication.article("000-a", f"[x]({server.url}/500)\n")
    server.answers = {"/500": partial(status, 500)}
    done = publication.run("check", "--online")
    assert done.returncode == 0
    assert "warning: content/000-a.md:7:5: not known: `" in done.stderr
    told = json.loads(publication.run("check", "--online", "--format", "json").stdout)
    assert told["problems"] == []
    said = publication.run("check", "--online", "--format", "github").stdout
    assert "::warning::content/000-a.md:7:5: not known: `" in said


def test_it_does_not_go_with_an_update(publication: Publication) -> None:
    publication.article("000-a")
    assert publication.run("check", "--online", "--update").returncode == 2
