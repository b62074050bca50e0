"""What machines read: the head of each page, sitemap, robots, llms.txt, Markdown, headers."""

import json
import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from press import headers, paging, policy, siteindex
from press.config import Config, parse
from press.head import Head, of_page
from press.model import Site
from press.problems import SourceText
from tests.conftest import NEWSLETTER, PIXEL, SERIES, Publication

TITLE = 'Iterators & <generics> ]]> "q" </script> 😀'
BASE = "https://example.org/series"


def settings(more: str = NEWSLETTER) -> Config:
    config, problems = parse(SourceText("series.toml", SERIES + more))
    assert not problems
    return config


class Reader(HTMLParser):
    """What a machine finds in the head of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, list[str]] = {}
        self.links: list[dict[str, str | None]] = []
        self.data: list[str] = []
        self._in_data = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or found.get("property") or found.get("http-equiv")
        if tag == "meta" and name:
            self.meta.setdefault(name, []).append(found["content"] or "")
        if tag == "link":
            self.links.append(found)
        self._in_data = tag == "script" and found.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data.append(data)

    def handle_endtag(self, _tag: str) -> None:
        self._in_data = False

    def link(self, rel: str, media_type: str | None = None) -> str | None:
        fitting = [one for one in self.links if one["rel"] == rel and one.get("type") == media_type]
        return fitting[0]["href"] if fitting else None


@pytest.fixture
def series(publication: Publication) -> Publication:
    publication.article("000-first", date="2026-01-01")
    publication.article(
        "002-second",
        title=json.dumps(TITLE, ensure_ascii=False),
        description="'About [it] & <more>.'",
        tags="[Rust, C++]",
        authors="[One, Two]",
        updated="2026-02-03",
        aliases="[/old, /older.html]",
    )
    publication.article("003-third", date="2026-01-03")
    return publication


def test_the_head_of_an_article(series: Publication) -> None:
    found = Reader(series.page("second.html"))
    meta = {name: values if len(values) > 1 else values[0] for name, values in found.meta.items()}
    assert meta["description"] == meta["og:description"] == "About [it] & <more>."
    assert meta["author"] == "One, Two"
    assert (meta["og:type"], meta["og:title"]) == ("article", TITLE)
    assert meta["og:url"] == found.link("canonical") == f"{BASE}/second.html"
    assert meta["og:image"] == f"{BASE}/cards/second.png"
    assert meta["og:image:alt"] == f"A Series, part 002: {TITLE}"
    assert (meta["og:image:width"], meta["og:image:height"]) == ("1200", "630")
    assert meta["article:published_time"] == "2026-01-01T00:00:00+00:00"
    assert meta["article:modified_time"] == "2026-02-03T00:00:00+00:00"
    assert meta["article:tag"] == ["Rust", "C++"]
    assert meta["twitter:card"] == "summary_large_image"
    assert (found.link("prev"), found.link("next")) == ("first.html", "third.html")
    assert found.link("alternate", "text/markdown") == "second.md"
    assert found.link("alternate", "application/rss+xml") == f"{BASE}/feed.xml"


def test_the_first_and_the_last_have_one_neighbour(series: Publication) -> None:
    first, last = (Reader(series.page(page)) for page in ("first.html", "third.html"))
    assert (first.link("prev"), first.link("next")) == (None, "second.html")
    assert (last.link("prev"), last.link("next")) == ("second.html", None)


PAGES = {
    "index.html": f"{BASE}/",
    "tags.html": f"{BASE}/tags.html",
    "tags/rust.html": f"{BASE}/tags/rust.html",
    "feeds.html": f"{BASE}/feeds.html",
    "search.html": f"{BASE}/search.html",
    "404.html": None,
}


@pytest.mark.parametrize("page", PAGES)
def test_each_page_has_one_address_and_one_description(series: Publication, page: str) -> None:
    found = Reader(series.page(page))
    assert found.link("canonical") == PAGES[page]
    assert len(found.meta["description"]) == len(found.meta["og:title"]) == 1
    assert ("robots" in found.meta) == (PAGES[page] is None)


def test_an_article_is_described_in_the_words_of_schema_org(series: Publication) -> None:
    [text] = Reader(series.page("second.html")).data
    assert json.loads(text) == {
        "@context": "https://schema.org",
        "@type": "TechArticle",
        "headline": TITLE,
        "description": "About [it] & <more>.",
        "url": f"{BASE}/second.html",
        "mainEntityOfPage": f"{BASE}/second.html",
        "image": f"{BASE}/cards/second.png",
        "datePublished": "2026-01-01T00:00:00+00:00",
        "dateModified": "2026-02-03T00:00:00+00:00",
        "author": [{"@type": "Person", "name": "One"}, {"@type": "Person", "name": "Two"}],
        "keywords": ["Rust", "C++"],
        "inLanguage": "en",
        "isPartOf": {"@type": "CreativeWorkSeries", "name": "A Series", "url": f"{BASE}/"},
        "position": 2,
    }
    assert not set("<>&") & set(text)


def test_the_series_is_described_as_well(series: Publication) -> None:
    [text] = Reader(series.page("index.html")).data
    found = json.loads(text)
    assert (found["@type"], found["name"], found["url"]) == (
        "CreativeWorkSeries", "A Series", f"{BASE}/",
    )  # fmt: skip


def test_what_an_article_has_nothing_of_is_not_said(series: Publication) -> None:
    [text] = Reader(series.page("first.html")).data
    assert "keywords" not in json.loads(text)
    assert "article:tag" not in Reader(series.page("first.html")).meta


# What a page may do.

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action {}; base-uri 'none'"
)
FORM = 'subscribe-url = "https://news.example.org:8443/x/subscribe"\n'


@pytest.mark.parametrize("page", ["index.html", "second.html", "tags.html", "404.html"])
def test_each_page_says_what_it_may_do(series: Publication, page: str) -> None:
    found = Reader(series.page(page))
    [said] = found.meta["Content-Security-Policy"]
    hashes = [
        f" 'sha256-{b64encode(sha256(data.encode()).digest()).decode()}'" for data in found.data
    ]
    script = "".join(["script-src 'self'", *hashes])
    assert said == STRICT.replace("script-src 'self'", script).format("'self'")


def test_the_search_may_compile_webassembly(series: Publication) -> None:
    [said] = Reader(series.page("search.html")).meta["Content-Security-Policy"]
    assert said == STRICT.replace(
        "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
    ).format("'self'")


def test_a_form_may_go_where_the_newsletter_is() -> None:
    assert policy.of_page(settings(NEWSLETTER + FORM)) == STRICT.format(
        "https://news.example.org:8443"
    )


def test_no_page_may_do_what_the_host_forbids() -> None:
    """Browsers hold to the header and to the page's own: what a page may, the header must let."""
    config = settings(NEWSLETTER + FORM)
    allowed = dict(one.split(" ", 1) for one in policy.of_host(config).split("; "))
    for wasm in (False, True):
        for one in policy.of_page(config, wasm=wasm).split("; "):
            name, _, values = one.partition(" ")
            assert set(values.split()) <= set(allowed[name].split())
    assert allowed["frame-ancestors"] == "'none'"


