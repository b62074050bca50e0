"""All articles of a publication, by number, with what is wrong among them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from press import config, languages, source
from press.model import Article, Manuscript
from press.problems import Code, Problem, ProblemsFound


def read(root: Path, settings: config.Config) -> tuple[list[Manuscript], list[str], list[Problem]]:
    """All articles by number, the paths of those that can't be parsed, and all problems."""
    entries, problems = source.entries(root)
    known = languages.languages()
    articles: list[Manuscript] = []
    unparsed = [problem.path for problem in problems]
    for entry in entries:
        try:
            article, more = source.parse(source.read(entry, root), settings, known)
        except ProblemsFound as error:
            article, more = None, list(error.problems)
        problems += more
        if article:
            articles.append(article)
        else:
            unparsed.append(entry.path)
    articles.sort(key=order)
    return articles, unparsed, problems + list(duplicates(articles))


def order(article: Article) -> tuple[int, str]:
    """What articles are sorted by."""
    return article.number, article.path


def coming(held_back: Sequence[Article], now: datetime) -> Article | None:
    """The next article that has a date, and is not out at a time; no draft."""
    dated = [one for one in held_back if not one.draft and one.date > now]
    return min(dated, key=lambda one: (one.date, one.number), default=None)


def duplicates(articles: Sequence[Article]) -> Iterator[Problem]:
    """A Problem for each number, slug or id that a second article takes."""
    for name in ("number", "slug", "id"):
        first: dict[object, Article] = {}
        for article in articles:
            other = first.setdefault(getattr(article, name), article)
            # An id that was not given is the slug: one problem is enough for both.
            if other is not article and not (name == "id" and other.slug == article.slug):
                message = f"{other.path} has the same {name}: {getattr(article, name)}"
                hint = f"give one of them another {name}"
                yield Problem(article.path, 0, 0, Code.DUPLICATE, message, hint)
