"""Real feed readers fetch the feeds as a preview serves them, and agree on what is in them."""

import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler
from threading import Thread

import pytest
from reader import make_reader

from press import channels, feeds, hosting
from press.model import Published, Site
from tests.conftest import SERIES, Publication
from tests.press.clients import (
    KNOWN,
    READERS,
    SFEED,
    Read,
    by_reader,
    entries,
    feedsmith,
    fetch,
    parsed,
)
from tests.press.test_channels import published, whole

HOSTILE = 'Iterators & <generics> ]]> "q" 😀'
BODY = """\
*All* of it: [a part](#part), [b](001-b.md), ![p](000-a/p%20q.png "A 'p'"), a note[^1] & &lt;b>.

## Part

```javascript
if (a < b && c > "d")  // ]]> & &amp; <b> 😀
    print("\\t\\\\n");
```

| a | b |
|--:|---|
| 1 | 2 |

[^1]: The note.
"""


@dataclass(slots=True)
class Newest(hosting.Host):
    """The publication as it is when it is asked for."""

    publication: Publication = field(kw_only=True)

    def refresh(self, path: str) -> None:  # noqa: ARG002  # whatever is asked for
        made = self.publication.make(drafts=True)
        self.serve({one.path: one.content for one in made.outputs}, "/")


@dataclass
class Host:
    """A server of the publication: its address, and what it has answered: (path, status)."""

    url: str
    answers: list[tuple[str, int]]


@pytest.fixture
def host(publication: Publication) -> Iterator[Host]:
    """Serves whatever the publication has now; its series.toml has the address."""
    server = hosting.server(Newest(publication=publication), 0)
    answers: list[tuple[str, int]] = []

    def log(handler: BaseHTTPRequestHandler, code: int, _: object = "-") -> None:
        answers.append((handler.path, int(code)))

    setattr(server.RequestHandlerClass, "log_request", log)  # noqa: B010  # the class is one of ours
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    publication.write("series.toml", SERIES.replace("https://example.org/series", url))
    yield Host(url, answers)
    server.shutdown()
    thread.join()
    server.server_close()


def fill(publication: Publication) -> Site:
    title = f"'{HOSTILE}'"
    publication.article("000-a", BODY.replace("000-a/p%20q.png", "/assets/style.css"), title=title,
                        description=title, tags="[rust, ελληνικά]",
                        date="2026-01-02T03:04:05+02:00")  # fmt: skip
    publication.article("001-b", date="2026-02-03", updated="2026-03-04", tags="[rust]")
    publication.article("002-c", title="'AT&amp;T, <b>bold</b> & 日本語'", date="2026-02-04")
    return whole(publication.make())


def expected(site: Site, tag: str = "") -> list[Read]:
    chosen = [one for one in published(site) if not tag or tag in one.article.tags]
    chosen.sort(key=lambda one: one.article.date, reverse=True)
    return [_as_read(site, one) for one in chosen]


def _as_read(site: Site, one: Published) -> Read:
    article = one.article
    return Read(
        f"tag:example.org,2026:series/{article.id}",
        f"{site.config.url}/{article.page}",
        article.title,
        article.date.astimezone(UTC),
        one.feed_html,
    )


