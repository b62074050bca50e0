"""Every link of a finished page leads to something in the site, and no id is there twice."""

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from press import elements, links
from press.config import Config
from press.model import Manuscript, OutputFile
from press.problems import Code, Problem
from press.results import References, Result


class Here(Struct, frozen=True):
    """What a link of a finished page may mean by a whole address."""

    base: str
    """Where the site is published."""
    served: frozenset[str]
    """Whole addresses that are answered there, and are no files: the form for subscribing."""


ManuscriptOf = Callable[[str], Manuscript | None]
"""Page -> what it was made of, if that is an article: its text may have what is wrong."""

ReferencesOf = Callable[[Result], References | None]
"""A page -> what it refers to; None for what is no page."""


def here(config: Config) -> Here:
    newsletter = config.newsletter
    return Here(config.url, frozenset([newsletter.subscribe_url] if newsletter else []))


def own_path(address: str, base: str) -> str | None:
    """The path in the site at `base` of an address that begins with its host, or at its root.

    None for one of another site, and for a relative one.
    """
    try:
        parts, own = urlsplit(address.strip()), urlsplit(base)
    except ValueError:  # such as a bracket that is never closed
        return None
    host = parts.netloc.lower() if parts.netloc else own.netloc.lower()
    if parts.scheme not in ("http", "https", "") or host != own.netloc.lower():
        return None
    if not f"{parts.path}/".startswith(f"{own.path}/") or not (parts.netloc or parts.path):
        return None
    path = parts.path.removeprefix(own.path).lstrip("/")
    page = f"{path}index.html" if not path or path.endswith("/") else path
    return page + (f"#{parts.fragment}" if parts.fragment else "")


def look(page: OutputFile, here: Here) -> References:
    """What a finished page refers to."""
    addresses, ids = elements.references(page.content.decode())
    folder, known = posixpath.dirname(page.path), frozenset(ids)
    leads = []
    for link in addresses:
        found = _target(link, folder, here.base)
        if found is None or (link in here.served and own_path(link, here.base) is not None):
            continue
        target, fragment = found[0] or page.path, found[1]
        if target != page.path or (fragment and fragment not in known):
            leads.append((link, target, fragment))
    counted = Counter(ids) if len(known) < len(ids) else {}
    twice = sorted(name for name, count in counted.items() if count > 1)
    return References(tuple(leads), known, tuple(twice))


def check_pages(
    pages: Iterable[Result],
    results: Sequence[Result],
    references: ReferencesOf,
    manuscript: ManuscriptOf,
) -> list[Problem]:
    """A Problem for each link of a finished page that leads to no file or section of the site.

    `pages` are those that are looked at, of all `results`.

    And for each id that two of its elements have: a link to it would lead to the first. Articles'
    own links to files are checked with their lines before; what is found here comes from a
    template, or is a whole address.
    """
    there = {one.path: one for one in results}
    ids = cache(lambda target: references(there[target]))
    problems = []
    for page in pages:
        its = references(page)
        if its is None:
            continue
        problems += [_given_twice(one, page.path, manuscript) for one in its.twice]
        for link, target, fragment in its.leads:
            if target not in there:
                problems += _broken(link, page.path, "which is no file of the site", manuscript)
            elif fragment and (found := ids(target)) and fragment not in found.ids:
                why = f"but {target} has no element with that id"
                problems += _broken(link, page.path, why, manuscript)
    return problems


def _given_twice(name: str, page: str, manuscript: ManuscriptOf) -> Problem:
    """At the last place of an article that gives the id, if that is found."""
    message, hint = f"two elements of this page have the id `{name}`", "rename one"
    given = re.compile(rf"(?:\bid\s*=\s*[\"']?|\{{:?[^}}]*#){re.escape(name)}(?=[\s\"'>}}])")
    article = manuscript(page)
    lines = enumerate(article.source.text.split("\n") if article else [], 1)
    found = [(number, at.start() + 1) for number, line in lines for at in given.finditer(line)]
    if article and found:
        return article.source.problem(Code.DUPLICATE, *found[-1], message, hint)
    return Problem(f"site/{page}", 0, 0, Code.DUPLICATE, message, hint)


def _broken(link: str, page: str, why: str, manuscript: ManuscriptOf) -> list[Problem]:
    message = f"the page links to `{link}`, {why}"
    article = manuscript(page)
    if article and (found := links.places(link, article)):
        hint = "to link within the site, name the file: 006-traits.md, or /index.html"
        return [article.source.problem(Code.BROKEN_LINK, *at, message, hint) for at in found]
    hint = "look in templates/site, and at the article's links to pages of the site"
    return [Problem(f"site/{page}", 0, 0, Code.BROKEN_LINK, message, hint)]


@lru_cache(maxsize=1 << 16)
def _target(link: str, folder: str, base: str) -> tuple[str, str] | None:
    """The path in the site and the id that a link of a page in a folder leads to; an empty path is
    the page itself. None for a link to elsewhere."""
    own = own_path(link, base)
    if own is not None:
        folder, link = "", own
    elif links.SCHEME.match(link) or link.startswith("//"):
        return None
    path, _, fragment = link.partition("#")
    path = unquote(path.partition("?")[0])
    place = posixpath.normpath(posixpath.join(folder, path)) if path else ""
    return place, unquote(fragment)
