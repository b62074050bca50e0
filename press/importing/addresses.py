"""Where the links of a post lead: to articles, to files that come along, or nowhere any more."""

import os
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from press.fences import SPAN
from press.importing.codeblocks import outside
from press.importing.markup import apart_from_code
from press.importing.post import Blog, Lines, Post, is_own
from press.links import AFTER_ADDRESS, BEFORE_ADDRESS, SCHEME

REF = "ref:"
"""What an address begins with that names a post as its tool does, not by its place."""
IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<address><[^>]*>|[^)\s]*)(?P<title>[^)]*)\)")
SERIES_PAGE = "/index.html"
PAGES = frozenset([".md", ".markdown", ".html", ".rst"])
"""What is no file beside an article, though it lies there."""
NO_LINK = re.compile(r"\s*(?:\*\[|\[\^)")
"""What a line begins with that looks as if it named an address: an abbreviation, a footnote."""


@dataclass(frozen=True, slots=True)
class Article:
    """What a post becomes."""

    post: Post
    name: str
    """`NNN-slug`."""
    is_folder: bool
    is_draft: bool
    ids: frozenset[str]
    """Of its sections; empty where they are not known yet."""

    @property
    def path(self) -> str:
        return f"{self.name}/index.md" if self.is_folder else f"{self.name}.md"


@dataclass
class Addresses:
    """What addresses mean in a blog."""

    blog: Blog
    articles: Sequence[Article]
    _by_name: dict[str, Article] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in reversed(self.articles):
            post = one.post
            names = {post.path, Path(post.path).stem, *post.names, *map(plain, post.addresses)}
            self._by_name |= dict.fromkeys(names, one)

    def article(self, path: str, post: Post) -> Article | None:
        """The article that an address without its fragment leads to."""
        if path.startswith(REF):
            name = path.removeprefix(REF).strip("/")
            found = self._by_name.get(name) or self._by_name.get(name.removesuffix(".md"))
            return found or self._by_name.get(posixpath.basename(name).removesuffix(".md"))
        if path.startswith("/"):
            return self._by_name.get(plain(path))
        place = posixpath.normpath(posixpath.join(posixpath.dirname(post.path), path))
        nearby = self._by_name.get(place) or self._by_name.get(f"{place}/index.md")
        if nearby or not post.addresses:
            return nearby
        return self._by_name.get(plain(posixpath.join(post.addresses[0], path)))

    def file(self, path: str, post: Post) -> Path | None:
        """The file of the blog that an address without its fragment leads to."""
        name = path.removeprefix(REF)
        if name.startswith("/"):
            places = [folder / name.lstrip("/") for folder in (*self.blog.statics, self.blog.root)]
        else:
            places = [post.place.parent / name, *(folder / name for folder in self.blog.statics)]
        return next((one for one in places if self._comes_along(one)), None)

    def _comes_along(self, place: Path) -> bool:
        return place.suffix.lower() not in PAGES and is_own(place, self.blog.root)


def plain(path: str) -> str:
    """An address of a site in one form, however it ends."""
    path = "/" + posixpath.normpath(unquote(path)).strip("/.")
    return path.removesuffix("/index.html").removesuffix(".html") or "/"


