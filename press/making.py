"""A site -> its files but for those of its articles, and what is wrong with templates and links."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict, replace

from press import (
    digests,
    feeds,
    head,
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
from press.channels import Channel, Document
from press.desk import Telling
from press.model import Change, Listed, OutputFile, Site
from press.pagelinks import ManuscriptOf
from press.problems import Problem
from press.results import Result
from press.tasks import Tasks
from press.templating import Templating

Search = Callable[[Sequence[OutputFile], Path], searching.Indexed]
"""Pages with articles, and a folder for what is kept -> the index that searches them."""


class Frame(Struct, frozen=True):
    """What the files of a site are made of, besides its articles."""

    site: Site
    templates: Templating
    common: Mapping[str, str]
    """The inputs that each of them has."""


def pages_of_site(tasks: Tasks, frame: Frame, *, searchable: bool) -> list[Problem]:
    """Make every page but those of articles."""
    problems: list[Problem] = []
    site = frame.site
    for page in pages.of_site(site, lambda tag: feeds.links(site.config, tag)):
        if "searchable" in page.values:
            page = replace(page, values={**page.values, "searchable": searchable})
        tasks.heads.append(page.values["head"])
        inputs = {**frame.common, **frame.templates.inputs(page)}
        if tasks.recall(page.path, inputs):
            continue
        rendered, faults = render.render(frame.templates.environment, [page])
        problems += faults
        if rendered:
            tasks.keep(page.path, inputs, tasks.put(rendered, page=True))
    return problems


Documents = Sequence[tuple[feeds.Format, Document, str]]
"""Of all feeds, each with its path. All formats have the same."""


def tellings(
    tasks: Tasks, frame: Frame, documents: Documents, texts: Mapping[str, str]
) -> Iterator[tuple[str, tuple[Telling, Mapping[str, str]]]]:
    """The path of each document of a feed that has to be made, what it needs, and its inputs.

    `texts` names the HTML of each article for feeds, by its path.
    """
    common = digests.of(frame.common)
    made_of = {
        listed.article.path: digests.of(common, listed.digest, texts[listed.article.path])
        for listed in frame.site.articles
    }
    known: dict[int, Mapping[str, str]] = {}
    """The inputs of each document: those of all its formats."""
    for one, document, path in documents:
        inputs = known.get(id(document))
        if inputs is None:
            its = {"its articles": _articles(document, made_of), "its channel": _channel(document)}
            inputs = known[id(document)] = {**frame.common, **its}
        if not tasks.recall(path, inputs):
            names = [listed.article.path for listed in document.articles]
            whole = replace(document, channel=replace(document.channel, articles=()))
            named, parts = (tuple(map(of.__getitem__, names)) for of in (texts, made_of))
            before = tasks.there(path)
            yield path, (Telling(one.NAME, path, whole, named, parts, before), inputs)


def _articles(document: Document, made_of: Mapping[str, str]) -> str:
    return digests.of(*(made_of[listed.article.path] for listed in document.articles))


def _channel(document: Document) -> str:
    """A digest of what a document says besides its articles, and the settings that all share."""
    channel = {**asdict(document.channel), "config": None, "articles": None}
    return digests.of({**asdict(document), "channel": channel, "articles": None})


def singles(tasks: Tasks, frame: Frame, channels: Sequence[Channel], documents: Documents) -> None:
    """Make the files that there is one of, for machines."""
    site = frame.site
    tasks.add([feeds.listed(channels)])
    listings = [head.listing(site.config, one.article) for one in site.articles]
    tasks.add(siteindex.files(site, [*tasks.heads, *listings]))
    fed = {path: one.MEDIA_TYPE for one, _, path in documents}
    tasks.add(headers.files(site, {**fed, feeds.LIST: feeds.media_type(feeds.LIST)}))


def faults(site: Site, tasks: Tasks, manuscript: ManuscriptOf) -> list[Problem]:
    """What is wrong with the addresses of a site, and with the links of its pages.

    What the last good build has looked at is not looked at again while all that it leads to is
    there.
    """
    results = tasks.results
    left = tasks.found.left if tasks.found.is_judged else {}
    paths = [*(one.path for one in results if not one.compressed), manifest.FILE]
    if len(set(paths)) < len(paths) or not left.keys() >= set(paths):
        doubled = output.unsafe_or_doubled(paths)
        if doubled:
            return [_where_it_is_written(site, one, manuscript) for one in doubled]
    pages = tasks.made if left and _is_all_there(tasks, left) else results
    return pagelinks.check_pages(pages, results, tasks.references, manuscript)


def _is_all_there(tasks: Tasks, left: output.Left) -> bool:
    """Whether each file and each id that the last good build has left is still there."""
    if not left.keys() <= {manifest.FILE, *(one.path for one in tasks.results)}:
        return False
    for one in tasks.made:
        if not one.refers or one.path not in left:
            continue
        before = tasks.replaced.get(one.path)
        if before is None or before.digest != left[one.path][1]:
            return False
        had, has = tasks.references(before), tasks.references(one)
        if had is None or has is None or not had.ids <= has.ids:
            return False
    return True


def index(site: Site, results: Iterable[Result]) -> OutputFile:
    """The manifest, which lists all files of a site that has no problem."""
    settings = site.config
    letters = bool(settings.newsletter)
    made = manifest.Manifest(
        manifest.Series(
            settings.title, settings.url, settings.author, settings.language, settings.description
        ),
        tuple(_entry(settings.url, one, letters=letters) for one in site.articles),
        {one.path: one.digest for one in results},
    )
    return OutputFile(manifest.FILE, manifest.dump(made))


def _where_it_is_written(site: Site, problem: Problem, manuscript: ManuscriptOf) -> Problem:
    """The same Problem of an address, at the alias or slug of the last article that names it."""
    path = problem.path.removeprefix(f"{output.FOLDER}/").lower()
    for one in reversed(site.articles):
        for name in (*one.article.aliases, one.article.page):
            written = name.removesuffix("/index.html" if name != one.article.page else ".html")
            if not f"{name.lower()}/".startswith(f"{path}/"):
                continue
            article = manuscript(one.article.page)
            assert article  # noqa: S101  # it is in the site
            head = "\n".join(article.source.text.split("\n")[: article.body_line - 1])
            if found := re.search(rf"(?<![\w/.-])/?{re.escape(written)}(?![\w-])", head):
                line, column = article.source.position(found.start())
                message = f"{problem.message}: {problem.path}"
                return article.source.problem(problem.code, line, column, message, problem.hint)
    return problem


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
        tuple(_change(one) for one in article.changes),
        letter.path(article.slug) if letters else "",
    )


def _change(one: Change) -> manifest.Change:
    return manifest.Change(one.date.isoformat(), one.note, one.correction)
