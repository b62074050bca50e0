"""Gives an article another number, slug or title; its id stays, and every link to it leads on.

What is to be written lies complete beside the articles before any of them is touched, so a rename
that is cut off is ended by the next one.
"""

import html
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from press import amending, config, fields, frontmatter, languages, links, markup, series, source
from press.amending import Edit
from press.config import Config
from press.model import Manuscript
from press.problems import Code, Problem, ProblemsFound, did_you_mean
from press.replacing import Change

ALIASES = ("aliases", "redirect_from", "alias")


@dataclass(frozen=True, slots=True)
class Wish:
    """What an article is to have instead; None leaves it."""

    number: int | None = None
    slug: str | None = None
    title: str | None = None
    shift: bool = False
    """Whether articles that stand in the way of the number move one on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rename would do."""

    changes: tuple[Change, ...]
    said: tuple[str, ...]
    """A line for each thing that changes."""


def plan(root: Path, which: str, wish: Wish) -> Plan:
    """What giving an article another name changes. Raises ProblemsFound; nothing is written."""
    settings = config.load(root)
    articles, unparsed, problems = series.read(root, settings)
    if unparsed:  # a link in one of them would be left behind
        raise ProblemsFound([one for one in problems if one.path in unparsed])
    article = _find(articles, which)
    wish = _read(wish)
    names = _names(articles, article, wish)
    _require_free(articles, article, wish)
    files = {entry.path: source.read(entry, root) for entry in source.entries(root)[0]}
    changes, moves, said = [], [], []
    for one in articles:
        edits = list(_edits(one, wish)) if one is article else []
        edits += amending.links(one, names)
        old = posixpath.dirname(one.path) if one.path.endswith("/index.md") else one.path
        new = f"{source.FOLDER}/{names.get(old.rpartition('/')[2], old.rpartition('/')[2])}"
        if edits or old != new:
            content = files[one.path].content
            changes.append(Change(old, new, content, amending.applied(content, edits)))
            said += [f"{new}{edit.said}" for edit in sorted(edits)]
        if old != new:
            moves.append(f"{old} -> {new}")
    made = _made(articles, changes, settings)
    problems = [
        *_unexpected(made, article, wish),
        *_left_behind(made, names),
        *_in_the_way(root, changes),
    ]
    if problems:
        raise ProblemsFound(problems)
    return Plan(tuple(changes), (*moves, *said))


def _find(articles: Sequence[Manuscript], which: str) -> Manuscript:
    """An article by its number, slug, path or the name of its file. Raises ProblemsFound."""
    path = which.rstrip("/").removesuffix(".md").removesuffix("/index")
    name = path.rpartition("/")[2]
    found = [one for one in articles if which.isdecimal() and one.number == int(which)]
    found = found or [one for one in articles if one.slug == which]
    found = found or [one for one in articles if _stem(one) == name]
    if len(found) == 1:
        return found[0]
    if found:
        both = " and ".join(one.path for one in found)
        raise _refused(f"`{which}` is the name of both {both}", "give the path of one of them")
    known = [*(one.slug for one in articles), *(_stem(one) for one in articles)]
    raise _refused(f"there is no article `{which}`", did_you_mean(name, known))


def _stem(article: Manuscript) -> str:
    return article.path.removesuffix(".md").removesuffix("/index").rpartition("/")[2]


def _refused(message: str, hint: str = "") -> ProblemsFound:
    return ProblemsFound([Problem("rename", 0, 0, Code.BAD_INPUT, message, hint)])


def _read(wish: Wish) -> Wish:
    try:
        slug = None if wish.slug is None else fields.slug(wish.slug)
    except fields.Wrong as error:
        raise _refused(f"the slug `{wish.slug}` {error}") from None
    try:
        return replace(
            wish, slug=slug, title=None if wish.title is None else fields.text(wish.title)
        )
    except fields.Wrong as error:
        raise _refused(f"the title {error}") from None


def _names(articles: Sequence[Manuscript], article: Manuscript, wish: Wish) -> dict[str, str]:
    """Name in `content/` -> new name, of each article that moves."""
    numbers = {}
    if wish.number is not None and wish.number != article.number:
        numbers = {article.path: wish.number, **dict(_shifted(articles, article, wish))}
    names = {}
    for one in articles:
        stem, suffix = _stem(one), "" if one.path.endswith("/index.md") else ".md"
        digits, _, rest = stem.partition("-")
        number = f"{numbers.get(one.path, one.number):0{len(digits)}}"
        rest = wish.slug if one is article and wish.slug is not None else rest
        if f"{number}-{rest}" != stem:
            names[stem + suffix] = f"{number}-{rest}{suffix}"
    return names


