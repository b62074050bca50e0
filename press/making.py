"""A site -> each of its files, and what is wrong with templates and links."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from press import (
    assets,
    binding,
    cards,
    compressing,
    elements,
    feeds,
    headers,
    letter,
    manifest,
    output,
    pagelinks,
    pages,
    render,
    searching,
    siteindex,
)
from press.model import Listed, Manuscript, OutputFile, Site
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


def make(
    root: Path,
    site: Site,
    bound: Sequence[binding.Bound],
    static: Sequence[OutputFile],
    search: Search | None,
    manuscript: Callable[[str], Manuscript | None],
) -> Made:
    """All files, with those that are as they lie in the publication, and an index if `search`.

    `manuscript` gives what a page was made of, to say where in it something is wrong.
    """
    every = list(_pages(site, bound))
    rendered, indexed, problems = _rendered(root, site, every, search)
    drawn, more = cards.make(root, site)
    problems += more
    fed = list(feeds.files(site, [one.published for one in bound]))
    outputs = [
        *rendered,
        *(file for one in bound for file in one.files),
        *static,
        *fed,
        *drawn,
        *indexed.files,
    ]
    outputs += siteindex.files(site, [page.values["head"] for page in every])
    outputs += headers.files(site, {one.path: feeds.media_type(one.path) for one in fed})
    doubled = output.unsafe_or_doubled([*outputs, OutputFile(manifest.FILE, b"")])
    problems += [_where_it_is_written(site, one, manuscript) for one in doubled]
    if not problems:
        references = {page.path: elements.references(page.content.decode()) for page in rendered}
        problems += pagelinks.check_pages(outputs, references, _here(site, manuscript))
    if site.config.compressed and not problems:
        outputs += compressing.forms(outputs, cache_folder(root))
    warnings = tuple(filter(None, (site.words.warning, indexed.warning)))
    return Made(tuple(outputs), tuple(problems), warnings)


def index(site: Site, outputs: Sequence[OutputFile]) -> OutputFile:
    """The manifest, which lists all files of a site that has no problem."""
    return OutputFile(manifest.FILE, manifest.dump(_manifest(site, outputs)))


def _rendered(
    root: Path, site: Site, every: Sequence[pages.Page], search: Search | None
) -> tuple[list[OutputFile], searching.Indexed, list[Problem]]:
    """The pages, and the index of those that have an article. The page that searches comes last."""
    env = render.environment(assets.template_folders(root), site.words)
    rendered, problems = render.render(env, [p for p in every if p.path != pages.SEARCH_PAGE])
    indexed = searching.Indexed()
    if search and not problems:
        articles = {one.article.page for one in site.articles}
        indexed = search([page for page in rendered if page.path in articles], cache_folder(root))
    last = [
        replace(page, values={**page.values, "searchable": bool(indexed.files)})
        for page in every
        if page.path == pages.SEARCH_PAGE
    ]
    more, faults = render.render(env, last)
    return rendered + more, indexed, problems + faults


def _where_it_is_written(
    site: Site, problem: Problem, manuscript: Callable[[str], Manuscript | None]
) -> Problem:
    """The same Problem of an address, at the alias or slug of the last article that names it."""
    path = problem.path.removeprefix(f"{output.FOLDER}/").lower()
    for one in reversed(site.articles):
        article = manuscript(one.article.page)
        assert article  # noqa: S101  # it is in the site
        for name in (*article.aliases, article.page):
            written = name.removesuffix("/index.html" if name != article.page else ".html")
            head = "\n".join(article.source.text.split("\n")[: article.body_line - 1])
            found = re.search(rf"(?<![\w/.-])/?{re.escape(written)}(?![\w-])", head)
            if found and f"{name.lower()}/".startswith(f"{path}/"):
                line, column = article.source.position(found.start())
                message = f"{problem.message}: {problem.path}"
                return article.source.problem(problem.code, line, column, message, problem.hint)
    return problem


def _pages(site: Site, bound: Sequence[binding.Bound]) -> Iterator[pages.Page]:
    yield from pages.of_site(site, partial(feeds.links, site.config))
    links = feeds.links(site.config)
    for one, place in zip(bound, pages.places(site), strict=True):
        yield from pages.of_article(site.config, site.words, one.published, place, links)


def _here(site: Site, manuscript: Callable[[str], Manuscript | None]) -> pagelinks.Here:
    newsletter = site.config.newsletter
    served = frozenset([newsletter.subscribe_url] if newsletter else [])
    return pagelinks.Here(site.config.url, served, manuscript)


def _manifest(site: Site, outputs: Sequence[OutputFile]) -> manifest.Manifest:
    settings = site.config
    return manifest.Manifest(
        manifest.Series(
            settings.title, settings.url, settings.author, settings.language, settings.description
        ),
        tuple(
            _entry(settings.url, one, letters=bool(settings.newsletter)) for one in site.articles
        ),
        {file.path: output.digest(file.content) for file in outputs},
    )


def _entry(base: str, published: Listed, *, letters: bool) -> manifest.Entry:
    article = published.article
    return manifest.Entry(
        article.id,
        article.number,
        article.slug,
        article.title,
        article.description,
        f"{base}/{article.page}",
        article.page,
        article.date.isoformat(),
        article.updated.isoformat(),
        article.tags,
        article.authors,
        tuple(manifest.Change(one.date.isoformat(), one.note) for one in article.changes),
        letter.path(article.slug) if letters else "",
    )