class Essence(HTMLParser):
    """What an HTML text says: its words, elements, and their attributes, in any spelling."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: _spelt(name, value) for name, value in attributes}))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if self.found and isinstance(self.found[-1], list):
            self.found[-1][0] += data
        else:
            self.found.append([data])


def _spelt(name: str, value: str | None) -> str | None:
    return value.replace(" ", "").removesuffix(";") if value and name == "style" else value


def assert_same(found: list[Read], wanted: list[Read]) -> None:
    def facts(reads: list[Read]) -> list[tuple[object, ...]]:
        return [(one.id, one.link, one.title, one.date) for one in reads]

    assert facts(found) == facts(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert Essence(one.html.strip()).found == Essence(other.html.strip()).found


@pytest.mark.parametrize(
    "folder", ["", "tags/rust/", "tags/%CE%B5%CE%BB%CE%BB%CE%B7%CE%BD%CE%B9%CE%BA%CE%AC/"]
)
@pytest.mark.parametrize(
    ("name", "client"), [(name, client) for name, known in KNOWN.items() for client in known]
)
def test_a_reader_gets_every_entry_whole(
    publication: Publication, host: Host, name: str, client: str, folder: str
) -> None:
    site = fill(publication)
    tag = {"": "", "tags/rust/": "rust"}.get(folder, "ελληνικά")
    found = READERS[client](f"{host.url}/{folder}{name}")
    assert len(found) == {"": 3, "rust": 2, "ελληνικά": 1}[tag]
    assert_same(found, expected(site, tag))


def test_each_format_is_read_by_some_reader() -> None:
    assert {one.NAME for one in feeds.formats()} == set(KNOWN)


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml"])
def test_a_feed_that_has_not_changed_is_not_sent_again(
    publication: Publication, host: Host, name: str
) -> None:
    fill(publication)
    url = f"{host.url}/{name}"
    first = parsed(url)
    # Written anew, so built anew, with the same content.
    publication.write("content/001-b.md", (publication.root / "content/001-b.md").read_bytes())
    again = parsed(url, etag=first.etag)
    publication.article("003-d", date="2026-02-05")
    changed = parsed(url, etag=first.etag)
    assert (first.status, again.status, changed.status) == (200, 304, 200)
    assert (len(first.entries), len(changed.entries)) == (3, 4)


@pytest.mark.parametrize("name", KNOWN)
def test_reader_asks_again_with_what_it_was_told(
    publication: Publication, host: Host, name: str
) -> None:
    fill(publication)
    with closing(make_reader(":memory:")) as reader:
        reader.add_feed(f"{host.url}/{name}")
        reader.update_feed(f"{host.url}/{name}")
        reader.update_feed(f"{host.url}/{name}")
    assert host.answers == [(f"/{name}", 200), (f"/{name}", 304)]


@pytest.mark.parametrize("name", KNOWN)
def test_an_article_that_is_renamed_renumbered_and_retitled_is_no_new_entry(
    publication: Publication, host: Host, name: str
) -> None:
    publication.article("000-a", id="stable")
    publication.article("001-b")
    url = f"{host.url}/{name}"
    with closing(make_reader(":memory:")) as reader:
        reader.add_feed(url)
        first = reader.update_feed(url)
        assert first
        for entry in reader.get_entries():
            reader.mark_entry_as_read(entry)
        (publication.root / "content/000-a.md").unlink()
        publication.article(
            "007-another", "Edited.\n", id="stable", title="Another", updated="2026-02-02"
        )
        then = reader.update_feed(url)
        assert then
        assert (first.new, then.new, then.modified) == (2, 0, 1)
        assert reader.get_entry_counts(read=False).total == 0
        links = {one.title: one.link for one in entries(reader)}
    assert links == {"Another": f"{host.url}/another.html", "001-b": f"{host.url}/b.html"}


@pytest.mark.parametrize("name", KNOWN)
def test_what_has_left_the_first_document_is_in_the_archives(
    publication: Publication, host: Host, name: str
) -> None:
    for number in range(2 * channels.SIZE + 5):
        date = datetime(2025, 1, 1) + timedelta(days=number)
        publication.article(f"{number:03}-a{number}", date=f"{date:%Y-%m-%d}")
    site = whole(publication.make())
    found: dict[str, Read] = {}
    documents = [name, *(name.replace(".", f"-{number}.") for number in (2, 1))]
    for document in documents:
        reads = by_reader(f"{host.url}/{document}")
        assert len(reads) == channels.SIZE
        found |= {one.id: one for one in reads if one.id not in found}
    assert_same(list(found.values()), expected(site))


def test_readers_import_the_list_of_feeds(publication: Publication, host: Host) -> None:
    title = 'It\'s "A" & <Series>'
    settings = (publication.root / "series.toml").read_text()
    publication.write("series.toml", settings.replace('"A Series"', f"'''{title}'''"))
    fill(publication)
    content = fetch(f"{host.url}/feeds.opml")
    # feedsmith forgives what is no XML.
    assert ET.fromstring(content).findtext("head/title") == title
    [preferred, *_] = feeds.formats()
    outlines = feedsmith(content, "opml")["body"]["outlines"]
    addresses = [one["xmlUrl"] for one in outlines]
    assert addresses[:2] == [
        f"{host.url}/{preferred.NAME}",
        f"{host.url}/tags/rust/{preferred.NAME}",
    ]
    titles = [title, f"{title}: rust", f"{title}: ελληνικά"]
    assert [one["title"] for one in outlines] == titles
    for address in addresses:
        assert by_reader(address)
    if not SFEED:
        pytest.skip("sfeed is not installed")
    done = subprocess.run(
        ["sfeed_opml_import"], input=content, capture_output=True, check=True
    ).stdout.decode()
    assert all(f"'{address}'" in done for address in addresses)