# Lists of pages.

NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def listed(content: str) -> dict[str, str | None]:
    root = ET.fromstring(content)
    return {
        one.findtext("s:loc", "", NAMESPACE): one.findtext("s:lastmod", None, NAMESPACE)
        for one in root
    }


def test_the_sitemap_lists_each_page_once_and_when_it_changed(series: Publication) -> None:
    found = listed(series.page("sitemap.xml"))
    assert found[f"{BASE}/second.html"] == "2026-02-03T00:00:00+00:00"
    assert found[f"{BASE}/"] == "2026-02-03T00:00:00+00:00"
    assert found[f"{BASE}/tags/rust.html"] is None
    assert f"{BASE}/404.html" not in found
    assert not [url for url in found if "old" in url]
    assert len(found) == series.page("sitemap.xml").count("<url>")


def test_a_tag_of_another_script_has_an_address_in_the_sitemap(publication: Publication) -> None:
    publication.article("000-a", tags="[Ελλ]")
    assert f"{BASE}/tags/%CE%B5%CE%BB%CE%BB.html" in listed(publication.page("sitemap.xml"))


def heads(count: int) -> list[Head]:
    one = of_page(Site(settings(), ()), "x.html", "X", "About it.")
    return [replace(one, canonical=f"{BASE}/{n}.html?a&b") for n in range(count)]


