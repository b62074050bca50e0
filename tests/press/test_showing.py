"""The preview's own pages: each feed and each mail, as a reader would have them, and harmless."""

import email
import email.policy
import re
from html import unescape

import pytest

from newsletter import showing
from press import feedreading, feeds
from tests.conftest import NEWSLETTER, PIXEL, SERIES, Publication
from tests.press.previewing import previewed

HOSTILE = "'<script>alert(1)</script> & \"q\"'"
SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;q&#34;"
APP = 'app-url = "https://news.example.org"\n'
FEEDS = ["feed.xml", "atom.xml", "feed.json"]


@pytest.fixture
def hostile(publication: Publication) -> Publication:
    publication.article("000-a/index", "All *of* it. [b](../001-b.md) ![p](p.png)\n", title=HOSTILE,
                        tags="[x y]")  # fmt: skip
    publication.write("content/000-a/p.png", PIXEL)
    publication.article("001-b", draft="true", changes='[{date: 2026-02-01, note: "Mended."}]',
                        updated="2026-02-01")  # fmt: skip
    return publication


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_is_read_as_it_was_written(hostile: Publication, name: str) -> None:
    made = hostile.make(drafts=True)
    feed = feedreading.read(next(one.content for one in made.outputs if one.path == name))
    assert feed.title == "A Series"
    assert {one.title for one in feed.entries} == {HOSTILE[1:-1], "001-b"}
    [entry] = [one for one in feed.entries if one.title != "001-b"]
    assert entry.link == "https://example.org/series/a.html"
    assert entry.id == "tag:example.org,2026:series/a"
    assert "2026" in entry.date
    assert "<p>All <em>of</em> it." in entry.html


@pytest.mark.parametrize(
    "content", [b"", b"<rss>", b"<html/>", b"{", b"{}", b"<!DOCTYPE a [<!ENTITY b '1'>]><a>&c;</a>"]
)
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        feedreading.read(content)


def test_an_entry_leads_to_what_it_is_about() -> None:
    links = '<link rel="self" href="/self"/><link href="/a.html"/>'
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{links}</entry></feed>'
    [entry] = feedreading.read(atom.encode()).entries
    assert (entry.link, entry.title, entry.html) == ("/a.html", "", "")


def test_each_feed_is_shown(hostile: Publication) -> None:
    with previewed(hostile.root) as client:
        listed = re.findall(r'<li><a href="([^"]*)">', client.text("/__feed/"))
        made = [one.path for one in hostile.make(drafts=True).outputs if feeds.media_type(one.path)]
        assert len(listed) == len(made) == 2 * len(FEEDS)
        for path in listed:
            answer, content = client.get(f"/__feed/{path}")
            assert answer.status == 200
            assert SHOWN in content.decode()
            assert "<script>alert" not in content.decode()
            frames = re.findall(r'<iframe sandbox="([^"]*)"[^>]* src="([^"]*)"', content.decode())
            assert frames
            assert all("allow-scripts" not in sandbox for sandbox, _ in frames)
            bodies = [client.get(source) for _, source in frames]
            assert all(
                answer.headers["Content-Security-Policy"].startswith("sandbox allow-popups ")
                for answer, _ in bodies
            )
            assert any(b'src="/series/a/p.png"' in body for _, body in bodies)
        for path in ("gone.xml", "series.toml", "a.html", "feed.xml//9", "feed.xml//x"):
            assert client.get(f"/__feed/{path}")[0].status == 404


def test_each_mail_is_shown(hostile: Publication) -> None:
    hostile.write("series.toml", SERIES + NEWSLETTER + APP)
    with previewed(hostile.root, mails=showing.mails) as client:
        names = re.findall(r'<li><a href="([^"]*)/">', client.text("/__mail/"))
        assert names == [
            "new-b", "new-a", "update-b", "digest", "note-confirm", "note-welcome", "note-known",
            "note-settings", "note-moved",
        ]  # fmt: skip
        for name in names:
            page = client.text(f"/__mail/{name}/")
            assert "<script>alert" not in page
            assert "<dt>List-Id</dt>" in page or name.startswith("note-")
            assert re.search(r'<iframe sandbox="[a-z -]*"[^>]* src="body.html">', page)
            body, html = client.get(f"/__mail/{name}/body.html")
            assert body.headers["Content-Security-Policy"].startswith("sandbox allow-popups ")
            assert b"<base target" in html
            raw = email.message_from_bytes(
                client.get(f"/__mail/{name}/{name}.eml")[1], policy=email.policy.default
            )
            assert raw["To"] == "reader@example.org"
            assert unescape(re.findall(r"<h1>(.*)</h1>", page)[0]) == raw["Subject"]
        assert b'src="/series/a/p.png"' in client.get("/__mail/new-a/body.html")[1]
        assert "All *of* it." in client.text("/__mail/new-a/")
        assert "https://news.example.org/sample-subscriber" in client.text("/__mail/note-confirm/")
        assert client.get("/__mail/new-gone/")[0].status == 404
        assert client.get("/__mail/new-a/other")[0].status == 404


def test_it_says_why_there_is_no_mail(publication: Publication) -> None:
    publication.write("series.toml", SERIES)
    publication.article("000-a")
    with previewed(publication.root, mails=showing.mails) as client:
        page = client.text("/__mail/")
        assert "there is no table [newsletter]" in page
        publication.write("series.toml", SERIES + NEWSLETTER)
        client.until_it_says("/__mail/", 'href="new-a/"')
        publication.write("templates/email/announcement.html", "<p>\n{{ nothing }}")
        assert "templates/email/announcement.html:2:1" in client.text("/__mail/new-a/")


def test_it_says_where_nobody_makes_mails(publication: Publication) -> None:
    publication.article("000-a")
    with previewed(publication.root) as client:
        assert "nothing that could be sent" in client.text("/__mail/")


def test_a_feed_that_a_template_has_broken_is_named(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: bytes) -> feedreading.Feed:
        raise ValueError("it is <broken>")

    publication.article("000-a")
    with previewed(publication.root) as client:
        monkeypatch.setattr(feedreading, "read", broken)
        assert "It can't be read: it is &lt;broken&gt;." in unescape_quotes(
            client.text("/__feed/feed.xml")
        )


def unescape_quotes(text: str) -> str:
    return text.replace("&#39;", "'")
