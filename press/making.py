"""A site -> each of its files but the manifest, and what is wrong with templates and links."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from press import (
    assets,
    cards,
    compressing,
    feeds,
    headers,
    links,
    manifest,
    output,
    pages,
    render,
    searching,
    siteindex,
    tags,
)
from press.head import Head
from press.model import OutputFile, Site
from press.problems import Problem
from press.root import cache_folder

Search = Callable[[Sequence[OutputFile], Path], searching.Indexed]
"""Pages with articles, and a folder for what is kept -> the index that searches them."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a site."""

    outputs: tuple[OutputFile, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    """What it lacks, though nothing is wrong."""


def make(root: Path, site: Site, static: Sequence[OutputFile], search: Search | None) -> Made:
    """All files, with those that are as they lie in the publication, and an index if `search`."""
    rendered, heads, indexed, problems = _pages(root, site, search)
    drawn, more = cards.make(root, site)
    problems += more
    fed = list(feeds.files(site))
    outputs = [*rendered, *_beside(site), *static, *fed, *drawn, *indexed.files]
    outputs += siteindex.files(site, heads)
    outputs += headers.files(site, {one.path: feeds.media_type(one.path) for one in fed})
    problems += output.unsafe_or_doubled([*outputs, OutputFile(manifest.FILE, b"")])
    if not problems:
        references = {page.path: tags.references(page.content.decode()) for page in rendered}
        problems += links.check_pages(outputs, references, _here(site))
    if site.config.compressed:
        outputs += compressing.forms(outputs, cache_folder(root))
    warnings = (indexed.warning,) if indexed.warning else ()
    return Made(tuple(outputs), tuple(problems), warnings)


def _pages(
    root: Path, site: Site, search: Search | None
) -> tuple[list[OutputFile], list[Head], searching.Indexed, list[Problem]]:
    """The pages, what their heads say, and the index of those that have an article."""
    env = render.environment(assets.template_folders(root))
    named = partial(feeds.links, site.config)
    every = list(pages.pages(site, named))
    heads = [page.values["head"] for page in every]
    rendered, problems = render.render(env, every)
    if not search or problems:
        return rendered, heads, searching.Indexed(), problems
    articles = {one.article.page for one in site.articles}
    indexed = search([page for page in rendered if page.path in articles], cache_folder(root))
    if indexed.files:
        every = list(pages.pages(site, named, searchable=True))
        again, problems = render.render(
            env, [one for one in every if one.path == pages.SEARCH_PAGE]
        )
        rendered = [one for one in rendered if one.path != pages.SEARCH_PAGE] + again
    return rendered, heads, indexed, problems


def _beside(site: Site) -> Iterator[OutputFile]:
    """What each article brings besides its page: its text as Markdown, and its files."""
    for one in site.articles:
        slug = one.article.slug
        yield OutputFile(f"{slug}.md", one.markdown.encode())
        for name, content in one.article.files.items():
            yield OutputFile(f"{slug}/{name}", content)
        for path, content in one.pictures.items():
            yield OutputFile(path, content)


def _here(site: Site) -> links.Here:
    newsletter = site.config.newsletter
    served = frozenset([newsletter.subscribe_url] if newsletter else [])
    articles = {one.article.page: one.article for one in site.articles}
    return links.Here(site.config.url, served, articles)
