"""The server of these tests answers as a good host does."""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.serving import POLICY, served


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("<!doctype html><title>ü</title>" + "x" * 2000)
    (tmp_path / "site/feed.xml").write_text("<rss/>")
    (tmp_path / "site/404.html").write_text("lost")
    (tmp_path / "secret.txt").write_text("secret")
    headers = "# of feeds\n/feed.xml\n  Content-Type: application/rss+xml; charset=utf-8\n"
    (tmp_path / "site/_headers").write_text(headers + "\n/*\n  X-Of: all\n")
    with served(tmp_path / "site", "/series") as url:
        yield urlsplit(url).netloc


def get(host: str, path: str, **headers: str) -> HTTPResponse:
    connection = HTTPConnection(host)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", f"/series{path}", headers=names)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_a_page_has_its_type_its_policy_and_a_validator(host: str) -> None:
    answer = get(host, "/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert get(host, "/", If_None_Match=answer.headers["ETag"]).status == 304
    assert get(host, "/", If_None_Match='"other"').status == 200


def test_text_is_compressed_for_who_takes_it(host: str) -> None:
    plain, packed = get(host, "/"), get(host, "/", Accept_Encoding="gzip, br")
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])


def test_the_headers_that_a_site_asks_for_are_sent(host: str) -> None:
    answer = get(host, "/feed.xml")
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert answer.headers["X-Of"] == "all"
    assert get(host, "/").headers["X-Of"] == "all"


@pytest.mark.parametrize(
    "path", ["/nothing.html", "/../secret.txt", "/%2e%2e/secret.txt", "/../index.html"]
)
def test_what_is_not_there_is_answered_by_the_page_for_that(host: str, path: str) -> None:
    answer = get(host, path)
    assert (answer.status, answer.headers["Content-Length"]) == (404, "4")
