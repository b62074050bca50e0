"""A preview is what a reader would get, as of now."""

import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from threading import Event

import feedparser
import pytest

from press import hosting, pipeline, preview, rebuilding
from press.watching import Watch
from tests.conftest import REPOSITORY, SERIES, Publication
from tests.press.previewing import Client, previewed


@pytest.fixture
def client(publication: Publication) -> Iterator[Client]:
    publication.article("000-a", "Its text. " * 200)
    with previewed(publication.root) as made:
        yield made


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
def test_it_serves(client: Client, path: str, status: int, media_type: str) -> None:
    answer, content = client.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, media_type)
    assert content
    head, nothing = client.get(path, "HEAD")
    assert (head.status, nothing) == (status, b"")
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]


def test_the_host_alone_leads_to_the_series(client: Client) -> None:
    answer, _ = client.get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/series/")


def test_a_folder_is_found_without_its_slash(client: Client, publication: Publication) -> None:
    publication.article("001-b", aliases="[/old/]")
    client.until_it_says("/series/old/", "b.html")
    answer, _ = client.get("/series/old")
    assert (answer.status, answer.headers["Location"]) == (302, "/series/old/")


def test_it_sends_what_a_host_would_send(client: Client) -> None:
    page, _ = client.get("/series/a.html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    # But for how long it holds: the next build may differ.
    for path in ("/series/a.html", "/series/assets/style.css", "/series/feed.xml"):
        assert client.get(path)[0].headers.get_all("Cache-Control") == ["no-cache"]


def test_the_search_is_indexed_when_it_is_asked_for(
    client: Client, publication: Publication
) -> None:
    pytest.importorskip("pagefind")

    def indexes() -> list[Path]:
        return [*publication.root.glob(".cache/search-*.zip")]

    client.get("/series/a.html")
    assert indexes() == []
    assert b"page:query" in client.get("/series/search.html")[1]
    [first] = indexes()
    assert client.get("/series/pagefind/pagefind.js")[0].status == 200
    publication.article("000-a", "Another text.\n")
    client.until_it_says("/series/a.html", "Another text.")
    assert indexes() == [first]
    client.get("/series/search.html")
    assert indexes() != [first]


def test_what_is_known_already_is_not_sent_again(client: Client) -> None:
    for coding in ("identity", "gzip"):
        answer, content = client.get("/series/a.html", Accept_Encoding=coding)
        tag = answer.headers["ETag"]
        again, nothing = client.get(
            "/series/a.html", Accept_Encoding=coding, If_None_Match=f'"x", {tag}'
        )
        assert (again.status, nothing, again.headers["ETag"]) == (304, b"", tag)
        assert b"Its text." in (gzip.decompress(content) if coding == "gzip" else content)


def test_who_has_any_of_it_is_not_sent_it_again(client: Client) -> None:
    again, nothing = client.get("/series/a.html", If_None_Match="*")
    assert (again.status, nothing) == (304, b"")
    assert client.get("/series/gone.html", If_None_Match="*")[0].status == 404


CODINGS = {
    "gzip": "gzip", "br, GZIP;q=0.5": "gzip", "gzip;q=1, *;q=0": "gzip", "gzip;q=0.001": "gzip",
    "gzip;q=0": None, "gzip ; Q=0.00, identity": None, "br": None, "": None,
}  # fmt: skip


@pytest.mark.parametrize("accepted", CODINGS)
def test_a_page_is_packed_for_who_accepts_it(client: Client, accepted: str) -> None:
    answer, _ = client.get("/series/a.html", Accept_Encoding=accepted)
    assert answer.headers["Content-Encoding"] == CODINGS[accepted]


def test_a_feed_is_fetched_once(client: Client) -> None:
    address = f"http://127.0.0.1:{client.port}/series/feed.xml"
    first = feedparser.parse(address)
    assert (first.status, len(first.entries)) == (200, 1)
    assert feedparser.parse(address, etag=first.etag).status == 304


def test_what_has_changed_is_built_again(client: Client, publication: Publication) -> None:
    before, _ = client.get("/series/a.html")
    publication.article("001-b", "Not out yet.\n", draft="true")
    publication.article("000-a", "Another text.\n")
    client.until_it_says("/series/a.html", "Another text.")
    after, _ = client.get("/series/a.html", If_None_Match=before.headers["ETag"])
    assert after.status == 200
    client.until_it_says("/series/b.html", "Not out yet.")
    assert re.fullmatch(r"built 1 article in \d+\.\d\d s", client.said[0])
    # An article that was saved is shown before all is built.
    client.until(lambda: client.said[-1].startswith("built 2 articles in "))


@pytest.mark.parametrize("path", ["series.toml", "templates/assets/style.css"])
def test_whatever_is_read_is_watched(client: Client, publication: Publication, path: str) -> None:
    text = SERIES.replace("A Series", "renamed") if path == "series.toml" else "/* renamed */"
    publication.write(path, text)  # the folder of templates is new
    shown = "/series/" if path == "series.toml" else "/series/assets/style.css"
    client.until_it_says(shown, "renamed")


def test_what_can_not_be_built_leaves_what_was_there(
    client: Client, publication: Publication
) -> None:
    publication.article("000-a", "[<i>nowhere</i>](001-b.md)\n")
    page = client.until_it_says("/series/a.html", "1 problem<")
    assert "Its text." in page
    [problem] = publication.problems()
    lines = [escape(line.strip(), quote=False) for line in str(problem).splitlines()]
    assert all(line in page.replace("&#39;", "'") for line in lines[1:])
    assert "<strong>content/000-a.md:7:18</strong>: broken-link: " in page
    assert "<i>nowhere</i>" not in page
    with client.listening() as events:
        before = events.next()
        publication.article("000-a", "[<i>nowhere</i>](001-b.md)\n\nMore.\n")
        assert events.next() != before
    assert client.said[1:] == [str(problem)]  # told once
    publication.article("000-a", "Mended.\n")
    assert "problem" not in client.until_it_says("/series/a.html", "Mended.")
    assert "problem" not in client.state("/series/a.html")["html"]


def test_before_there_is_a_site_it_shows_what_is_wrong(publication: Publication) -> None:
    publication.article("000-a", "[nowhere](001-b.md)\n")
    with previewed(publication.root) as client:
        for path in ("/", "/series/", "/series/a.html", "/__/", "/anything"):
            answer, content = client.get(path)
            assert answer.status == 503
            assert b"broken-link" in content
            assert b"Nothing could be built yet" in content
        before = client.state("/series/a.html")["page"]
        publication.article("000-a")
        client.until_it_says("/series/a.html", "Text.")
        assert client.state("/series/a.html")["page"] != before


def test_a_publication_without_a_readable_address_can_be_previewed(
    publication: Publication,
) -> None:
    publication.write("series.toml", "title = [\n")
    with previewed(publication.root) as client:
        assert "series.toml:" in client.text("/")
        publication.write("series.toml", SERIES)
        publication.article("000-a")
        client.until_it_says("/series/a.html", "Text.")


def test_an_address_that_is_gone_before_there_is_a_site_is_told(publication: Publication) -> None:
    publication.write("content/000-a.md", "no front matter\n")
    with previewed(publication.root) as client:
        assert b"content/000-a.md" in client.get("/series/")[1]
        (publication.root / "series.toml").unlink()
        client.until_it_says("/series/", "series.toml")
        assert not [one for one in client.said if "Traceback" in one]
        publication.write("series.toml", SERIES)
        publication.article("000-a")
        client.until_it_says("/series/a.html", "Text.")


def test_each_preview_has_a_site_of_its_own(publication: Publication) -> None:
    publication.article("000-a")
    publication.article("001-b", draft="true")
    with previewed(publication.root) as one, previewed(publication.root, drafts=False) as other:
        for words in ("Once.", "Twice."):
            publication.article("000-a", words)
            for client in (one, other):
                client.until_it_says("/series/a.html", words)
            assert one.get("/series/b.html")[0].status == 200
            assert other.get("/series/b.html")[0].status == 404
    # The next one begins with what the first has built.
    found = rebuilding.OnDisk(publication.root).build(datetime.now(UTC), index=False)
    assert isinstance(found.files, hosting.Folder)
    assert found.files.path == publication.root / ".cache/preview/site"


def delete(folder: Path) -> None:
    """Delete a folder, though a build may be writing into it."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def test_a_build_ends_before_its_preview_has(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes into a folder that another one may have then."""
    publication.article("000-a", "Before.\n")
    monkeypatch.setattr(preview, "PARTING", 60.0)
    built, begun, ending, done = pipeline.build, Event(), Event(), Event()

    def late(*args: object, **more: object) -> pipeline.Built:
        begun.set()
        assert ending.wait(30)
        made = built(*args, **more)  # type: ignore[arg-type]
        done.set()
        return made

    def close(watch: Watch) -> None:
        closed(watch)
        ending.set()

    closed = Watch.close
    monkeypatch.setattr(Watch, "close", close)
    with previewed(publication.root):
        monkeypatch.setattr(pipeline, "build", late)
        publication.article("000-a", "After.\n")
        assert begun.wait(30)
    assert done.is_set()


@pytest.mark.parametrize("folder", [".cache", ".cache/preview", ".cache/preview/site"])
def test_what_it_has_built_may_be_deleted(
    client: Client, publication: Publication, folder: str
) -> None:
    for path in ("/series/a.html", "/series/assets/style.css", "/series/search.html", "/__/"):
        before = client.get(path)[0]
        delete(publication.root / folder)
        after = client.get(path)[0]
        assert (after.status, after.headers["ETag"]) == (200, before.headers["ETag"])
    delete(publication.root / folder)
    publication.article("000-a", "Another text.\n")
    client.until_it_says("/series/a.html", "Another text.")
    assert not [one for one in client.said if "Traceback" in one]
    # It is held again: another one has a site of its own.
    with previewed(publication.root):
        assert (publication.root / ".cache/preview-2/site").is_dir()


def test_another_preview_may_have_taken_what_was_deleted(publication: Publication) -> None:
    publication.article("000-a")
    publication.article("001-b", draft="true")
    with previewed(publication.root) as one:
        delete(publication.root / ".cache")
        with previewed(publication.root, drafts=False) as other:
            for _ in range(2):
                assert one.get("/series/b.html")[0].status == 200
                assert other.get("/series/b.html")[0].status == 404


def test_what_is_wrong_is_shown_where_what_was_built_is_deleted(
    client: Client, publication: Publication
) -> None:
    publication.article("000-a", "[nowhere](001-b.md)\n")
    client.until_it_says("/series/a.html", "broken-link")
    shutil.rmtree(publication.root / ".cache")
    for path in ("/series/a.html", "/series/"):
        answer, content = client.get(path)
        assert answer.status == 503
        assert b"broken-link" in content
    publication.article("000-a", "Mended.\n")
    client.until_it_says("/series/a.html", "Mended.")


def test_where_the_cache_can_not_be_written_nothing_is_left(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    publication.article("000-a")
    publication.write(".cache", "no folder")
    with previewed(publication.root) as client:
        assert "Text." in client.text("/series/a.html")
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.glob("proofpress-*"))


def test_pages_are_shown_when_nobody_listens_to_what_is_told(publication: Publication) -> None:
    def tell(_: str) -> None:
        raise BrokenPipeError

    publication.article("000-a")
    shown = preview.of(publication.root, drafts=True, tell=tell)
    with preview.served(shown, 0) as server:
        client = Client(server.server_port)
        for words in ("Once.", "Twice."):
            publication.article("000-a", words)
            client.until_it_says("/series/a.html", words)


def test_what_a_build_leaves_out_is_marked(publication: Publication) -> None:
    publication.article("000-a")
    publication.article("001-b", title="'<b>B'", draft="true")
    publication.article("002-c", date="2999-01-01")
    with previewed(publication.root) as client:
        assert "Draft: a build leaves it out" in client.text("/series/b.html")
        assert "leaves it out until 2999-01-01 00:00" in client.text("/series/c.html")
        for path in ("/series/a.html", "/series/"):
            assert "leaves it out" not in client.text(path)
        home = client.text("/__/")
        assert '<a href="/series/b.html">&lt;b&gt;B</a>, a draft' in home
        assert "scheduled for 2999-01-01 00:00" in home
        assert (
            client.get("/__/")[0]
            .headers["Content-Security-Policy"]
            .startswith("default-src 'none'; script-src 'self'")
        )
    with previewed(publication.root, drafts=False) as client:
        assert client.get("/series/b.html")[0].status == 404
        assert client.get("/series/c.html")[0].status == 404


def test_an_article_is_out_when_its_time_has_come(publication: Publication) -> None:
    publication.article("000-a")
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    publication.article("001-b", date=soon.isoformat())
    with previewed(publication.root, drafts=False) as client:
        assert client.get("/series/b.html")[0].status == 404 or datetime.now(UTC) >= soon
        client.until_it_says("/series/b.html", "Text.")
        assert datetime.now(UTC) >= soon


def test_a_folder_gives_the_files_that_lie_in_it(publication: Publication) -> None:
    publication.write("site/a/b.html", "B")
    files = hosting.Folder(publication.root / "site")
    assert dict(files) == {"a/b.html": b"B"}
    assert len(files) == 1
    for name in ("a", "", "/", "../series.toml", "a/../a/b.html", "/etc/passwd", "a\0b", "gone"):
        assert name not in files
        with pytest.raises(KeyError):
            files[name]
    assert "x" * 300 not in files


def test_a_file_that_goes_as_it_is_asked_for_is_none(
    client: Client, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosting.Folder, "__contains__", lambda _, name: name == "gone.html")
    with pytest.raises(KeyError):
        hosting.Folder(publication.root)["gone.html"]
    assert client.get("/series/gone.html")[0].status == 404


STRANGE = [
    ("/series/" + "a" * 300 + ".html", "127.0.0.1", 404),
    ("/__state/series/" + "a" * 300, "127.0.0.1", 200),
    ("/series/" + "a/" * 3000, "127.0.0.1", 404),
    ("/__feed/atom.xml//" + "9" * 5000, "127.0.0.1", 404),
    ("/__feed/atom.xml//1", "127.0.0.1", 404),
    ("/__feed/atom.xml//0", "127.0.0.1", 200),
    ("/series/a.html", "[", 400),
    ("http://[/series/", "127.0.0.1", 400),
]


@pytest.mark.parametrize(("path", "host", "status"), STRANGE)
def test_each_request_has_an_answer(client: Client, path: str, host: str, status: int) -> None:
    assert client.get(path, Host=host)[0].status == status


def test_nothing_of_a_preview_is_in_what_is_built(client: Client, publication: Publication) -> None:
    publication.build()
    assert "preview.js" in client.text("/series/a.html")
    assert client.text("/__/preview.js").startswith("// Keeps a page")
    assert not [one for one in publication.root.rglob("site/**/*.html") if "/__" in one.read_text()]
    own = re.compile(r"<link[^>]*/__/.*?</script>\n|<div id=\"page:preview\">.*</div>\n", re.DOTALL)
    assert own.sub("", client.text("/series/a.html")) == publication.page("a.html")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", ""])
def test_by_another_name_it_says_nothing(client: Client, host: str) -> None:
    for path in ("/series/a.html", "/__/", "/__events", "/__state/series/a.html"):
        answer, content = client.get(path, Host=host)
        assert (answer.status, content) == (403, b"not here\n")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
def test_it_has_several_names(client: Client, host: str) -> None:
    assert client.get("/series/a.html", Host=host)[0].status == 200


def test_as_a_command_it_says_where_it_is_and_ends_on_an_interrupt(
    publication: Publication,
) -> None:
    publication.article("000-a")
    with command(publication) as (running, client), client.listening() as events:
        client.until_it_says("/series/a.html", "Text.")
        assert events.next()
        taken = publication.run("preview", "--port", str(client.port))
        assert (taken.returncode, taken.stdout) == (1, "")
        assert f"can't serve at port {client.port}" in taken.stderr
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130
        assert running.stderr
        assert running.stderr.read().splitlines()[1:] == ["interrupted"]
        while events.next():
            pass  # it ends with the preview


def test_an_interrupt_ends_an_example_that_runs(publication: Publication) -> None:
    publication.article("000-a", "```python timeout=60\nimport time\n\ntime.sleep(50)\n```\n")
    with command(publication) as (running, client):
        client.until_it_says("/series/a.html", "Being proven")
        running.send_signal(signal.SIGINT)
        assert running.wait(25) == 130


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux sends a signal to one thread of another process"
)
@pytest.mark.parametrize("body", ["```python timeout=60\nimport time\ntime.sleep(50)\n```\n", ""])
def test_an_interrupt_may_come_to_any_thread(publication: Publication, body: str) -> None:
    publication.article("000-a", f"{body}Its text.\n")
    with command(publication) as (running, client):
        client.until_it_says("/series/a.html", "Being proven" if body else "Its text.")
        threads = sorted(int(one.name) for one in Path(f"/proc/{running.pid}/task").iterdir())
        threads.remove(running.pid)
        os.kill(threads[0], signal.SIGINT)
        assert running.wait(25) == 130


def test_the_command_brings_the_mails(publication: Publication) -> None:
    publication.article("000-a", "Its text.\n")
    with command(publication) as (running, client):
        client.until_it_says("/series/a.html", "Its text.")
        assert "Its text." in client.text("/__mail/new-a/body.html")
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130


@contextmanager
def command(publication: Publication) -> Iterator[tuple["subprocess.Popen[str]", Client]]:
    """The author's command, and where it serves."""
    with subprocess.Popen(
        [sys.executable, str(REPOSITORY / "build.py"), "preview", "--port", "0"],
        cwd=publication.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={"PATH": "", "PYTHONUNBUFFERED": "1"},
    ) as running:  # fmt: skip
        try:
            assert running.stdout
            found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/series/\n", running.stdout.readline())
            assert found
            yield running, Client(int(found[1]))
        finally:
            running.kill()
