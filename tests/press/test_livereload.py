"""What tells a browser that its page has changed, and what a page of the preview shows."""

import json
from html import unescape
from threading import Thread

import pytest

from press import hosting, livereload, preview
from tests.conftest import PIXEL, Publication
from tests.press.previewing import previewed


def test_each_listener_hears_of_each_build_or_at_least_of_the_last() -> None:
    news = livereload.News()
    first, second = news.events(), news.events()
    assert next(first).startswith(b"retry: ")
    assert next(second).startswith(b"retry: ")
    assert next(first) == next(second) == b"data: 0\n\n"
    news.tell()
    assert next(first) == b"data: 1\n\n"
    news.tell()
    assert next(second) == b"data: 2\n\n"
    waiting = Thread(target=list, args=(first,))
    waiting.start()
    news.close()
    waiting.join(30)
    assert not waiting.is_alive()


def test_silence_is_broken_to_see_who_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livereload, "PAUSE", 0.01)
    events = livereload.News().events()
    assert [next(events) for _ in range(4)][1:] == [b"data: 0\n\n", b":\n\n", b":\n\n"]


HTML = (
    b'<link rel="stylesheet" href="../assets/a%20b.css?1"><script src="/s/assets/page.js"></script>'
    b'<img src="p.png"><a href="other.html">o</a><link href="feed.xml">'
    b'<img src="https://example.org/s/q.png"><a href="../../../etc/passwd.png">x</a>'
)
FILES = {
    "tags/a.html": HTML,
    "assets/a b.css": b"a",
    "assets/page.js": b"b",
    "tags/p.png": b"c",
    "tags/other.html": b"d",
    "tags/feed.xml": b"e",
    "q.png": b"f",
}


def test_a_page_has_the_state_of_what_it_is_made_of() -> None:
    tags = livereload.Tags(FILES)
    before = livereload.state("tags/a.html", HTML, tags, "/s/")
    assert list(before.styles) == ["/s/assets/a%20b.css"]
    differ = set()
    for path in FILES:
        files = {**FILES, path: FILES[path] + b" "}
        content, after = files["tags/a.html"], tags.after(files, {path})
        state = livereload.state("tags/a.html", content, after, "/s/")
        differ |= {f"page {path}"} if state.page != before.page else set()
        differ |= {f"style {path}"} if state.styles != before.styles else set()
    assert differ == {
        "page tags/a.html", "page assets/page.js", "page tags/p.png", "style assets/a b.css",
    }  # fmt: skip


def test_a_name_is_worked_out_again_only_for_what_has_changed() -> None:
    tags = livereload.Tags({"a": b"1", "b": b"1"})
    first = tags.of("a"), tags.of("b")
    after = tags.after({"a": b"2", "b": b"2"}, {"a"})
    assert after.of("a") != first[0]
    assert after.of("b") == first[1]  # as it was told


def test_of_another_page_nothing_changes(publication: Publication) -> None:
    publication.article("000-a/index", "![p](p.png)\n")
    publication.write("content/000-a/p.png", PIXEL)
    publication.article("001-b", "Words.\n")
    with previewed(publication.root) as client:
        pages = [f"/series/{name}" for name in ("a.html", "b.html", "tags.html", "gone.html")]
        before = [client.state(path) for path in pages]
        publication.article("001-b", "Other words.\n")
        client.until_it_says("/series/b.html", "Other words.")
        after = [client.state(path) for path in pages]
        assert [one == other for one, other in zip(before, after, strict=True)] == [
            True, False, True, True,
        ]  # fmt: skip
        publication.write("content/000-a/p.png", PIXEL + b"more")
        client.until(lambda: client.state(pages[0]) != before[0])
        publication.write("templates/assets/style.css", "p { --not-ours: 1 }")
        client.until(lambda: client.state(pages[2])["styles"] != before[2]["styles"])
        assert client.state(pages[2])["page"] == before[2]["page"]
        assert "--not-ours" in client.text("/series/assets/style.css")


def test_a_page_that_is_read_before_a_build_has_the_state_of_what_was_read(
    publication: Publication,
) -> None:
    """Else who has the old page would keep it."""
    publication.article("000-a", "Before.\n")
    shown = preview.of(publication.root, drafts=True, tell=lambda _: None)
    shown.build()

    class Slow(hosting.Folder):
        def __getitem__(self, name: str) -> bytes:
            content = hosting.Folder(self.path)[name]
            publication.article("000-a", "After.\n")
            shown.build()
            return content

    assert isinstance(shown.files, hosting.Folder)
    shown.files = Slow(shown.files.path)
    pages = [shown.shown("a.html").content.decode() for _ in range(2)]
    assert ["After." in page for page in pages] == [False, True]
    states = [json.loads(unescape(page.split('data-state="')[1].split('"')[0])) for page in pages]
    now = shown.own("/__state/series/a.html")
    assert now
    assert [one["page"] == json.loads(now.content)["page"] for one in states] == [False, True]


def test_what_is_the_same_after_a_restart_is_the_same(publication: Publication) -> None:
    publication.article("000-a")
    states = []
    for _ in range(2):
        with previewed(publication.root) as client:
            states.append(client.state("/series/a.html"))
    assert states[0] == states[1]
