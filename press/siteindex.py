"""What tells crawlers which pages there are: sitemap.xml, robots.txt, llms.txt.

sitemaps.org/protocol.html, RFC 9309, llmstxt.org.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from press import paging
from press.head import Listing
from press.model import Listed, OutputFile, Site

SITEMAP = "sitemap.xml"
LLMS = "llms.txt"
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
        *_llms(site),
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


def _llms(site: Site) -> Iterator[OutputFile]:
    """The parts; beyond what one file may have, several, each with what leads on as optional."""
    leaves = paging.leaves(
        site.articles, lambda n: LLMS if n == 1 else f"llms-{n}.txt", paging.number, paging.SIZE
    )
    for leaf in leaves:
        lines = [*_opening(site, leaf), *(_part(site.config.url, one) for one in leaf.entries)]
        if len(leaves) > 1:
            lines += ["", "## Optional", "", *_elsewhere(site, leaf)]
        yield OutputFile(leaf.path, ("\n".join(lines) + "\n").encode())


def _opening(site: Site, leaf: paging.Leaf[Listed]) -> list[str]:
    config, words = site.config, site.words
    by = words.gettext("By %(author)s. The parts, as Markdown:", author=plain(config.author))
    heading = words.gettext("Parts")
    if not leaf.is_first:
        heading = words.gettext("%(name)s: %(span)s", name=heading, span=leaf.span)
    title, about = plain(config.title), plain(config.description)
    return [f"# {title}", "", f"> {about}", "", by, "", f"## {heading}", ""]


def _part(base: str, one: Listed) -> str:
    title = plain(f"{paging.number(one)} {one.article.title}")
    return f"- [{title}]({base}/{one.article.slug}.md): {plain(one.article.description)}"


def _elsewhere(site: Site, leaf: paging.Leaf[Listed]) -> Iterator[str]:
    """Links to other files; the section they stand in has its name from llmstxt.org."""
    near = [step for step in (leaf.previous, leaf.next) if step]
    for step in leaf.others or near:
        text = site.words.gettext("Go on from")
        yield f"- [{text} {step.label}]({site.config.url}/{step.path})"


def plain(text: str) -> str:
    """A line of text as Markdown that says the same."""
    return MARKS.sub(r"\\\1", text)
