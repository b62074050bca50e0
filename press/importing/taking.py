"""The posts of a blog -> articles of a publication, each looked at as a build would."""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from urllib.parse import unquote

from press import gist, languages, words
from press.config import Config
from press.drafting import slug_of
from press.fields import BAD_CHARACTER
from press.gist import Gist
from press.importing.addresses import SERIES_PAGE, Addresses, Article, Resolver, plain
from press.importing.completing import complete, moment
from press.importing.post import Blog, Hand, Post
from press.model import Manuscript
from press.problems import Code
from press.root import cache_folder
from press.source import FOLDER, ContentFile

ALIAS = re.compile(r"/?(?:[A-Za-z0-9~_][A-Za-z0-9._~-]{0,99}/?)+")


@dataclass(frozen=True, slots=True)
class Taken:
    """A post as an article."""

    article: Article
    content: bytes = field(repr=False)
    files: Mapping[str, Path] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Import:
    """What an import brings."""

    articles: tuple[Taken, ...]
    hands: tuple[Hand, ...]
    there: tuple[str, ...]
    """Posts that an earlier import has brought."""


def take(
    blog: Blog, settings: Config, root: Path, known: Sequence[Manuscript], now: datetime
) -> Import:
    """What the posts of a blog become beside the articles that are known."""
    posts, there, aside = [], [], _aside(root)
    for post in sorted(blog.posts, key=lambda one: _when(one, now)):
        complete(post, now)
        if _slug(post) in aside or any(_is_same(post, one) for one in known):
            there.append(post.path)
        else:
            posts.append(post)
    _name_apart(posts, known)
    articles = _numbered(posts, known)
    aliases = _aliases(articles, known)
    base = {post.path: list(post.hands) for post in posts}
    made: list[Taken] = []
    # First to see which sections there are and what can be shown, and then again knowing that.
    for turn in range(TURNS):
        for post in posts:
            post.hands = list(base[post.path])
        made = [_taken(one, Addresses(blog, articles), aliases) for one in articles]
        before = articles
        articles = [_looked_at(one, before, settings, root, is_strict=turn > 0) for one in made]
        if turn and [one.is_draft for one in before] == [one.is_draft for one in articles]:
            break
    hands = {*blog.hands, *(hand for post in posts for hand in post.hands)}
    return Import(tuple(made), tuple(sorted(hands)), tuple(there))


def _when(post: Post, now: datetime) -> tuple[float, str]:
    return moment(post.date or now).timestamp(), post.path


def _aside(root: Path) -> set[str]:
    """The slugs of what earlier imports have laid aside."""
    found = (root / FOLDER).glob(f"{ASIDE}*-*")
    return {place.name.removesuffix(".md").partition("-")[2] for place in found}


def _is_same(post: Post, article: Manuscript) -> bool:
    """Whether an article is a post that was imported before."""
    aliases = {plain(one) for one in (*article.aliases, article.page)}
    is_moved = any(plain(one) in aliases for one in post.addresses)
    return post.title == article.title and (is_moved or article.id == _slug(post))


def _slug(post: Post) -> str:
    return slug_of(post.slug) or slug_of(post.title) or slug_of(post.place.stem) or "post"


def _name_apart(posts: Sequence[Post], known: Sequence[Manuscript]) -> None:
    """Give each post a slug that nothing else has."""
    taken = {name for one in known for name in (one.slug, one.id)}
    for post in posts:
        slug = wanted = _slug(post)
        number = 2
        while slug in taken:
            slug = f"{wanted}-{number}"
            number += 1
        if slug != wanted:
            post.needs(1, f"its slug is `{slug}`, as another article is called `{wanted}`")
        post.slug = slug
        taken.add(slug)


def _numbered(posts: Sequence[Post], known: Sequence[Manuscript]) -> list[Article]:
    first = max((one.number for one in known), default=-1) + 1
    width = max(3, len(str(first + len(posts))))
    return [
        Article(
            post, f"{number:0{width}}-{post.slug}", post.bundle is not None, post.draft, frozenset()
        )
        for number, post in enumerate(posts, first)
    ]


def _aliases(articles: Sequence[Article], known: Sequence[Manuscript]) -> dict[str, list[str]]:
    """Path of each post -> its old addresses, as far as nothing else has them."""
    pages = {f"{one.post.slug}.html" for one in articles} | {one.page for one in known}
    taken = {plain(page) for page in (*pages, *(alias for one in known for alias in one.aliases))}
    found: dict[str, list[str]] = {}
    for one in articles:
        post = one.post
        for address in dict.fromkeys(post.addresses):
            path = re.sub(r"^https?://[^/]*", "", address)
            if plain(path) == plain(f"{post.slug}.html") or plain(path) == "/":
                continue
            if plain(path) in taken or not ALIAS.fullmatch(path):
                post.needs(1, f"its address `{address}` can't lead to it")
                continue
            taken.add(plain(path))
            found.setdefault(post.path, []).append("/" + path.lstrip("/"))
    return found


