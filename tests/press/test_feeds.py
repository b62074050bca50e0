"""What readers of feeds get: well-formed, whole, stable, newest first."""

import re
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest

from press import elements, feeds
from press.config import Config
from press.feeds import Format, rss
from press.model import Published, Site
from press.problems import Code
from tests.conftest import NOW, PIXEL, SERIES, Publication
from tests.press.test_channels import grown, published, whole

FORMATS = feeds.formats()
HOSTILE = "Iterators & <generics> ]]> \"q\" 's' 😀 &amp; </title>"


def read(publication: Publication) -> Any:
    edition = publication.make()
    content = next(o.content for o in edition.outputs if o.path == rss.NAME)
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
    publication.article("000-a", date="2026-01-03")
    publication.article("001-b", date="2026-01-03T00:00:00+14:00")
    publication.article("002-c", date="2026-01-02")
    publication.article("003-d", date="2026-01-03")
    assert entries(publication) == ["003-d", "000-a", "001-b", "002-c"]


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
    publication.write("content/000-a/p q.png", PIXEL)
    publication.article(
        "000-a/index",
        "[b](../001-b.md#part) ![p](p%20q.png) [s](#own)[^1] [h](/) [m](mailto:a@example.org)\n\n"
        "## Own\n\n[^1]: Note.\n\n<video poster='p%20q.png'></video>\n",
    )
    for entry in read(publication).entries:
        links, _ = elements.references(entry.content[0].value)
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
    publication.article("000-a", title="'" + HOSTILE.replace("'", "''") + "'", tags="[x]")
    publication.article("001-b", date="2026-02-02")
    return whole(publication.make())


def files(site: Site, feed: Format) -> dict[str, bytes]:
    """The documents of a format, by path."""
    kind = feed.NAME.rpartition(".")
    return {
        file.path: file.content
        for file in feeds.files(site, published(site))
        if re.fullmatch(rf"{kind[0]}(-\d+)?\.{kind[2]}", file.path.rpartition("/")[2])
    }


