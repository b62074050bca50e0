"""What an article says of its own changes, for feeds: corrections before its text, others after."""

from collections.abc import Sequence
from html import escape

from press.model import Article, Change
from press.words import Words


def around(html: str, article: Article, words: Words) -> str:
    """The HTML of an article, with its history."""
    return _corrections(article, words) + html + _others(article.other_changes, words)


def _corrections(article: Article, words: Words) -> str:
    """What was wrong, the newest first."""
    return "".join(
        f"<p><strong>{escape(_label(change, words))}</strong> {escape(change.note, quote=False)}"
        "</p>\n"
        for change in reversed(article.corrections)
    )


def _label(change: Change, words: Words) -> str:
    return words.gettext("Correction, %(day)s:", day=words.day(change.date))


def _others(changes: Sequence[Change], words: Words) -> str:
    if not changes:
        return ""
    items = "".join(
        f"<li>{escape(words.day(change.date))} {escape(change.note, quote=False)}</li>\n"
        for change in changes
    )
    heading = words.gettext("Changes")
    return f"\n<h2>{escape(heading)}</h2>\n<ul>\n{items}</ul>"
