"""The posts of a blog -> articles of a publication, each looked at as a build would."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from press import gist, languages, words
from press.config import Config
from press.drafting import slug_of
from press.fields import BAD_CHARACTER
from press.gist import Gist
from press.importing.addresses import Addresses, Article, Resolver, plain
from press.importing.completing import complete, moment
from press.importing.post import Blog, Hand, Post
from press.model import Manuscript
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
    posts, there = [], []
    for post in sorted(blog.posts, key=lambda one: _when(one, now)):
        complete(post, now)
        if any(_is_same(post, one) for one in known):
            there.append(post.path)
        else:
            posts.append(post)
    _name_apart(posts, known)
    articles = _numbered(posts, known)
    first = {post.path: list(post.hands) for post in posts}
    aliases = _aliases(articles, known)
    # Once to see what can be shown and which sections there are, and once more knowing that.
    made = [_taken(one, Addresses(blog, articles), aliases) for one in articles]
    articles = [_looked_at(one, settings, root) for one in made]
    second = {
        post.path: [hand for hand in post.hands if hand.what.startswith(WRONG)] for post in posts
    }
    for post in posts:
        post.hands = first[post.path] + second[post.path]
    aliases = _aliases(articles, known)
    made = [_taken(one, Addresses(blog, articles), aliases) for one in articles]
    hands = {*blog.hands, *(hand for post in posts for hand in post.hands)}
    return Import(tuple(made), tuple(sorted(hands)), tuple(there))


def _when(post: Post, now: datetime) -> tuple[float, str]:
    return moment(post.date or now).timestamp(), post.path


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
    yield f"date: {post.date.isoformat() if post.date else ''}"
    yield f"description: {_quoted(post.description)}"
    if post.tags:
        yield f"tags: [{', '.join(map(_quoted, post.tags))}]"
    if post.updated:
        yield f"updated: {post.updated.isoformat()}"
    yield f"id: {_quoted(post.slug)}"
    if post.authors:
        yield f"authors: [{', '.join(map(_quoted, post.authors))}]"
    if aliases:
        yield f"aliases: [{', '.join(map(_quoted, aliases))}]"
    if article.is_draft:
        yield "draft: true"


def _quoted(text: str) -> str:
    return json.dumps(" ".join(BAD_CHARACTER.sub(" ", text).split()), ensure_ascii=False)


WRONG = "it comes as a draft: "


def _looked_at(taken: Taken, settings: Config, root: Path) -> Article:
    """The article with its sections; a draft where a build would find something wrong with it."""
    article, post = taken.article, taken.article.post
    read = _read(taken, settings, root)
    problems = sorted({*read.problems, *read.faults})
    front = taken.content.count(b"\n", 0, taken.content.find(b"\n---\n")) + 3
    start = next((index for index, (_, line) in enumerate(post.body) if line.strip()), 0)
    for one in problems:
        at = one.line - front + start - 1
        number = post.body[at][0] if 0 <= at < len(post.body) else 1
        post.needs(number, f"{WRONG}{one.message.splitlines()[0]}")
    return replace(article, is_draft=article.is_draft or bool(problems), ids=read.ids)


def _read(taken: Taken, settings: Config, root: Path) -> Gist:
    files = {name: place.read_bytes() for name, place in taken.files.items()}
    content = ContentFile(f"{FOLDER}/{taken.article.path}", taken.content, files)
    said = words.of(root, settings.language)
    from press.root import cache_folder

    return gist.read(content, settings, said, languages.languages(), cache_folder(root)).gist
