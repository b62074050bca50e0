"""Gives a post what an article needs: a body in our Markdown, a title, a date, a description."""

import re
from datetime import UTC, date, datetime, time

from press.fields import BAD_CHARACTER
from press.importing import codeblocks, headings, markup
from press.importing.post import Lines, Post
from press.model import tag_slug

SENTENCE = 160
"""Characters of a description that is made of a text."""
NO_PROSE = re.compile(r"\s*(?:[#>|!<+*-]|\d+\.|\[\^)|    |.*\{[{%]")
"""A line of anything but a paragraph, or with something of a tool's templates in it."""


def moment(value: date) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time.min)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def complete(post: Post, now: datetime) -> None:
    """Give a post all that an article needs."""
    title, rest = headings.title(post.body)
    if title and (not post.title or title == post.title):
        post.title, post.body = title, rest
    post.title = BAD_CHARACTER.sub(" ", post.title).strip() or post.place.stem
    if post.date is None:
        post.date = now.date()
        if not post.draft:
            post.needs(1, "it has no date that can be read: it comes as a draft")
            post.draft = True
    if post.updated and moment(post.updated) < moment(post.date):
        post.needs(1, "it was changed before it was written: the later date is left out")
        post.updated = None
    nameless = [tag for tag in post.tags if not tag_slug(tag)]
    for tag in nameless:
        post.needs(1, f"the tag `{tag}` has no letter and no digit: left out")
    post.tags = list(dict.fromkeys(tag for tag in post.tags if tag not in nameless))
    _convert(post)
    if not post.description:
        post.description = _first_words(post.body) or post.title
        post.needs(1, "it has no description: its first words stand for one")


def _convert(post: Post) -> None:
    body = [(number, BAD_CHARACTER.sub(" ", line)) for number, line in post.body]
    body = codeblocks.outside(body, lambda run: markup.convert(headings.atx(run), post))
    body = codeblocks.convert(body, post)
    to = headings.levels(codeblocks.prose(body), post)
    post.body = codeblocks.outside(body, lambda run: _close(headings.leveled(run, to)))


def _first_words(body: Lines) -> str:
    """The first paragraph as plain text, cut at the end of a word."""
    texts: list[str] = []
    for _, line in codeblocks.prose(body):
        if line.strip() and not NO_PROSE.match(line):
            texts.append(line.strip())
        elif _says_something(texts):
            break
        else:
            texts = []
    text = re.sub(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", " ".join(texts))
    text = re.sub(r"<[^>]*>|\{[:.#][^}]*\}|[*`$]", "", text).strip()
    if len(text) <= SENTENCE:
        return text
    return text[:SENTENCE].rpartition(" ")[0].rstrip(".,;:") + " …"


def _says_something(texts: list[str]) -> bool:
    """Whether a paragraph has words one after the other, and is no mere link or image."""
    plain = re.sub(r"!?\[[^\]]*\]\([^)]*\)", "", " ".join(texts))
    return re.search(r"\w+[,;:]?\s+\w+", plain) is not None


def _close(lines: Lines) -> Lines:
    """Lines outside of fences, without more than one empty one in a row."""
    return [
        one
        for index, one in enumerate(lines)
        if one[1].strip() or not index or lines[index - 1][1].strip()
    ]
