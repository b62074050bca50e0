"""What tells crawlers which pages there are: sitemap.xml, robots.txt, llms.txt.

sitemaps.org/protocol.html, RFC 9309, llmstxt.org.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from press.head import Listing
from press.model import OutputFile, Site

SITEMAP = "sitemap.xml"
MOST = 50_000
"""Addresses that one sitemap may have."""

SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"

# What Markdown would read as more than text.
MARKS = re.compile(r"([\\`*_{}\[\]<>#&|~!])")


def files(site: Site, heads: Iterable[Listing]) -> list[OutputFile]:
    """All of them. `heads` are those of every page."""
    base = site.config.url
    return [
        *sitemaps(base, [head for head in heads if head.listed]),
        OutputFile("robots.txt", f"User-agent: *\nAllow: /\nSitemap: {base}/{SITEMAP}\n".encode()),
        OutputFile("llms.txt", _llms(site).encode()),
    ]


def sitemaps(base: str, heads: Sequence[Listing]) -> list[OutputFile]:
    """One sitemap; or, beyond what one may have, several and their index."""
    parts = [heads[start : start + MOST] for start in range(0, len(heads), MOST)] or [heads]
    if len(parts) == 1:
        return [_sitemap(SITEMAP, parts[0])]
    made = [_sitemap(f"sitemap-{n}.xml", part) for n, part in enumerate(parts, 1)]
    lines = [f"<sitemap><loc>{escape(f'{base}/{one.path}')}</loc></sitemap>" for one in made]
    return [_document(SITEMAP, "sitemapindex", lines), *made]


def _sitemap(path: str, heads: Iterable[Listing]) -> OutputFile:
    lines = []
    for head in heads:
        changed = f"<lastmod>{head.updated.isoformat()}</lastmod>" if head.updated else ""
        lines.append(f"<url><loc>{escape(head.canonical)}</loc>{changed}</url>")
    return _document(path, "urlset", lines)


def _document(path: str, element: str, lines: Iterable[str]) -> OutputFile:
    text = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<{element} xmlns="{SCHEMA}">',
            *lines,
            f"</{element}>\n",
        ]
    )
    return OutputFile(path, text.encode())


def _llms(site: Site) -> str:
    config, words = site.config, site.words
    parts = [
        f"- [{plain(f'{one.article.number:03} {one.article.title}')}]"
        f"({config.url}/{one.article.slug}.md): {plain(one.article.description)}"
        for one in site.articles
    ]
    lines = [f"# {plain(config.title)}", "", f"> {plain(config.description)}", ""]
    by = words.gettext("By %(author)s. The parts, as Markdown:", author=plain(config.author))
    heading = words.gettext("Parts")
    lines += [by, "", f"## {heading}", "", *parts]
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """A line of text as Markdown that says the same."""
    return MARKS.sub(r"\\\1", text)
