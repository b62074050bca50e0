"""The rules of RSS and Atom by which the W3C's feed validator finds fault, and those of JSON Feed.

The validator itself is in no package registry. Each test names the messages that it stands for.
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest

from press import elements, feeds
from tests.conftest import NOW, SERIES, Publication
from tests.press.test_channels import grown, published

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
HISTORY = "{http://purl.org/syndication/history/1.0}"
HOSTILE = "'Iterators & <generics> ]]> \"q\" 😀'"
BODY = """\
[s](#own) [b](001-b.md) n[^1] <span class="x" id="y">z</span>

- [x] done

| a |
|--:|
| 1 |

## Own

```text
a < b & c ]]>
```

[^1]: Note.
"""


def documents(publication: Publication) -> dict[str, bytes]:
    """Every kind of document: of the series and of tags, whole and in archives."""
    publication.write("series.toml", SERIES + '[site]\nhubs = ["https://hub.example/"]\n')
    publication.article("000-a", BODY, title=HOSTILE, description=HOSTILE,
                        tags="[Ελληνικά, c&c]", authors="[X, Y & Z]",
                        date="2026-01-02T03:04:05+02:00", updated="2026-05-01")  # fmt: skip
    publication.article("001-b", date="2026-02-01")
    edition = publication.make()
    found = list(feeds.files(edition.site, edition.published))
    (publication.root / "content/001-b.md").unlink()
    site = grown(publication, 61, ("x",))
    found += [
        file for file in feeds.files(site, published(site))
        if "-" in file.path or "tags/x/" in file.path
    ]  # fmt: skip
    return {file.path: file.content for file in found}


@pytest.fixture(params=["feed", "atom"])
def every(request: pytest.FixtureRequest, publication: Publication) -> dict[str, bytes]:
    """The documents of one format."""
    return {
        path: content
        for path, content in documents(publication).items()
        if re.search(rf"(^|/){request.param}(-\d)?\.xml$", path)
    }


@pytest.fixture
def rss(publication: Publication) -> dict[str, bytes]:
    found = documents(publication).items()
    return {path: content for path, content in found if re.search(r"feed[-0-9]*\.xml", path)}


@pytest.fixture
def atom(publication: Publication) -> dict[str, bytes]:
    found = documents(publication).items()
    return {path: content for path, content in found if re.search(r"atom[-0-9]*\.xml", path)}


def trees(files: dict[str, bytes]) -> Iterator[tuple[str, ET.Element]]:
    assert len(files) == 8  # one of the series, its archives, and of three tags with two archives
    for path, content in files.items():
        yield path, ET.fromstring(content)


def links(tree: ET.Element) -> list[tuple[str, str]]:
    """Relation and address of each Atom link of a feed itself."""
    parent = tree if tree.tag == f"{ATOM}feed" else tree[0]
    return [(one.attrib["rel"], one.attrib["href"]) for one in parent.findall(f"{ATOM}link")]


def bodies(tree: ET.Element) -> list[str]:
    return [one.text or "" for tag in (CONTENT, f"{ATOM}content") for one in tree.iter(tag)]


def test_each_document_says_where_it_is(every: dict[str, bytes]) -> None:
    """MissingSelf, MissingAtomSelfLink, SelfDoesntMatchLocation."""
    for path, tree in trees(every):
        quoted = path.replace("ελληνικά", "%CE%B5%CE%BB%CE%BB%CE%B7%CE%BD%CE%B9%CE%BA%CE%AC")
        found = [href for rel, href in links(tree) if rel == "self"]
        assert found == [f"https://example.org/series/{quoted}"]


def test_paging_follows_rfc_5005(every: dict[str, bytes]) -> None:
    """Subscription documents lead to archives, archives to the current document and further."""
    for path, tree in trees(every):
        relations = {rel for rel, _ in links(tree)} - {"self", "alternate", "hub"}
        marks = {one.tag.removeprefix(HISTORY) for one in tree.iter() if HISTORY in one.tag}
        number = re.search(r"-(\d)", path)
        wanted = {
            None: ({"complete"}, set[str]()), "1": ({"archive"}, {"current"}),
            "2": ({"archive"}, {"current", "prev-archive"}),
        }[number and number[1]]  # fmt: skip
        if path.startswith("tags/x/") and not number:
            wanted = (set(), {"prev-archive"})
        assert (marks, relations) == wanted, path


def test_bodies_have_nothing_relative_and_nothing_that_runs(every: dict[str, bytes]) -> None:
    """ContainsRelRef, SecurityRisk, SecurityRiskAttr, DangerousStyleAttr."""
    found = [body for _, tree in trees(every) for body in bodies(tree)]
    assert any("a &lt; b &amp; c ]]&gt;" in body for body in found)
    for body in found:
        addresses, ids = elements.references(body)
        assert all(re.match(r"https?://", address) for address in addresses)
        assert ids == ()
        assert not re.search(
            r"<(script|style|iframe|form|input|button)|\son\w+=|style=(?!\"text-align)", body
        )


def test_a_style_leads_to_a_file(every: dict[str, bytes], publication: Publication) -> None:
    for path, content in every.items():
        style = re.search(rb'<\?xml-stylesheet type="text/css" href="([^"]*)"\?>\n<', content)
        assert style
        assert style[1].decode() == "../" * path.count("/") + "assets/feed.css"
    assert "@media (prefers-color-scheme: dark)" in publication.page("assets/feed.css")


class TestRss:
    def test_what_describes_the_channel_stands_before_its_items(
        self, rss: dict[str, bytes]
    ) -> None:
        """MisplacedItem, MissingDCLanguage, and elements that a channel may have but once."""
        for _, tree in trees(rss):
            tags = [child.tag for child in tree[0]]
            own = tags[: tags.index("item")]
            assert set(tags[len(own) :]) == {"item"}
            single = [tag for tag in own if tag != f"{ATOM}link"]
            assert len(single) == len(set(single))
            assert {"title", "link", "description", "language", "ttl", "docs"} <= set(single)

    def test_an_item_has_each_element_once(self, rss: dict[str, bytes]) -> None:
        """DuplicateElement, DuplicateItemSemantics, NeedDescriptionBeforeContent, MissingGuid."""
        for _, tree in trees(rss):
            for item in tree.iter("item"):
                tags = [child.tag for child in item]
                assert "author" not in tags
                assert CREATOR in tags
                single = [tag for tag in tags if tag not in (CREATOR, "category")]
                assert len(single) == len(set(single))
                assert tags.index("description") < tags.index(CONTENT)

    def test_ids_are_no_addresses_and_each_is_there_once(self, rss: dict[str, bytes]) -> None:
        """InvalidPermalink, NotSufficientlyUnique, DuplicateValue."""
        for _, tree in trees(rss):
            guids = list(tree.iter("guid"))
            assert all(guid.attrib == {"isPermaLink": "false"} for guid in guids)
            assert len({guid.text for guid in guids}) == len(guids)

    def test_dates_are_whole_and_past(self, rss: dict[str, bytes]) -> None:
        """InvalidRFC2822Date, ProblematicalRFC822Date, ImplausibleDate."""
        form = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [JFMASOND][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
        for _, tree in trees(rss):
            dates = [one.text or "" for one in tree.iter() if one.tag.lower().endswith("date")]
            assert len(dates) == 1 + len(list(tree.iter("item")))
            for date in dates:
                assert re.fullmatch(form, date)
                assert parsedate_to_datetime(date) <= NOW

    def test_plain_text_has_hexadecimal_references(self, rss: dict[str, bytes]) -> None:
        """CharacterData, ContainsHTML."""
        text = b"\n".join(rss.values()).decode()
        title = 'Iterators &#x26; &#x3C;generics&gt; ]]&gt; "q" 😀'
        assert text.count(f"<title>{title}</title>") == 3
        assert text.count("<dc:creator>Y &#x26; Z</dc:creator>") == 3
        for name in ("title", "category", "dc:creator", "author", "link"):
            for found in re.findall(rf"<{name}\b[^>]*>([^<]*)<", text):
                assert "&amp;" not in found
                assert "&lt;" not in found

    def test_categories_say_whose_they_are(self, rss: dict[str, bytes]) -> None:
        found = [one.attrib for _, tree in trees(rss) for one in tree.iter("category")]
        assert found
        assert all(one == {"domain": "tag:example.org,2026:series/tags"} for one in found)


class TestAtom:
    def test_a_feed_has_an_author_an_id_and_its_language(self, atom: dict[str, bytes]) -> None:
        """MissingElement, MissingTextualContent, InvalidFullLink, DuplicateElement."""
        for path, tree in trees(atom):
            assert tree.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
            assert tree.findtext(f"{ATOM}author/{ATOM}name") == "An Author"
            identity = tree.findtext(f"{ATOM}id") or ""
            assert identity.isascii()
            assert identity.startswith("tag:example.org,2026:series")
            assert ("/tags/" in identity) is path.startswith("tags/")
            for entry in (tree, *tree.iter(f"{ATOM}entry")):
                tags = [child.tag for child in entry]
                for name in ("id", "title", "updated"):
                    assert tags.count(ATOM + name) == 1

    def test_each_entry_is_there_once(self, atom: dict[str, bytes]) -> None:
        """DuplicateEntries."""
        for _, tree in trees(atom):
            ids = [one.findtext(f"{ATOM}id") for one in tree.iter(f"{ATOM}entry")]
            assert len(set(ids)) == len(ids)

    def test_a_link_of_a_kind_is_there_once(self, atom: dict[str, bytes]) -> None:
        """DuplicateAtomLink, MissingAlternate, InvalidMIMEType."""
        for _, tree in trees(atom):
            for parent in (tree, *tree.iter(f"{ATOM}entry")):
                found = [(one.get("rel"), one.get("type")) for one in parent.findall(f"{ATOM}link")]
                assert len(set(found)) == len(found)
                assert ("alternate", "text/html") in found

    def test_texts_have_a_type_that_atom_knows(self, atom: dict[str, bytes]) -> None:
        """InvalidMIMEType, InvalidTextType, NotInline."""
        for _, tree in trees(atom):
            assert {one.get("type") for one in tree.iter(f"{ATOM}content")} == {"html"}
            for name in ("title", "subtitle", "summary"):
                assert {one.get("type") for one in tree.iter(ATOM + name)} == {None}

    def test_dates_are_whole_and_past(self, atom: dict[str, bytes]) -> None:
        """InvalidRFC3339Date, ImplausibleDate."""
        for _, tree in trees(atom):
            for name in ("updated", "published"):
                for one in tree.iter(ATOM + name):
                    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one.text or "")
                    assert (one.text or "") <= f"{NOW:%Y-%m-%dT%H:%M:%SZ}"

    def test_an_edit_that_is_told_of_is_an_update(self, atom: dict[str, bytes]) -> None:
        entries = list(ET.fromstring(atom["atom.xml"]).iter(f"{ATOM}entry"))
        dates = [
            [one.findtext(ATOM + name) for name in ("published", "updated")] for one in entries
        ]
        assert dates == [
            ["2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z"],
            ["2026-01-02T01:04:05Z", "2026-05-01T00:00:00Z"],
        ]


class TestJsonFeed:
    """jsonfeed.org/version/1.1: what is required, with the types that it wants."""

    def test_it_describes_the_channel(self, publication: Publication) -> None:
        feed = json.loads(documents(publication)["tags/c-c/feed.json"])
        del feed["items"]
        assert feed == {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "A Series: c&c",
            "home_page_url": "https://example.org/series/tags/c-c.html",
            "feed_url": "https://example.org/series/tags/c-c/feed.json",
            "description": "What it is about.",
            "language": "en",
            "authors": [{"name": "An Author"}],
            "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        }

    def test_it_holds_an_article_whole(self, publication: Publication) -> None:
        [_, item] = json.loads(documents(publication)["feed.json"])["items"]
        html = item.pop("content_html")
        assert "a &lt; b &amp; c ]]&gt;" in html
        assert "<script" not in html
        assert item == {
            "id": "tag:example.org,2026:series/a",
            "url": "https://example.org/series/a.html",
            "title": HOSTILE[1:-1],
            "summary": HOSTILE[1:-1],
            "date_published": "2026-01-02T01:04:05Z",
            "date_modified": "2026-05-01T00:00:00Z",
            "authors": [{"name": "X"}, {"name": "Y & Z"}],
            "tags": ["Ελληνικά", "c&c"],
        }

    def test_it_leaves_out_what_it_does_not_have(self, publication: Publication) -> None:
        """An address may not be empty, and a list of nothing says nothing."""
        found = documents(publication)
        [item, _] = json.loads(found["feed.json"])["items"]
        assert "tags" not in item
        assert "next_url" not in json.loads(found["feed.json"])
        assert json.loads(found["feed-2.json"])["next_url"].endswith("/feed-1.json")
        assert "hubs" not in json.loads(found["feed-1.json"])