@pytest.mark.parametrize("feed", FORMATS, ids=[feed.NAME for feed in FORMATS])
class TestEveryFormat:
    """What every file of press/feeds must offer."""

    def test_it_has_a_name_label_and_type_of_its_own(self, feed: Format) -> None:
        for values in zip(*((one.NAME, one.LABEL, one.RANK) for one in FORMATS), strict=True):
            assert len(set(values)) == len(FORMATS)
        assert re.fullmatch(r"[a-z]+\.[a-z]+", feed.NAME)
        assert re.fullmatch(r"application/[a-z+]+", feed.MEDIA_TYPE)
        assert feed.LABEL

    def test_it_is_the_same_every_time(self, feed: Format, publication: Publication) -> None:
        site = made(publication)
        assert files(site, feed) == files(site, feed)
        assert set(files(site, feed)) == {feed.NAME, f"tags/x/{feed.NAME}"}

    def test_an_empty_series_is_the_same_every_time(
        self, feed: Format, publication: Publication
    ) -> None:
        [content] = files(whole(publication.make()), feed).values()
        for year in (NOW.year, datetime.now(UTC).year):
            assert f"{year}".encode() not in content.replace(b"2026:series", b"")
        assert b"A Series" in content

    def test_it_names_each_article_by_its_id_and_address(
        self, feed: Format, publication: Publication
    ) -> None:
        every = files(made(publication), feed)
        for path, names in {feed.NAME: "ab", f"tags/x/{feed.NAME}": "a"}.items():
            content = every[path].decode()
            found = {name for name in "ab" if f"https://example.org/series/{name}.html" in content}
            assert found == set(names)
            assert found == {n for n in "ab" if f"tag:example.org,2026:series/{n}" in content}

    def test_it_names_itself_and_its_page(self, feed: Format, publication: Publication) -> None:
        for path, page in {feed.NAME: "", f"tags/x/{feed.NAME}": "tags/x.html"}.items():
            content = files(made(publication), feed)[path].decode()
            assert f'"https://example.org/series/{path}"' in content
            assert re.search(rf"https://example.org/series/{page}[\"<]", content)

    def test_it_names_the_hubs_but_in_archives(
        self, feed: Format, publication: Publication
    ) -> None:
        publication.write(
            "series.toml", SERIES + '[site]\nhubs = ["https://a.example/hub", "https://b.example"]'
        )
        first, archive = files(grown(publication, 31), feed).values()
        for hub in (b"https://a.example/hub", b"https://b.example"):
            assert (first.count(hub), archive.count(hub)) == (1, 0)

    def test_it_leads_to_its_archives(self, feed: Format, publication: Publication) -> None:
        site = grown(publication, 61)
        every = [content.decode() for content in files(site, feed).values()]
        address = "https://example.org/series/" + feed.NAME.replace(".", "-{}.")
        found = [[n for n in (1, 2) if address.format(n) in content] for content in every]
        # The first leads to the newest archive, and each archive names itself besides.
        assert found == [[2], [1], [1, 2]]

    def test_new_articles_change_no_archive(self, feed: Format, publication: Publication) -> None:
        tags = ("x",)
        before = files(grown(publication, 61, tags), feed)
        after = files(grown(publication, 95, tags), feed)
        archives = {path for path in before if "-" in path}
        assert len(archives) == 4  # two of the series, two of the tag
        assert all(before[path] == after[path] for path in archives)
        assert before[feed.NAME] != after[feed.NAME]

    def test_an_article_is_made_once_for_all_its_documents(
        self, feed: Format, publication: Publication, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site = grown(publication, 40, ("x", "y", "z"))
        made: list[str] = []

        def entry(_: Config, one: Published) -> bytes:
            made.append(one.article.id)
            return b""

        monkeypatch.setattr(feed, "entry", entry)
        assert len(files(site, feed)) == 8
        assert made == [one.article.id for one in site.articles]

    def test_the_pages_link_to_it(self, feed: Format, publication: Publication) -> None:
        publication.article("000-a")
        tag = f'type="{feed.MEDIA_TYPE}" title="A Series ({feed.LABEL})"'
        assert f'{tag} href="https://example.org/series/{feed.NAME}"' in publication.page("a.html")

    def test_articles_can_link_to_it(self, feed: Format, publication: Publication) -> None:
        publication.article(
            "000-a", f"[f](/{feed.NAME}) [x](/tags/c-sharp/{feed.NAME})\n", tags="[C#]"
        )
        assert publication.problems() == []


def test_the_pages_name_the_preferred_format_first(publication: Publication) -> None:
    publication.article("000-a")
    named = re.findall(r'rel="alternate" type="(application/[^"]+)"', publication.page("a.html"))
    assert named == [one.MEDIA_TYPE for one in FORMATS]
    assert [one.RANK for one in FORMATS] == sorted(one.RANK for one in FORMATS)
    assert named[0] == "application/atom+xml"


def test_the_page_of_a_tag_names_its_feeds_after_those_of_the_series(
    publication: Publication,
) -> None:
    publication.article("000-a", tags="[Ελληνικά]")
    page = publication.page("tags/ελληνικά.html")
    named = re.findall(r'rel="alternate" type="[^"]+" title="([^"]+)" href="([^"]+)"', page)
    tag = "tags/%CE%B5%CE%BB%CE%BB%CE%B7%CE%BD%CE%B9%CE%BA%CE%AC/"
    assert named == [
        (f"{title} ({one.LABEL})", f"https://example.org/series/{folder}{one.NAME}")
        for title, folder in (("A Series", ""), ("A Series: Ελληνικά", tag))
        for one in FORMATS
    ]


def test_links_to_feeds_lead_to_files(publication: Publication) -> None:
    publication.article("000-a", tags="[Ελληνικά]")
    site = whole(publication.make())
    found = feeds.links(site.config, site.tags[0])
    assert len(found) == 2 * len(FORMATS)
    assert {link.path for link in found} <= {
        file.path for file in feeds.files(site, published(site))
    }
    assert [feeds.media_type(link.path) for link in found] == [link.media_type for link in found]


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("feed.xml", "application/rss+xml"), ("tags/x/atom-12.xml", "application/atom+xml"),
        ("feed-1.json", "application/feed+json"), ("feeds.opml", None), ("manifest.json", None),
    ],
)  # fmt: skip
def test_the_type_of_a_file_is_known(path: str, media_type: str | None) -> None:
    assert feeds.media_type(path) == media_type


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
