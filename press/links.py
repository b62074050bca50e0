"""Every internal link resolves: between articles, to their sections, files, and pages of the site.

Authors link to files (`[traits](006-traits.md#shape)`), so that links work in an editor and on a
forge; here they become the addresses of pages.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote, urlsplit

from msgspec import Struct

from press.fences import SPAN
from press.model import Article, Fragment, Manuscript
from press.problems import Code, Problem, did_you_mean

SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
# What may stand before an address in Markdown or HTML, and right behind it.
# The letters are in both cases, as a pattern that ignores case has no quick way to its first one.
_NAMES = ("href", "src", "poster", "data", "srcset")
_EITHER = "|".join("".join(f"[{one}{one.upper()}]" for one in name) for name in _NAMES)
BEFORE_ADDRESS = re.compile(rf"\][(:]\s*<?|(?:{_EITHER})\s*=\s*[\"']?|<")
AFTER_ADDRESS = frozenset(" \t\r)>\"'")
# What no address may have (RFC 3987, 2.2), though people write it and browsers take it.
NOT_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")
SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp", "xmpp", "news", "irc", "geo"})


class Broken(ValueError):
    """A link that leads nowhere; says why, and what to do in `hint`."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.hint = hint


class Targets(Struct, frozen=True):
    """What an article's link may lead to."""

    articles: Mapping[str, Article]
    """Content path -> article, of those in the site."""
    ids: Mapping[str, frozenset[str]]
    """Content path -> ids of its page."""
    held_back: frozenset[str]
    """Content paths of drafts, articles of the future, and files that can't be parsed now."""
    pages: frozenset[str]
    """Paths of the site that no article makes, such as `index.html`."""


NONE = Targets({}, {}, frozenset(), frozenset())


def resolve(href: str, article: Article, targets: Targets) -> str:
    """The address in the site for a link in an article: relative to its page. Raises Broken."""
    if not href.strip():
        raise Broken("this link has no address")
    if SCHEME.match(href):
        return _outside(href)
    if href.startswith("//"):
        return href
    path, mark, fragment = href.partition("#")
    path = unquote(path.partition("?")[0]) if path else ""
    if not path:
        _require_id(unquote(fragment), article.path, targets)
        return href
    if path.startswith("/"):
        return _site_path(path, targets) + mark + fragment
    place = posixpath.normpath(posixpath.join(posixpath.dirname(article.path), path))
    if (name := article_files(article).get(place)) is not None:
        return quote(f"{article.slug}/{name}") + mark + fragment
    if place not in targets.articles:
        place = f"{place}/index.md"
    if place in targets.articles:
        _require_id(unquote(fragment), place, targets)
        return targets.articles[place].page + mark + fragment
    raise _nowhere(path, place, article, targets)


def _outside(href: str) -> str:
    scheme = href.partition(":")[0].lower()
    if scheme not in SAFE_SCHEMES:
        raise Broken(f"links to `{scheme}:` addresses are not published")
    try:
        host = urlsplit(href).hostname
    except ValueError:  # such as a bracket that is never closed
        host = None
    if scheme in ("http", "https") and not host:
        raise Broken(f"`{href}` is not a valid address")
    return NOT_IN_ADDRESS.sub(lambda char: quote(char[0]), href)


def _site_path(path: str, targets: Targets) -> str:
    page = path.lstrip("/") or "index.html"
    if page not in targets.pages:
        raise Broken(f"the site has no page `{path}`", did_you_mean(page, targets.pages))
    return page


def _require_id(fragment: str, path: str, targets: Targets) -> None:
    ids = targets.ids[path]
    note = fragment.removeprefix("fnref:")  # Python-Markdown links each footnote to its reference
    if note != fragment and fragment not in ids:
        raise Broken(f"nothing refers to the footnote `[^{note}]`", "refer to it, or remove it")
    if fragment and fragment not in ids:
        raise Broken(f"{path} has no section `#{fragment}`", did_you_mean(fragment, ids))


