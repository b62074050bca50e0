"""A preview is what a reader would get, as of now."""

import gzip
import http.client
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import feedparser
import pytest

from press import hosting, preview
from tests.conftest import REPOSITORY, Publication


class Browser:
    """Asks a preview for pages."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.said: list[str] = []

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content


@pytest.fixture
def browser(publication: Publication) -> Iterator[Browser]:
    publication.article("000-a", "Its text. " * 200)
    said: list[str] = []
    server = hosting.server(
        preview.Preview(root=publication.root, drafts=True, tell=said.append), 0
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    made = Browser(server.server_port)
    made.said = said
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


PAGES = [
    ("/series/", 200, "text/html; charset=utf-8"),
    ("/series/a.html", 200, "text/html; charset=utf-8"),
    ("/series/a.html?from=mail", 200, "text/html; charset=utf-8"),
    ("/series/assets/style.css", 200, "text/css; charset=utf-8"),
    ("/series/assets/page.js", 200, "text/javascript; charset=utf-8"),
    ("/series/feed.xml", 200, "application/rss+xml; charset=utf-8"),
    ("/series/atom.xml", 200, "application/atom+xml; charset=utf-8"),
    ("/series/feed.json", 200, "application/feed+json; charset=utf-8"),
    ("/series/feeds.opml", 200, "text/x-opml; charset=utf-8"),
    ("/series.toml", 404, "text/html; charset=utf-8"),
    ("/a.html", 404, "text/html; charset=utf-8"),
    ("/series/../series/a.html", 200, "text/html; charset=utf-8"),
    ("/series/gone.html", 404, "text/html; charset=utf-8"),
    ("/series/../series.toml", 404, "text/html; charset=utf-8"),
    ("/series/%2e%2e/series.toml", 404, "text/html; charset=utf-8"),
    ("/etc/passwd", 404, "text/html; charset=utf-8"),
]


@pytest.mark.parametrize(("path", "status", "media_type"), PAGES)
def test_it_serves(browser: Browser, path: str, status: int, media_type: str) -> None:
    answer, content = browser.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, media_type)
    assert content
    head, nothing = browser.get(path, "HEAD")
    assert (head.status, nothing) == (status, b"")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]


def test_the_host_alone_leads_to_the_series(browser: Browser) -> None:
    answer, _ = browser.get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/series/")


def test_a_folder_is_found_without_its_slash(browser: Browser, publication: Publication) -> None:
    publication.article("001-b", aliases="[/old/]")
    assert b"b.html" in browser.get("/series/old/")[1]
    answer, _ = browser.get("/series/old")
    assert (answer.status, answer.headers["Location"]) == (302, "/series/old/")


def test_it_sends_what_a_host_would_send(browser: Browser) -> None:
    page, _ = browser.get("/series/a.html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    # But for how long it holds: the next build may differ.
    for path in ("/series/a.html", "/series/assets/style.css", "/series/feed.xml"):
        assert browser.get(path)[0].headers.get_all("Cache-Control") == ["no-cache"]


def test_the_search_is_indexed_when_it_is_asked_for(
    browser: Browser, publication: Publication
) -> None:
    pytest.importorskip("pagefind")

    def indexes() -> list[Path]:
        return [*publication.root.glob(".cache/search-*.zip")]

    browser.get("/series/a.html")
    assert indexes() == []
    assert b"page:query" in browser.get("/series/search.html")[1]
    [first] = indexes()
    assert browser.get("/series/pagefind/pagefind.js")[0].status == 200
    publication.article("000-a", "Another text.\n")
    browser.get("/series/a.html")
    assert indexes() == [first]
    browser.get("/series/search.html")
    assert indexes() != [first]


def test_what_is_known_already_is_not_sent_again(browser: Browser) -> None:
    for coding in ("identity", "gzip"):
        answer, content = browser.get("/series/a.html", Accept_Encoding=coding)
        tag = answer.headers["ETag"]
        again, nothing = browser.get(
            "/series/a.html", Accept_Encoding=coding, If_None_Match=f'"x", {tag}'
        )
        assert (again.status, nothing, again.headers["ETag"]) == (304, b"", tag)
        assert b"Its text." in (gzip.decompress(content) if coding == "gzip" else content)


def test_a_feed_is_fetched_once(browser: Browser) -> None:
    address = f"http://127.0.0.1:{browser.port}/series/feed.xml"
    first = feedparser.parse(address)
    assert (first.status, len(first.entries)) == (200, 1)
    assert feedparser.parse(address, etag=first.etag).status == 304


def test_what_has_changed_is_built_again(browser: Browser, publication: Publication) -> None:
    before, _ = browser.get("/series/a.html")
    publication.article("000-a", "Another text.\n")
    publication.article("001-b", "Not out yet.\n", draft="true")
    after, content = browser.get("/series/a.html", If_None_Match=before.headers["ETag"])
    assert after.status == 200
    assert b"Another text." in content
    assert browser.get("/series/b.html")[0].status == 200
    assert browser.said == ["built 1 articles", "built 2 articles"]


def test_what_can_not_be_built_leaves_what_was_there(
    browser: Browser, publication: Publication
) -> None:
    publication.article("000-a", "[nowhere](001-b.md)\n")
    for _ in range(2):
        assert b"Its text." in browser.get("/series/a.html")[1]
    assert len(browser.said) == 2  # told once
    assert "broken-link" in browser.said[1]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_by_another_name_it_says_nothing(browser: Browser, host: str) -> None:
    answer, content = browser.get("/series/a.html", Host=host)
    assert answer.status == 403
    assert b"Its text." not in content


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
def test_it_has_several_names(browser: Browser, host: str) -> None:
    assert browser.get("/series/a.html", Host=host)[0].status == 200


def test_as_a_command_it_says_where_it_is_and_ends_on_an_interrupt(
    publication: Publication,
) -> None:
    publication.article("000-a")
    running = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "build.py"), "preview", "--port", "0"],
        cwd=publication.root, stdout=subprocess.PIPE, text=True,
        env={"PATH": "", "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert running.stdout
    said = running.stdout.readline()
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/series/\n", said)
    assert found
    assert Browser(int(found[1])).get("/series/a.html")[0].status == 200
    taken = publication.run("preview", "--port", found[1])
    assert (taken.returncode, taken.stdout) == (1, "")
    assert f"can't serve at port {found[1]}" in taken.stderr
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 130
    running.stdout.close()