def _taken(article: Article, addresses: Addresses, aliases: Mapping[str, list[str]]) -> Taken:
    resolver = Resolver(addresses, article)
    post = article.post
    body = resolver.lines(post.body)
    if resolver.files and not article.is_folder:  # its files need a folder: its links lead up then
        article = replace(article, is_folder=True)
        resolver = Resolver(addresses, article)
        before = list(post.hands)
        body = resolver.lines(post.body)
        post.hands = before
    front = "\n".join(_front(article, aliases.get(post.path, [])))
    text = "\n".join(line for _, line in body).strip("\n")
    return Taken(article, f"---\n{front}\n---\n\n{text}\n".encode(), resolver.files)


def _front(article: Article, aliases: Sequence[str]) -> Iterator[str]:
    post = article.post
    yield f"title: {_quoted(post.title)}"
    yield f"date: {_written(post.date)}"
    yield f"description: {_quoted(post.description)}"
    if post.tags:
        yield f"tags: [{', '.join(map(_quoted, post.tags))}]"
    if post.updated:
        yield f"updated: {_written(post.updated)}"
    yield f"id: {_quoted(post.slug)}"
    if post.authors:
        yield f"authors: [{', '.join(map(_quoted, post.authors))}]"
    if aliases:
        yield f"aliases: [{', '.join(map(_quoted, aliases))}]"
    if article.is_draft:
        yield "draft: true"


def _written(value: date | None) -> str:
    """A date, with its time if it has one."""
    is_day = isinstance(value, datetime) and value.time() == time.min and value.tzinfo is None
    return f"{value:%Y-%m-%d}" if is_day else str(value.isoformat() if value else "")


def _quoted(text: str) -> str:
    return json.dumps(" ".join(BAD_CHARACTER.sub(" ", text).split()), ensure_ascii=False)


WRONG = "it comes as a draft: "
ASIDE = "_"
"""What the name of an article begins with that no build is to read."""
TURNS = 4
"""In which articles are made; a draft may make drafts of others only by what leads to it."""


def _looked_at(
    taken: Taken, articles: Sequence[Article], settings: Config, root: Path, *, is_strict: bool
) -> Article:
    """The article with its sections; a draft where a build would find something wrong with it."""
    article, post = taken.article, taken.article.post
    read = _read(taken, settings, root)
    problems = sorted(
        one
        for one in {*read.problems, *read.faults}
        if is_strict or one.code is not Code.BROKEN_LINK
    )
    front = taken.content.count(b"\n", 0, taken.content.find(b"\n---\n")) + 3
    start = next((index for index, (_, line) in enumerate(post.body) if line.strip()), 0)
    name = article.name
    if read.problems:  # of a draft, too, they would stop a build
        name = ASIDE + name.removeprefix(ASIDE)
    astray = list(_astray(read, article, articles)) if is_strict else []
    for href in astray:
        post.needs(1, f"{WRONG}`{href}` leads to nothing")
    for one in problems:
        at = one.line - front + start - 1
        number = post.body[at][0] if 0 <= at < len(post.body) else 1
        how = f"it comes aside, as {name}: " if read.problems else WRONG
        post.needs(number, f"{how}{one.message.splitlines()[0]}")
    is_draft = article.is_draft or bool(problems or astray)
    return replace(article, name=name, is_draft=is_draft, ids=read.ids)


def _astray(read: Gist, article: Article, articles: Sequence[Article]) -> Iterator[str]:
    """The links to elsewhere in the publication that no address was found for."""
    there = {one.path for one in articles if article.is_draft or not one.is_draft}
    for href in read.away:
        path = unquote(href.partition("#")[0].partition("?")[0])
        place = posixpath.normpath(posixpath.join(posixpath.dirname(article.path), path))
        if path != SERIES_PAGE and place not in there:
            yield href


def _read(taken: Taken, settings: Config, root: Path) -> Gist:
    files = {name: place.read_bytes() for name, place in taken.files.items()}
    path = f"{FOLDER}/{taken.article.path.removeprefix(ASIDE)}"
    content = ContentFile(path, taken.content, files)
    said = words.of(root, settings.language)
    return gist.read(content, settings, said, languages.languages(), cache_folder(root)).gist