def article_files(article: Article) -> dict[str, str]:
    """Path from the publication's folder -> path from the article's own, of what lies beside it."""
    folder = posixpath.dirname(article.path)
    return {f"{folder}/{name}": name for name in article.beside}


def own_file(href: str, article: Article) -> str | None:
    """The file beside an article that a link leads to: its path from the article's folder."""
    if SCHEME.match(href) or href.startswith(("/", "#")):
        return None
    path = unquote(href.partition("#")[0].partition("?")[0])
    place = posixpath.normpath(posixpath.join(posixpath.dirname(article.path), path))
    return article_files(article).get(place)


def _nowhere(path: str, place: str, article: Article, targets: Targets) -> Broken:
    candidates = {place, place.removesuffix("/index.md")}
    if candidates & targets.held_back:
        return Broken(f"`{path}` is not part of the site now", "publish it, or remove the link")
    here = posixpath.dirname(article.path)
    known = {posixpath.relpath(name, here) for name in (*targets.articles, *article_files(article))}
    return Broken(f"there is no `{path}` to link to", did_you_mean(path, known))


def leads_away(href: str, article: Article) -> bool:
    """Whether a link leads to elsewhere in the publication, of which the article knows nothing."""
    path = href.partition("#")[0].partition("?")[0]
    is_here = SCHEME.match(href) or href.startswith("//") or not path
    return not is_here and own_file(href, article) is None


def check_own(article: Manuscript, fragment: Fragment) -> list[Problem]:
    """A Problem for each place in an article that links to nowhere, of links that stay in it."""
    alone = Targets({}, {article.path: fragment.ids}, frozenset(), frozenset())
    own = [href for href in fragment.links if not leads_away(href, article)]
    return [one for href in own for one in broken(href, article, alone)]


def broken(href: str, article: Manuscript, targets: Targets) -> list[Problem]:
    """A Problem for each place in an article where a link is written, if that leads to nowhere."""
    try:
        resolve(href, article, targets)
    except Broken as error:
        return problems_at(href, article, Code.BROKEN_LINK, str(error), error.hint)
    return []


def places(href: str, article: Manuscript) -> list[tuple[int, int]]:
    """Where an article's text has this address as it is, outside of its fences and of `code`.

    Empty where it is written in another way, such as with references to characters.
    """
    return [
        (number, mark.end() + 1)
        for number, line in _lines_with(href, article.source.text)
        if number >= article.body_line
        and not any(fence.line <= number <= fence.end for fence in article.fences)
        for text in [SPAN.sub(_blank, line)]
        for mark in BEFORE_ADDRESS.finditer(text)
        if text.startswith(href, mark.end())
        and (text[mark.end() + len(href) :] or " ")[0] in AFTER_ADDRESS
        and (mark.group() != "<" or SCHEME.match(href))  # <https://example.org>
    ]


def _blank(span: re.Match[str]) -> str:
    return " " * len(span[0])


def _lines_with(part: str, text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that have this in them, each with its number."""
    at = -1 if "\n" in part else text.find(part)
    while at >= 0:
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        yield text.count("\n", 0, start) + 1, text[start : end if end >= 0 else None]
        at = text.find(part, end + 1) if end >= 0 else -1


def problems_at(
    href: str, article: Manuscript, code: Code, message: str, hint: str = ""
) -> list[Problem]:
    """A Problem for each place where an article has an address; or one, if none is found."""
    found = places(href, article) or [(article.body_line, 1)]
    return [article.source.problem(code, *at, message, hint) for at in found]


def absolute(base: str, page: str, address: str) -> str:
    """The whole URL for an address of a page of the site at `base`."""
    if SCHEME.match(address):
        return address
    if address.startswith("//"):
        return base.partition("//")[0] + address
    if address.startswith("#"):
        return f"{base}/{page}{address}"
    return f"{base}/{posixpath.normpath(posixpath.join(posixpath.dirname(page), address))}"
