"""What a mail shows of an article: all of it, or as much as fits, up to a heading."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from press import letter
from press.letter import Letter
from press.manifest import Entry
from press.problems import Code, Problem, ProblemsFound
from press.root import typed


@dataclass(frozen=True, slots=True)
class Body:
    """Some sections of an article, from its beginning."""

    html: str = field(repr=False)
    text: str = field(repr=False)
    links: tuple[str, ...]
    """Those of the text, which counts them from 1."""
    is_cut: bool
    """Whether there is more of the article."""


def read(site: Path, article: Entry, files: Mapping[str, str]) -> Letter | None:
    """The letter of an article in a built site, or None where the build made none.

    Raises ProblemsFound where it is not the one that was built.
    """
    if not article.letter:
        return None
    try:
        content = (site / article.letter).read_bytes()
        if sha256(content).hexdigest() == files.get(article.letter):
            return letter.parse(content)
        message = "this is not the text that was built for mail"
    except OSError as error:
        message = f"can't read: {error.strerror}"
    except (ValueError, KeyError, TypeError, RecursionError):
        message = "this is not a text for mail of this version"
    where = f"{site.name}/{article.letter}"
    raise ProblemsFound([Problem(where, 0, 0, Code.NOT_BUILT, message, f"run {typed()} first")])


def body(whole: Letter, count: int) -> Body | None:
    """The first sections of an article; None where there is nothing in them."""
    some = whole.sections[:count]
    html = "\n".join(one.html for one in some if one.html)
    text = "\n\n".join(one.text for one in some if one.text)
    links = tuple(link for one in some for link in one.links)
    return Body(html, text, links, count < len(whole.sections)) if html else None


def fitting(whole: Letter, fits: Callable[[Body | None], bool]) -> Body | None:
    """The most of an article that fits; None where nothing of it does."""
    least, most = 0, len(whole.sections)
    if fits(everything := body(whole, most)):
        return everything
    while most - least > 1:
        middle = (least + most) // 2
        if fits(body(whole, middle)):
            least = middle
        else:
            most = middle
    return body(whole, least)