@dataclass
class Resolver:
    """Rewrites the addresses of one post, and gathers the files that it brings."""

    addresses: Addresses
    own: Article
    files: dict[str, Path] = field(default_factory=dict)
    """Name beside the article -> file of the blog."""

    def lines(self, lines: Lines) -> Lines:
        return outside(
            lines, lambda run: [(number, self._line(number, line)) for number, line in run]
        )

    def _line(self, number: int, line: str) -> str:
        line = apart_from_code(IMAGE, line, lambda match: self._image(match, number))
        masked = SPAN.sub(lambda span: " " * len(span[0]), line)
        made, at = "", 0
        for before in BEFORE_ADDRESS.finditer(masked):
            start = end = before.end()
            stops = ">" if before[0].endswith("<") else AFTER_ADDRESS
            while end < len(line) and line[end] not in stops:
                end += 1
            if before[0].startswith("]:") and NO_LINK.match(line):
                continue
            if (
                start < at
                or start == end
                or (before[0] == "<" and not SCHEME.match(line[start:end]))
            ):
                continue
            made += line[at:start] + self._address(line[start:end], number)
            at = end
        return made + line[at:]

    def _image(self, match: re.Match[str], number: int) -> str:
        address = match["address"].strip("<>")
        if self._own_path(address) is None and SCHEME.match(address):
            self.own.post.needs(number, f"an image of another host is a link now: {address}")
            return f"[{match['alt'] or address}]({address})"
        found = self._file(self._own_path(address) or address)
        if found is None:
            self.own.post.needs(number, f"there is no image `{address}`: its words stand for it")
            return match["alt"] or "image"
        return f"![{match['alt']}]({found}{match['title']})"

    def _own_path(self, address: str) -> str | None:
        """The path of a whole address of the blog itself."""
        url = self.addresses.blog.url
        if not url or not f"{address}/".startswith(f"{url}/"):
            return None
        return urlsplit(address[len(url) :]).geturl() or "/"

    def _address(self, address: str, number: int) -> str:
        local = self._own_path(address)
        if local is None and SCHEME.match(address) and not address.startswith(REF):
            return address
        local = local or address
        path, mark, fragment = local.partition("#")
        path = unquote(path.partition("?")[0])
        if local.startswith("#"):
            return self._section(address, number)
        if not path or local.startswith("//"):
            return address
        if path in (SERIES_PAGE, "/", "/index.html") or path in self.files:
            return SERIES_PAGE if path.startswith("/") else address
        article = self.addresses.article(path, self.own.post)
        if article is None:
            found = self._file(path)
            if found is None:
                self._tell(
                    number, f"`{address.removeprefix(REF)}` leads to nothing that came along"
                )
                return SERIES_PAGE
            return found + mark + fragment
        return self._to(article, fragment, number, address)

    def _to(self, article: Article, fragment: str, number: int, address: str) -> str:
        if article.is_draft and not self.own.is_draft:
            self._tell(number, f"`{address.removeprefix(REF)}` leads to a draft")
            return SERIES_PAGE
        if fragment and article.ids and unquote(fragment) not in article.ids:
            self.own.post.needs(number, f"there is no section `#{fragment}` to lead to")
            fragment = ""
        up = "../" if self.own.is_folder else ""
        return quote(f"{up}{article.path}") + (f"#{fragment}" if fragment else "")

    def _section(self, address: str, number: int) -> str:
        """The address of a section of the article itself."""
        if not self.own.ids or unquote(address[1:]) in self.own.ids:
            return address
        self.own.post.needs(number, f"there is no section `{address}` to lead to")
        return self.own.path.rpartition("/")[2]

    def _tell(self, number: int, what: str) -> None:
        self.own.post.needs(number, f"{what}: it leads to the series page now")

    def _file(self, path: str) -> str | None:
        """The name that a file of the blog has beside the article."""
        place = self.addresses.file(
            unquote(path.partition("#")[0].partition("?")[0]), self.own.post
        )
        if place is None:
            return None
        bundle = self.own.post.bundle
        if bundle and place.is_relative_to(bundle):
            name = place.relative_to(bundle).as_posix()
        else:
            name = free(place.name, place, self.files)
        self.files[name] = place
        return quote(name)


def free(name: str, place: Path, taken: Mapping[str, Path]) -> str:
    """A name for a file that no other file has: with a number behind it, if need be."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  # of a name, not of a path
    names: Iterable[str] = (name, *(f"{stem}-{n}{suffix}" for n in range(2, 10_000)))
    return next(one for one in names if taken.get(one, place) == place and one != "index.md")
