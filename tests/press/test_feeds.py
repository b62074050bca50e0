"""What readers of feeds get: well-formed, whole, stable, newest first."""

from typing import Any

import feedparser
import pytest

from press import feeds, markup
from press.feeds import Feed, rss
from press.model import Site
from press.problems import Code
from tests.conftest import NOW, SERIES, Publication

FORMATS = feeds.formats()
HOSTILE = "Iterators & <generics> ]]> \"q\" 's' 😀 &amp; </title>"


def read(publication: Publication) -> Any:
    edition = publication.make()
    content = next(o.content for o in edition.outputs if o.path == rss.PATH)
    parsed = feedparser.parse(content, sanitize_html=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def entries(publication: Publication) -> list[str]:
    return [entry.title for entry in read(publication).entries]


def test_it_describes_the_series(publication: Publication) -> None:
    publication.article("000-a", updated="2026-02-03")
    parsed = read(publication)
    assert parsed.version == "rss20"
    assert (parsed.feed.title, parsed.feed.language) == ("A Series", "en")
    assert parsed.feed.subtitle == "What it is about."
    assert parsed.feed.link == "https://example.org/series/"
    assert parsed.feed.updated_parsed[:3] == (2026, 2, 3)
    own = [link.href for link in parsed.feed.links if link.rel == "self"]
    assert own == ["https://example.org/series/feed.xml"]


def test_it_holds_an_article_whole(publication: Publication) -> None:
    publication.article(
        "000-a", "*All* of it.\n", title="T", date="2026-01-02T03:04:05+02:00",
        authors="[X, Y]", tags="[rust, c&c]",
    )  # fmt: skip
    [entry] = read(publication).entries
    assert (entry.title, entry.summary) == ("T", "About it.")
    assert entry.link == "https://example.org/series/a.html"
    assert entry.published_parsed[:6] == (2026, 1, 2, 1, 4, 5)
    assert [tag.term for tag in entry.tags] == ["rust", "c&c"]
    assert {author.name for author in entry.authors} >= {"X"}
    assert entry.content[0].value == "<p><em>All</em> of it.</p>"


def test_its_ids_stay_whatever_else_changes(publication: Publication) -> None:
    publication.article("000-a", id="stable")
    [before] = read(publication).entries
    (publication.root / "content/000-a.md").unlink()
    publication.article("007-b", id="stable", title="Another", date="2026-02-02", slug="other")
    publication.write("series.toml", SERIES.replace("example.org/series", "example.com/moved"))
    [after] = read(publication).entries
    assert before.id == after.id == "tag:example.org,2026:series/stable"
    assert after.link == "https://example.com/moved/other.html"


def test_it_begins_with_the_newest(publication: Publication) -> None:
    publication.article("000-a", date="2026-01-02")
    publication.article("001-b", date="2026-01-03T00:00:00+14:00")
    publication.article("002-c", date="2026-01-03")
    publication.article("003-d", date="2026-01-03")
    assert entries(publication) == ["003-d", "002-c", "001-b", "000-a"]


def test_it_holds_thirty_at_most(publication: Publication) -> None:
    for number in range(32):
        publication.article(f"{number:03}-a{number}", date="2026-01-01")
    assert entries(publication) == [f"{number:03}-a{number}" for number in range(31, 1, -1)]


def test_it_holds_no_draft(publication: Publication) -> None:
    publication.article("000-a")
    publication.article("001-b", draft="true")
    publication.article("002-c", date="2030-01-01")
    assert entries(publication) == ["000-a"]


def test_each_of_its_addresses_is_whole(publication: Publication) -> None:
    publication.article("001-b", "## Part\n")
    publication.write("content/000-a/p q.png", "x")
    publication.article(
        "000-a/index",
        "[b](../001-b.md#part) ![p](p%20q.png) [s](#own)[^1] [h](/) [m](mailto:a@example.org)\n\n"
        "## Own\n\n[^1]: Note.\n\n<video poster='p%20q.png'></video>\n",
    )
    for entry in read(publication).entries:
        links, _ = markup.references(entry.content[0].value)
        assert all(link.startswith(("https://", "mailto:")) for link in links), links


@pytest.mark.parametrize("title", [HOSTILE, "<script>alert(1)</script>", "ü — 日本語 \u200f"])
def test_a_title_arrives_as_it_is(publication: Publication, title: str) -> None:
    quoted = "'" + title.replace("'", "''") + "'"
    publication.article("000-a", title=quoted, description=quoted, tags=f"[{quoted}]")
    [entry] = read(publication).entries
    assert (entry.title, entry.tags[0].term) == (title, title)
    page = publication.page("a.html")
    assert "<script>" not in page
    assert "<generics>" not in page


def test_hostile_code_arrives_as_it_is(publication: Publication) -> None:
    publication.article("000-a", "```text\n]]> <b>&amp;</b> <!-- \U0001f600\n```\n")
    [entry] = read(publication).entries
    assert "<code" in entry.content[0].value
    assert "]]&gt; &lt;b&gt;&amp;amp;&lt;/b&gt; &lt;!-- 😀" in entry.content[0].value


def made(publication: Publication) -> Site:
    publication.article("000-a", title="'" + HOSTILE.replace("'", "''") + "'")
    publication.article("001-b", date="2026-02-02")
    return publication.make().site


@pytest.mark.parametrize("feed", FORMATS, ids=[feed.PATH for feed in FORMATS])
class TestEveryFormat:
    """What every file of press/feeds must offer."""

    def test_it_has_a_path_and_type_of_its_own(self, feed: Feed) -> None:
        assert [other.PATH for other in FORMATS].count(feed.PATH) == 1
        assert "/" in feed.MEDIA_TYPE
        assert not feed.PATH.startswith("/")

    def test_it_is_the_same_every_time(self, feed: Feed, publication: Publication) -> None:
        site = made(publication)
        assert feed.render(site) == feed.render(site)

    def test_an_empty_series_is_the_same_every_time(
        self, feed: Feed, publication: Publication
    ) -> None:
        site = publication.make().site
        content = feed.render(site)
        assert content == feed.render(site)
        assert f"{NOW:%Y}".encode() not in content.replace(b"2026:series", b"")
        assert not feedparser.parse(content).entries

    def test_it_names_each_article_by_its_address(
        self, feed: Feed, publication: Publication
    ) -> None:
        content = feed.render(made(publication)).decode()
        assert "https://example.org/series/a.html" in content
        assert "https://example.org/series/b.html" in content

    def test_the_pages_link_to_it(self, feed: Feed, publication: Publication) -> None:
        publication.article("000-a")
        assert f'href="https://example.org/series/{feed.PATH}"' in publication.page("a.html")


def test_a_build_with_values_that_are_missing_tells_all_that_is_wrong(
    publication: Publication,
) -> None:
    """Its feeds are made all the same, of what stands for them."""
    publication.write("series.toml", "")
    publication.write("content/000-a.md", "---\ntags: [x]\n---\n[x](none.md)\n")
    found = {(problem.path, problem.code) for problem in publication.problems()}
    assert found == {
        ("series.toml", Code.MISSING_VALUE),
        ("content/000-a.md", Code.MISSING_VALUE),
        ("content/000-a.md", Code.BROKEN_LINK),
    }
