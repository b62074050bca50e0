"""What is cut into which documents: the newest in the first, all the others in archives."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from press import channels
from press.channels import SIZE, Channel, Document
from press.model import Published, Site
from press.pipeline import Edition
from tests.conftest import Publication


def grown(publication: Publication, count: int, tags: tuple[str, ...] = ()) -> Site:
    """A site of as many articles, each an hour after the one before."""
    publication.article("000-a")
    edition = publication.make()
    [one] = edition.published
    return replace(edition.site, articles=tuple(_article(one, n, tags) for n in range(count)))


def _article(one: Published, number: int, tags: tuple[str, ...]) -> Published:
    name = f"a{number}"
    date = one.article.date + timedelta(hours=number)
    article = replace(
        one.article, id=name, slug=name, title=name, number=number, date=date, updated=date,
        tags=tags,
    )  # fmt: skip
    return replace(one, article=article)


def whole(edition: Edition) -> Site:
    """Its site, with the HTML of each article: what feeds are made of."""
    return replace(edition.site, articles=edition.published)


def published(site: Site) -> list[Published]:
    """The articles of such a site."""
    return [one for one in site.articles if isinstance(one, Published)]


def series(site: Site) -> Channel:
    return channels.channels(site)[0]


def names(document: Document) -> list[str]:
    return [one.article.id for one in document.articles]


def down(newest: int, oldest: int) -> list[str]:
    return [f"a{number}" for number in range(newest, oldest - 1, -1)]


@pytest.mark.parametrize(
    ("count", "archives"), [(0, 0), (1, 0), (30, 0), (31, 1), (60, 1), (61, 2), (91, 3)]
)
def test_every_article_is_in_some_document(
    publication: Publication, count: int, archives: int
) -> None:
    first, *older = channels.documents(series(grown(publication, count)))
    assert names(first) == down(count - 1, max(count - SIZE, 0))
    assert [one.archive for one in older] == list(range(1, archives + 1))
    assert all(len(one.articles) == SIZE for one in older)
    assert set(down(count - 1, 0)) == {name for one in (first, *older) for name in names(one)}


def test_documents_lead_from_the_newest_to_the_oldest(publication: Publication) -> None:
    first, one, two = channels.documents(series(grown(publication, 61)))
    assert [document.older for document in (first, two, one)] == [2, 1, 0]
    assert (names(one), names(two)) == (down(29, 0), down(59, 30))
    base = "https://example.org/series"
    assert two.address("x.y") == f"{base}/x-2.y"
    assert two.older_address("x.y") == f"{base}/x-1.y"
    assert (one.older_address("x.y"), one.current_address("x.y")) == ("", f"{base}/x.y")


def test_new_articles_change_no_archive(publication: Publication) -> None:
    before = list(channels.documents(series(grown(publication, 61))))[1:]
    for count in (62, 90, 91, 200):
        after = list(channels.documents(series(grown(publication, count))))[1:]
        assert [names(one) for one in after[:2]] == [names(one) for one in before]


def test_only_a_document_with_everything_is_complete(publication: Publication) -> None:
    [whole] = channels.documents(series(grown(publication, 30)))
    assert whole.is_complete
    assert not any(one.is_complete for one in channels.documents(series(grown(publication, 31))))


def test_a_document_is_as_old_as_its_articles(publication: Publication) -> None:
    site = grown(publication, 31)
    first, archive = channels.documents(series(site))
    dates = [one.article.date for one in site.articles]
    assert (first.updated, archive.updated) == (dates[30], dates[29])


def test_a_tag_is_followed_like_the_series(publication: Publication) -> None:
    site = grown(publication, 31, ("C++", "Ελληνικά"))
    _, cpp, greek = channels.channels(site)
    assert (cpp.title, cpp.id) == ("A Series: C++", "tag:example.org,2026:series/tags/c-plus-plus")
    assert cpp.path("feed.xml", 1) == "tags/c-plus-plus/feed-1.xml"
    assert greek.path("feed.xml") == "tags/ελληνικά/feed.xml"
    assert greek.id.isascii()
    assert greek.address(greek.page).isascii()
    assert [len(one.articles) for one in channels.documents(greek)] == [30, 30]


def test_no_entry_has_the_id_of_a_tag(publication: Publication) -> None:
    publication.article("000-a", id="tags", tags="[tags]")
    site = publication.make().site
    entry = channels.entry_id(site.config, site.articles[0].article)
    assert entry not in {channel.id for channel in channels.channels(site)}
    assert channels.entry_id(site.config, site.articles[0].article) == f"{site.config.id}/tags"