def _shifted(
    articles: Sequence[Manuscript], article: Manuscript, wish: Wish
) -> Iterator[tuple[str, int]]:
    """The path and new number of each article that makes room. Raises ProblemsFound."""
    taken = {one.number: one for one in articles if one is not article}
    number = wish.number or 0
    if number in taken and not wish.shift:
        message = f"it has the number {number} already"
        hint = "take another number, or let it and those behind it move one on with --shift"
        raise ProblemsFound([Problem(taken[number].path, 0, 0, Code.DUPLICATE, message, hint)])
    while number in taken:
        yield taken[number].path, number + 1
        number += 1


def _require_free(articles: Sequence[Manuscript], article: Manuscript, wish: Wish) -> None:
    """Raise ProblemsFound where another article has the slug, or had it and leads on from there."""
    if wish.slug is None:
        return
    page = f"{wish.slug}.html"
    for one in articles:
        if one is not article and (one.slug == wish.slug or page in one.aliases):
            message = f"it has the address {page} already"
            raise ProblemsFound(
                [Problem(one.path, 0, 0, Code.DUPLICATE, message, "choose another slug")]
            )


def _expected(article: Manuscript, wish: Wish) -> dict[str, object]:
    """What the article has to say of itself afterwards."""
    slug = article.slug if wish.slug is None else wish.slug
    old = [*article.aliases, article.page] if slug != article.slug else [*article.aliases]
    return {
        "id": article.id,
        "slug": slug,
        "title": article.title if wish.title is None else wish.title,
        "number": article.number if wish.number is None else wish.number,
        "aliases": tuple(one for one in old if one != f"{slug}.html"),
    }


def _edits(article: Manuscript, wish: Wish) -> Iterator[Edit]:
    """The edits of the front matter of the article that is renamed."""
    text = article.source
    spans, _ = frontmatter.spans(text)
    if wish.title is not None and wish.title != article.title:
        yield amending.key(text, "title", wish.title, f": title: {wish.title}")
    if wish.slug is None or wish.slug == article.slug:
        return
    if "slug" in spans:
        yield amending.key(text, "slug", wish.slug, f": slug: {wish.slug}")
    if "id" not in spans:
        yield amending.key(text, "id", article.id, f": id: {article.id}, as it was")
    page = f"{wish.slug}.html"
    if page in article.aliases:
        kept = [f"/{one}" for one in (*article.aliases, article.page) if one != page]
        yield amending.without(text, ALIASES, kept, f": aliases: {', '.join(kept)}")
    else:
        old = f"/{article.page}"
        yield amending.item(text, ALIASES, old, f": aliases: {old} leads here")


def _made(
    articles: Sequence[Manuscript], changes: Sequence[Change], settings: Config
) -> dict[str, Manuscript | None]:
    """Path of each article as it was -> what is read of it when the changes are made."""
    made: dict[str, Manuscript | None] = {one.path: one for one in articles}
    known = languages.languages()
    for one in changes:
        is_file = one.new.endswith(".md")
        path = one.new if is_file else f"{one.new}/index.md"
        content = source.ContentFile(path, one.after, {})
        read = source.parse(content, settings, known)[0]
        made[one.old if is_file else f"{one.old}/index.md"] = read
    return made


def _unexpected(
    made: Mapping[str, Manuscript | None], article: Manuscript, wish: Wish
) -> Iterator[Problem]:
    """A Problem where the front matter would not say what was asked for, and no more."""
    after, expected = made[article.path], _expected(article, wish)
    if after is None or any(getattr(after, key) != value for key, value in expected.items()):
        message = "its front matter can't be changed without changing more than was asked for"
        hint = "change its slug, id and aliases by hand: see docs/writing.md"
        yield Problem(article.path, 0, 0, Code.REFUSED, message, hint)


def _left_behind(
    made: Mapping[str, Manuscript | None], names: Mapping[str, str]
) -> Iterator[Problem]:
    """A Problem for each link that is written in a way that can't be rewritten."""
    gone = {*names} - {*names.values()}
    message = "this link leads to what is renamed, and is written so that it can't be changed"
    for one in made.values():
        if one and _names_any(one.source.text, gone):
            for href in markup.render(one).links:
                if amending.entry_of(href, one.path) in gone:
                    yield from links.problems_at(
                        href, one, Code.BROKEN_LINK, message, "write it anew"
                    )


def _names_any(text: str, names: set[str]) -> bool:
    """Whether a text could have a link to one of these: most have none, and are not rendered."""
    plain = html.unescape(unquote(text))
    return any(name.removesuffix(".md") in plain for name in names)


def _in_the_way(root: Path, changes: Sequence[Change]) -> Iterator[Problem]:
    """A Problem for each new name that something else has, which is no article that moves."""
    moving = {one.old for one in changes}
    for one in changes:
        new, old = root / one.new, root / one.old
        if one.new not in moving and new.exists() and not new.samefile(old):
            yield Problem(one.new, 0, 0, Code.DUPLICATE, "this is there already", "move it away")
