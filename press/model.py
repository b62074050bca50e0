"""The nouns of the press, frozen and without I/O; each type says how far the data has come."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import force_setattr

from press import digests
from press.config import Config
from press.problems import Problem, SourceText
from press.words import ENGLISH, Words

HIDDEN = re.compile(r"\s*#(?: |$)")
DOUBLED = re.compile(r"^(\s*)##")


class Language(Struct, frozen=True):
    """What a fence of a language that is proven may say after the name of its language."""

    name: str
    aliases: frozenset[str]
    options: Mapping[str, str] = field(default_factory=dict)
    """Name of each option -> what it does."""
    shares: str = ""
    """The language whose examples can go on from its own, and it from theirs; empty for none."""
    option_pattern: str = r"(?!)"
    """A regular expression for the options that no list can name, such as error codes."""


class Fence(Struct, frozen=True):
    """A fenced block of an article. Lines and columns count from 1, in the article's file."""

    line: int
    """Of the opening fence; the code begins in the next line."""
    column: int
    """Of the opening fence, and of the code, which loses what stands before it."""
    end: int
    """Line of the closing fence."""
    language: str
    """The canonical name of a language that is proven; else as written, in lower case, or ""."""
    options: Mapping[str, str]
    """Options in order; one without a value has ""."""
    code: str
    nesting: str
    """Markers of the containers (quotes, list items …) around it, as Python-Markdown wants them."""

    def __hash__(self) -> int:
        """Of what can have one: options are a dict."""
        return hash((self.line, self.column, self.language, self.code))

    @property
    def shown(self) -> str:
        """The code as readers see it: in Rust, lines that begin with `# ` are hidden (rustdoc)."""
        return _without_hidden(self.code) if self.language == "rust" else self.code


@lru_cache(maxsize=256)
def _without_hidden(code: str) -> str:
    """It is asked for a dozen times for each fence."""
    if "#" not in code:
        return code
    visible = [line for line in code.splitlines(keepends=True) if not HIDDEN.match(line)]
    return "".join(DOUBLED.sub(r"\1#", line) if "##" in line else line for line in visible)


class Setting(Struct, frozen=True):
    """What the examples of an article have in common."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    """What lies in their working folder: path, with slashes -> content."""
    online: bool = False
    """Whether they may reach other hosts."""
    requires_python: str = ""
    """The versions of Python that they are for, as in PEP 440; empty for any."""
    packages: tuple[str, ...] = ()
    """The Python packages that they use, each as in PEP 508."""
    crates: Mapping[str, object] = field(default_factory=dict)
    """The crates that they use, as in a Cargo.toml."""
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Name of a language -> the options that all its examples have unless they say otherwise."""


class Written(Struct, frozen=True):
    """A fence that is a file to the examples after it."""

    name: str
    """Its path in their working folder, with slashes."""
    content: str
    line: int
    """Of the opening fence."""


class Example(Struct, frozen=True, eq=False):
    """A fence in a language that is proven, with the output that the article shows for it.

    Two are the same if what is written for them is, whatever else their articles have.
    """

    article: SourceText
    fence: Fence
    expected: Fence | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    """Those of the fence, and those of its article where it says nothing."""
    setting: Setting = Setting()
    earlier: "tuple[Example, ...]" = ()
    """All examples before it in its article."""
    before: "tuple[Example, ...]" = ()
    """Those of them that it goes on from: they run before it and share their names with it."""
    written: tuple[Written, ...] = ()
    """The files that fences before it have made."""
    wrong: tuple[Problem, ...] = ()
    """What its fence asks for that can't be: such an example fails, and is not run for itself."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Example) and _written(self) == _written(other)

    @property
    def new(self) -> tuple[Written, ...]:
        """Those of them that the example which it goes on from did not have."""
        had = self.before[-1].written if self.before else ()
        return tuple(one for one in self.written if one not in had)

    @property
    def where(self) -> str:
        return f"{self.article.path}:{self.fence.line}:{self.fence.column}"


_written = attrgetter("article", "fence", "expected", "options")


class Workshop(Struct, frozen=True):
    """What a language may use to prove examples."""

    cache: Path
    """A folder for what is costly to make again."""
    root: Path | None = None
    """The publication, which examples don't see."""


class Verdict(StrEnum):
    PROVEN = "proven"
    """It ran, and did what the article shows."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """By its author, for a reason that they give."""
    NOT_PROVEN = "not proven here"
    """Nothing here could run it."""


class Proof(Struct, frozen=True):
    """What came of running an example."""

    example: Example
    verdict: Verdict
    output: str = ""
    """Standard output as observed."""
    reason: str = ""
    """What failed, in one line; or why it was not run."""
    detail: str = ""
    """More lines: the traceback in terms of the article's lines, or a diff."""
    line: int = 0
    """The article's line where it failed; 0 is the opening fence."""
    hint: str = ""
    """What to do about a failure."""
    how: str = ""
    """What was done, and with what, for readers: "ran with Python 3.11.7"."""
    status: int | None = 0
    """Exit status, negative for a signal; None where it did not end or did not run."""
    seconds: float = 0.0
    """What it took, when it ran last."""
    passes: bool = False
    """Of one that is skipped: whether it would be proven."""
    level: str = ""
    """Of the isolation that it ran at; empty for one that did not run."""

    @property
    def where(self) -> str:
        return self.example.where

    @property
    def mark(self) -> "Mark":
        return Mark(self.where, self.verdict, self.how, self.reason, self.passes)


