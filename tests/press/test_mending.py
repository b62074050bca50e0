"""Each fault of feedgen that is mended, as feedgen alone has it, and mended.

One that is gone from feedgen is known by its test: then the mend can go too.
"""

import locale
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from press.mending import Entry, Feed

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone(timedelta(hours=2)))
ATOM = "{http://www.w3.org/2005/Atom}"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
HTML = "<p>a &amp; b</p>"


def feed(made: Any) -> Any:
    made.id("tag:example.org,2026:x")
    made.title("A & <b>")
    made.subtitle("About & <it>")
    made.link(href="https://example.org/", rel="alternate", type="text/html")
    made.link(href="https://example.org/feed", rel="self")
    made.link(href="https://hub.example.org/", rel="hub")
    return made


def entry(made: Any) -> Any:
    made.guid("tag:example.org,2026:x/a", permalink=False)
    made.title("A & <b>")
    made.link(href="https://example.org/a.html", rel="alternate", type="text/html")
    made.link(href="https://example.org/a.png", rel="enclosure", type="image/png")
    made.category([{"term": "& <c>"}])
    made.published(MOMENT)
    return made


def bare() -> FeedGenerator:
    """Of feedgen, with an entry of feedgen's that has a content."""
    made = feed(FeedGenerator())
    one = entry(FeedEntry())
    one.content(HTML, type="html")
    made.add_entry(one, order="append")
    return made


def mended(updated: datetime = MOMENT) -> tuple[Feed, Entry]:
    made, one = feed(Feed("", "feed.css")), entry(Entry())
    made.updated(updated)
    one.updated(updated)
    one.texts("About & <it>", HTML)
    return made, one


def mended_rss() -> str:
    made, one = mended()
    return made.rss([one.rss()]).decode()


def mended_atom() -> str:
    made, one = mended()
    return made.atom([one.atom()]).decode()


def tree(text: str | bytes) -> ET.Element:
    return ET.fromstring(text)


def links(text: str | bytes) -> list[tuple[str | None, str | None]]:
    """Relation and type of each link of the Atom entry."""
    found = tree(text).findall(f"{ATOM}entry/{ATOM}link")
    return [(link.get("rel"), link.get("type")) for link in found]


def test_a_link_of_an_entry_says_what_it_is_for() -> None:
    assert links(bare().atom_str()) == [(None, None)] * 2
    assert links(mended_atom()) == [("alternate", "text/html"), ("enclosure", "image/png")]


def test_the_channel_links_to_its_page() -> None:
    assert tree(bare().rss_str()).findtext("channel/link") == "https://hub.example.org/"
    assert tree(mended_rss()).findtext("channel/link") == "https://example.org/"


def test_links_for_machines_reach_rss() -> None:
    def relations(text: str | bytes) -> list[str | None]:
        return [link.get("rel") for link in tree(text).findall(f"channel/{ATOM}link")]

    assert relations(bare().rss_str()) == ["self"]
    assert relations(mended_rss()) == ["self", "hub"]


def test_the_content_stands_beside_the_description() -> None:
    alone = tree(bare().rss_str())
    assert (alone.findtext("channel/item/description"), alone.find(f".//{ENCODED}")) == (HTML, None)
    both = [child.tag for child in tree(mended_rss()).iterfind("channel/item/*")]
    assert both.index("description") < both.index(ENCODED)
    assert tree(mended_rss()).findtext(f"channel/item/{ENCODED}") == HTML


def test_a_description_is_html_in_rss_and_text_in_atom() -> None:
    one = entry(FeedEntry())
    one.summary("About & <it>")
    assert one.rss_entry().findtext("description") == "About & <it>"
    assert tree(mended_rss()).findtext("channel/item/description") == "About &amp; &lt;it&gt;"
    assert tree(mended_atom()).findtext(f"{ATOM}entry/{ATOM}summary") == "About & <it>"


def test_the_type_of_a_content_is_one_that_atom_knows() -> None:
    one = entry(FeedEntry())
    one.content(HTML, type="CDATA")
    assert one.atom_entry().find("content").get("type") == "CDATA"
    content = tree(mended_atom()).find(f"{ATOM}entry/{ATOM}content")
    assert content is not None
    assert (content.get("type"), content.text) == ("html", HTML)


def test_dates_are_in_whole_seconds_of_utc() -> None:
    one = bare().entry()[0]
    assert one.rss_entry().findtext("pubDate") == "Fri, 02 Jan 2026 03:04:05 +0200"
    assert one.atom_entry().findtext("published") == "2026-01-02T03:04:05.000678+02:00"
    rss, atom = tree(mended_rss()), tree(mended_atom())
    for path in ("channel/lastBuildDate", "channel/item/pubDate"):
        assert rss.findtext(path) == "Fri, 02 Jan 2026 01:04:05 GMT"
    for path in (f"{ATOM}updated", f"{ATOM}entry/{ATOM}updated", f"{ATOM}entry/{ATOM}published"):
        assert atom.findtext(path) == "2026-01-02T01:04:05Z"


def test_no_date_takes_a_change_of_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is that of all threads, and a preview has many."""
    asked: list[object] = []

    def setlocale(*given: object) -> str:
        asked.append(given)
        return "C"

    monkeypatch.setattr(locale, "setlocale", setlocale)
    bare().rss_str()
    assert len(asked) == 6  # three for the date of the feed, three for that of the entry
    asked.clear()
    mended_rss()
    assert not asked


@pytest.mark.parametrize("year", [1, 999, 9999])
def test_years_have_four_digits(year: int) -> None:
    made, one = mended(datetime(year, 6, 1, tzinfo=UTC))
    assert f"{year:04}-06-01T" in made.atom([one.atom()]).decode()
    assert f" Jun {year:04} " in made.rss([]).decode()


def test_plain_text_of_rss_has_hexadecimal_references() -> None:
    assert b"<title>A &amp; &lt;b&gt;</title>" in bare().rss_str()
    text = mended_rss()
    assert text.count("<title>A &#x26; &#x3C;b&gt;</title>") == 2
    assert "<description>About &#x26; &#x3C;it&gt;</description>" in text
    assert "<category>&#x26; &#x3C;c&gt;</category>" in text


def test_no_namespace_is_declared_again_at_an_entry() -> None:
    assert "<item>" in mended_rss()
    assert "<entry>" in mended_atom()
    assert mended_rss().count("xmlns:content") == 1


def test_the_marker_of_rfc_5005_is_written_in_both() -> None:
    name = "{http://purl.org/syndication/history/1.0}archive"
    made = feed(Feed("archive", "feed.css"))
    made.updated(MOMENT)
    assert tree(made.rss([])).find(f"channel/{name}") is not None
    assert tree(made.atom([])).find(name) is not None
    assert tree(mended_atom()).find(name) is None


def test_browsers_are_told_of_a_style() -> None:
    style = '<?xml-stylesheet type="text/css" href="feed.css"?>'
    assert "xml-stylesheet" not in bare().rss_str().decode()
    for text in (mended_rss(), mended_atom()):
        assert text.split("\n")[1] == style


def test_feedgen_takes_the_time_of_the_build_unless_it_is_told() -> None:
    """So both `updated` are always set: tests of whole builds show that no clock is read."""
    before = datetime.now(UTC)
    assert FeedGenerator().updated() >= before
    assert FeedEntry().updated() >= before
