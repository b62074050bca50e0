"""Whether a generator has really made its site: pages, highlighting and a feed."""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from contest.corpora import Corpus
from contest.generators import Generator

BLOCKS = 8
"""Blocks of code that each article has."""

LOOKED_AT = 10
"""Articles whose pages are read, from the first to the last."""

PRE = re.compile(r"<pre\b.*?</pre>", re.DOTALL)
# Chroma puts each line into two of its own, whatever is in it.
SPAN = re.compile(r'<span class="(?!line"|cl")[^"]+"')
ENTRY = re.compile(r"\{http://www\.w3\.org/2005/Atom\}entry|item")


class NotMade(Exception):
    """Something of the site is not there; says what."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a build has left."""

    files: int
    mebibytes: float
    entries: int
    """Articles in its feed."""
    full: bool
    """Whether the feed has the whole text of each."""


def made(generator: Generator, corpus: Corpus) -> Made:
    """Look at a site that was built from a whole corpus; raises NotMade."""
    output = corpus.site / generator.output
    articles = corpus.articles()
    if len(articles) != corpus.count:
        raise NotMade(f"the corpus has {len(articles)} articles")
    if missing := [one for one in articles if not (output / generator.page(one)).is_file()]:
        raise NotMade(f"{len(missing)} pages are missing, as that of {missing[0].name}")
    for article in articles[:: max(1, len(articles) // LOOKED_AT)]:
        _highlighted(output / generator.page(article))
    entries, full = _feed(output / generator.feed)
    sizes = [path.stat().st_size for path in output.rglob("*") if path.is_file()]
    return Made(len(sizes), sum(sizes) / 2**20, entries, full)


def says(generator: Generator, corpus: Corpus, article: Path, words: str) -> None:
    """Look whether the page of an article has some words; raises NotMade."""
    page = corpus.site / generator.output / generator.page(article)
    if not page.is_file() or words not in page.read_text():
        raise NotMade(f"the page of {article.name} does not say {words!r}")


def title(article: Path) -> str:
    """An article's title, as its front matter has it."""
    found = re.search(r"^title: *\"?(.*?)\"?$", article.read_text(), re.MULTILINE | re.IGNORECASE)
    assert found
    return found[1]


def _highlighted(page: Path) -> None:
    blocks = [block for block in PRE.findall(page.read_text()) if len(SPAN.findall(block)) > 2]
    if len(blocks) < BLOCKS:
        raise NotMade(f"{page.name} has {len(blocks)} highlighted blocks")


def _feed(path: Path) -> tuple[int, bool]:
    """How many entries a feed has, and whether each has a block of code in it."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise NotMade(f"the feed: {error}") from error
    entries = [one for one in root.iter() if ENTRY.fullmatch(one.tag)]
    if not entries:
        raise NotMade("the feed has no entry")
    return len(entries), all("<pre" in "".join(one.itertext()) for one in entries)