def test_more_pages_than_a_sitemap_may_have_are_in_several() -> None:
    index, *parts = siteindex.sitemaps(BASE, heads(100_001))
    assert index.path == "sitemap.xml"
    assert listed(index.content.decode()) == {f"{BASE}/sitemap-{n}.xml": None for n in (1, 2, 3)}
    assert [one.path for one in parts] == ["sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]
    assert [len(listed(one.content.decode())) for one in parts] == [50_000, 50_000, 1]


def test_as_many_as_it_may_have_are_in_one() -> None:
    assert [one.path for one in siteindex.sitemaps(BASE, heads(50_000))] == ["sitemap.xml"]


def test_robots_are_welcome(publication: Publication) -> None:
    text = publication.page("robots.txt")
    assert text == f"User-agent: *\nAllow: /\nSitemap: {BASE}/sitemap.xml\n"


def test_llms_txt_has_a_title_a_summary_and_a_list_of_links(series: Publication) -> None:
    tokens = MarkdownIt("commonmark").parse(series.page("llms.txt"))
    assert [token.tag for token in tokens if token.nesting == 1][:3] == ["h1", "blockquote", "p"]
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2"]
    items = [token for token in tokens if token.type == "inline" and token.level == 3]
    links = [
        (str(child.attrs["href"]), "".join(one.content for one in item.children or []))
        for item in items
        for child in item.children or []
        if child.type == "link_open"
    ]
    assert links[1] == (f"{BASE}/second.md", f"002 {TITLE}: About [it] & <more>.")
    outputs = {one.path for one in series.make().outputs}
    assert {address.removeprefix(f"{BASE}/") for address, _ in links} <= outputs


def test_a_long_llms_txt_goes_on_in_other_files(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "SIZE", 2)
    for number in range(1, 6):
        publication.article(f"{number:03}-p{number}")
    parts, led = [], []
    for name in ("llms.txt", "llms-2.txt", "llms-3.txt"):
        listed_there, _, optional = publication.page(name).partition("\n## Optional\n")
        parts.append(re.findall(rf"\({BASE}/(p\d)\.md\)", listed_there))
        led.append(re.findall(rf"\({BASE}/(.*?)\)", optional))
    assert parts == [["p1", "p2"], ["p3", "p4"], ["p5"]]
    assert led == [["llms-2.txt", "llms-3.txt"], ["llms.txt", "llms-3.txt"], ["llms-2.txt"]]


# An article as Markdown.

BODY = """\
See [1](001-b.md), [one](001-b.md), `[one](001-b.md)`, [2](001-b.md#part "t") and ![p](<a b.png>).
[home](/index.html) [here](#part) [out](https://example.com/x) <a href='001-b.md'>b</a>

## Part

[r]: 001-b.md

> ```rust skip="x"
> # fn main() {
> let x = 1;
>
> ## [shown]
> # }
> ```

```text
[one](001-b.md)
# a comment
```
"""
SHOWN = f"""\
# A \\& \\<b\\>

> About \\*it\\*.

See [1]({BASE}/b.html), [one]({BASE}/b.html), `[one](001-b.md)`, [2]({BASE}/b.html#part "t") and ![p](<{BASE}/a/a%20b.png>).
[home]({BASE}/index.html) [here]({BASE}/a.html#part) [out](https://example.com/x) <a href='{BASE}/b.html'>b</a>

## Part

[r]: {BASE}/b.html

> ```rust skip="x"
> let x = 1;
>
> # [shown]
> ```

```text
[one](001-b.md)
# a comment
```
"""  # noqa: E501


def test_an_article_is_there_as_markdown(publication: Publication) -> None:
    publication.write("content/000-a/a b.png", PIXEL)
    body = BODY.replace("(001-b.md", "(../001-b.md").replace("'001-b.md", "'../001-b.md")
    body = body.replace(": 001-b.md", ": ../001-b.md")
    publication.article("000-a/index", body, title="A & <b>", description="About *it*.")
    publication.article("001-b", "## Part\n")
    publication.write("series.toml", SERIES)
    found = publication.page("a.md").replace("../001-b.md", "001-b.md")
    assert found == SHOWN


HIDING = [
    ("- ```rust\n  # use x;\n  let y = 1;\n  ```\n", "- ```rust\n  let y = 1;\n  ```\n"),
    ("```rust\n# use x;\n```\n", "```rust\n```\n"),
    ("```rust\n\n# use x;\nlet y = 1;\n```\n", "```rust\n\nlet y = 1;\n```\n"),
]


@pytest.mark.parametrize(("body", "shown"), HIDING)
def test_lines_that_readers_do_not_see_are_left_out(
    publication: Publication, body: str, shown: str
) -> None:
    publication.article("000-a", body.replace("rust\n", 'rust skip="x"\n'))
    assert publication.page("a.md").endswith(shown.replace("rust\n", 'rust skip="x"\n'))


def test_an_article_without_a_text_is_there_as_well(publication: Publication) -> None:
    publication.article("000-a", "")
    assert publication.page("a.md") == "# 000-a\n\n> About it.\n"


# What hosts send.


def rules(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    path = ""
    for line in text.splitlines():
        if line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            found[path][name] = value
        else:
            path = line
            assert path not in found
            found[path] = {}
    return found


def test_hosts_are_told_what_to_send(series: Publication) -> None:
    found = rules(series.page("_headers"))
    everywhere = found["/*"]
    assert everywhere["Content-Security-Policy"] == policy.of_host(settings())
    assert everywhere["X-Content-Type-Options"] == "nosniff"
    assert everywhere["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in everywhere["Permissions-Policy"]
    assert found["/feed.xml"]["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert all("Cache-Control" in its for path, its in found.items() if path != "/*")


def test_no_header_is_said_twice_of_a_file(series: Publication) -> None:
    found = rules(series.page("_headers"))
    for output in series.make().outputs:
        names = [
            name
            for path, its in found.items()
            if re.fullmatch(re.escape(path).replace(r"\*", ".*"), f"/{output.path}")
            for name in its
        ]
        assert len(names) == len(set(names)), output.path


def test_hosts_are_told_where_aliases_lead(series: Publication) -> None:
    wanted = ["/old/index.html", "/old/", "/older.html"]
    assert series.page("_redirects").splitlines() == [
        *(f"{path} /series/second.html 301!" for path in wanted),
        *(f"{path} /series/second.html 301" for path in wanted),
    ]


def test_hosts_get_as_many_rules_as_they_read_the_first_for_what_matters_most(
    series: Publication,
) -> None:
    site = series.make().site
    archives = [f"feed-{n}.xml" for n in range(1, 200)]
    tags = [f"tags/{n}/feed.xml" for n in range(1, 60)]
    feeds = dict.fromkeys([*archives, *tags, "feed.xml"], "application/rss+xml")
    found = [path.removeprefix("/") for path in rules(headers_file(site, feeds))]
    assert len(found) == 100
    assert found[5:65] == ["feed.xml", *tags]
    assert found[65:] == archives[:35]


def headers_file(site: Site, feeds: Mapping[str, str | None]) -> str:
    return headers.files(site, feeds)[0].content.decode()


def test_no_more_aliases_lead_on_than_hosts_read(series: Publication) -> None:
    site = series.make().site
    [one, *_] = site.articles
    aliases = tuple(f"{n}.html" for n in range(1500))
    many = replace(one, article=replace(one.article, aliases=aliases))
    text = headers.files(replace(site, articles=(many,)), {})[1].content.decode()
    lines = [line.split() for line in text.splitlines()]
    assert len(lines) == 2000
    for status in ("301!", "301"):
        assert [path for path, _, its in lines if its == status] == [
            f"/{n}.html" for n in range(1000)
        ]