class Mark(Struct, frozen=True, array_like=True, gc=False):
    """What a site tells of a proof: the fields of the same names."""

    where: str
    verdict: Verdict
    how: str = ""
    reason: str = ""
    passes: bool = False


class Change(Struct, frozen=True):
    """One entry of an article's own history."""

    date: datetime
    note: str
    correction: bool = False
    """Whether it says that the article was wrong: who read it before has to know."""


class Article(Struct, frozen=True):
    """What a content file says of its article. All dates have a zone."""

    path: str
    """Of the content file, from the publication's folder, with slashes."""
    number: int
    slug: str
    id: str
    title: str
    description: str
    date: datetime
    updated: datetime
    draft: bool
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    aliases: tuple[str, ...]
    changes: tuple[Change, ...]
    beside: tuple[str, ...]
    """What lies beside `index.md`: paths from the article's folder."""

    @property
    def page(self) -> str:
        """Its page in the site."""
        return f"{self.slug}.html"

    @property
    def corrections(self) -> tuple[Change, ...]:
        """The changes that say what was wrong."""
        return tuple(change for change in self.changes if change.correction)

    @property
    def other_changes(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.correction)


class Manuscript(Article, frozen=True):
    """A parsed content file."""

    source: SourceText
    body_line: int
    """The line of the file where the body begins."""
    markdown: str
    """Its body with a slot for each fence and each piece of raw HTML."""
    fences: tuple[Fence, ...]
    raw: tuple[str, ...]
    """Comments and elements of several lines that Markdown leaves alone."""
    examples: tuple[Example, ...]
    files: Mapping[str, bytes]
    """The content of each file of `beside`."""


class Heading(Struct, frozen=True, array_like=True, gc=False):
    """A section's title, for the contents of a page. Level 2 is the highest in an article."""

    level: int
    id: str
    html: str


class Fragment(Struct, frozen=True):
    """An article's body as HTML, with a slot for each fence and links as the author wrote them."""

    html: str
    headings: tuple[Heading, ...]
    ids: frozenset[str]
    links: tuple[str, ...]
    formulas: tuple[str, ...] = ()
    """Those within its text, as the author wrote them, each once."""


class Listed(Struct, frozen=True):
    """A published article as other pages tell of it."""

    article: Article
    headings: tuple[Heading, ...]
    minutes: int
    """That it takes to read."""
    examples: int
    """How many it has."""
    proven: int
    """How many of them ran and did what it shows."""
    digest: str
    """Of all this."""


digests.by_name(Listed, attrgetter("digest"))


class Published(Listed, frozen=True):
    """A published article with its HTML, once for the page and once for feeds (absolute, plain
    code)."""

    html: str
    feed_html: str


class Tag(Struct, frozen=True):
    """What some articles are about."""

    name: str
    """As its first article writes it."""
    articles: tuple[Listed, ...]
    """In the order of their numbers."""

    @property
    def slug(self) -> str:
        """Its name in addresses: letters and digits of any script, and single hyphens."""
        return tag_slug(self.name)

    @property
    def page(self) -> str:
        """Its page in the site."""
        return f"tags/{self.slug}.html"


@lru_cache(maxsize=4096)
def tag_slug(name: str) -> str:
    """What a tag is called in addresses; empty for one without letters and digits."""
    words = name.casefold().replace("+", " plus ").replace("#", " sharp ")
    return "-".join(re.findall(r"[^\W_]+", words))


class Site(Struct, frozen=True):
    """All that is published, articles in the order of their numbers."""

    config: Config
    articles: tuple[Listed, ...]
    words: Words = ENGLISH
    """What is said around them."""
    coming: Article | None = None
    """The next part, if readers are told of it before it is out."""

    tags: tuple[Tag, ...] = ()
    """By name. Tags that differ only in how they are written are one. Told by the articles."""
    is_proven: bool | None = None
    """Whether all of its examples have run; None if there are none. Told by the articles."""

    def __post_init__(self) -> None:
        found: dict[str, tuple[str, list[Listed]]] = {}
        for published in self.articles:
            named = {tag_slug(name): name for name in reversed(published.article.tags)}
            for slug, name in named.items():
                found.setdefault(slug, (name, []))[1].append(published)
        tags = [Tag(name, tuple(articles)) for name, articles in found.values()]
        force_setattr(self, "tags", tuple(sorted(tags, key=lambda tag: tag.slug)))
        examples = sum(one.examples for one in self.articles)
        is_proven = sum(one.proven for one in self.articles) == examples if examples else None
        force_setattr(self, "is_proven", is_proven)


class TagLink(Struct, frozen=True):
    """A tag, as the page of an article names it."""

    name: str
    page: str


class Place(Struct, frozen=True):
    """Where an article stands in its series: all that its page tells of anything but itself.

    Nothing here changes for the others when the series goes on.
    """

    position: int
    """From 1."""
    previous: Listed | None
    next: Listed | None
    tags: tuple[TagLink, ...]
    """Its own."""
    coming: Article | None
    """What comes after the last one; None for any other."""
    is_proven: bool | None
    """As that of the whole site."""


class FeedLink(Struct, frozen=True):
    """A feed, as pages name it."""

    title: str
    """Of the series, or of the series and a tag."""
    label: str
    """What its format is called: "RSS"."""
    path: str
    """In the site."""
    url: str
    media_type: str


class OutputFile(Struct, frozen=True):
    """A file of the site, not yet written. `path` is relative, with slashes."""

    path: str
    content: bytes
