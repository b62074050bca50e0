"""Whether a site is live: looked at as its readers would see it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from press.live import Live, NotLive
from tests.press.targets import shown, staged
from tests.press.worlds import serving

FILES = {
    "index.html": b"<p>series",
    "a.html": b"<p>a",
    "404.html": b"<p>not here",
    "old/index.html": b"<p>moved",
    "older.html": b"<p>moved",
    "_redirects": b"/old/index.html /a.html 301!\n/old/ /a.html 301!\n/older.html /a.html 301!\n",
    "feed.xml": b"<rss/>",
    "assets/style.css": b"p {}",
}


@dataclass
class Host:
    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    """Path, from its slash -> content."""
    led: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            to, body = made.led.get(self.path), made.files.get(self.path)
            self.send_response(301 if to else 200 if body is not None else 404)
            if to:
                self.send_header("Location", to)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as made.url:
        yield made


@pytest.fixture
def live(host: Host, tmp_path: Path) -> Live:
    load = staged(tmp_path, FILES)
    host.files = {f"/{path}": content for path, content in shown(load).items()}
    host.files["/"] = host.files["/index.html"]
    return Live(host.url, load, tmp_path / "live.json")


def see(live: Live, wait: float = 0) -> int:
    return live.see(wait, lambda _done, _count: None)


def test_pages_and_feeds_are_seen_but_not_what_hosts_lead_away_from(live: Live, host: Host) -> None:
    assert see(live) == 3
    assert set(host.asked) == {"/manifest.json", "/", "/a.html", "/feed.xml"}
    host.asked.clear()
    assert see(live) == 0
    assert set(host.asked) == {"/manifest.json"}


def test_a_redirect_within_the_host_is_followed(live: Live, host: Host) -> None:
    host.files["/a"] = host.files.pop("/a.html")
    host.led = {"/a.html": "/a"}
    assert see(live) == 3


@pytest.mark.parametrize("to", ["http://localhost:1/a", "/a.html", "ftp://127.0.0.1/"])
def test_no_other_redirect_is(live: Live, host: Host, to: str) -> None:
    host.led = {"/a.html": to}
    with pytest.raises(NotLive, match="it answers with status 301"):
        see(live)


def test_it_waits_as_long_as_it_may(live: Live, host: Host) -> None:
    page = host.files.pop("/a.html")
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            host.files["/a.html"] = page

    live.sleep = sleep
    assert see(live, 100) == 3
    assert [round(seconds) for seconds in waited] == [1, 2, 4]


def test_each_page_that_is_late_is_named_up_to_a_number(live: Live, host: Host) -> None:
    host.files = {"/manifest.json": host.files["/manifest.json"]}
    with pytest.raises(NotLive) as error:
        see(live)
    assert [one.path for one in error.value.problems] == [
        f"{host.url}/", f"{host.url}/a.html", f"{host.url}/feed.xml",
    ]  # fmt: skip


def test_what_was_seen_is_looked_at_again_where_a_host_has_gone_back(
    live: Live, host: Host
) -> None:
    assert see(live) == 3
    ours, host.files["/manifest.json"] = host.files["/manifest.json"], b"that of before"
    with pytest.raises(NotLive, match=r"manifest\.json: not-live: it is not as it was built"):
        see(live)
    live.sleep = lambda _: host.files.update({"/manifest.json": ours})
    assert see(live, 100) == 3
